/* cmd_user.c - people of the institution from the command line: the first accounts of an installation,
 * and a new password for somebody who forgot theirs. The server may run meanwhile. */
#include <stdio.h>

#include "base/arena.h"
#include "base/limits.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "http/show.h"
#include "http/site.h"
#include "seal/seal.h"
#include "store/people.h"

enum { PASSWORD_CHARS_MIN = 12, PASSWORD_BYTES_MAX = 1024 };

typedef struct Wish {
    const char *data, *email, *name, *roles;
} Wish;

static int say_no(const char *what)
{
    fprintf(stderr, "invigil user: %s\n", what);
    return 1;
}

/* "planner,proctor" as bits; 0: a word is no role. */
static u32 read_roles(Span text)
{
    u32 roles = 0;
    Span word, rest = text;
    while (rest.len) {
        if (!text_cut(rest, ',', &word, &rest)) {
            word = rest;
            rest = SPAN_NONE;
        }
        u32 role = role_by_name(text_trim(word));
        if (!(role & BY_STAFF)) return 0;
        roles |= role;
    }
    return roles;
}

/* One line of standard input, so that no password stands in a list of processes. */
static bool read_password(char hash[SEAL_PASSWORD_TEXT_BYTES])
{
    char line[PASSWORD_BYTES_MAX];
    fprintf(stderr, "Password (at least %d characters, on one line): ", PASSWORD_CHARS_MIN);
    if (!fgets(line, sizeof line, stdin)) return false;
    Span password = text_trim(span_of(line));
    bool good = text_is_utf8(password) && text_count_chars(password) >= PASSWORD_CHARS_MIN;
    bool hashed = good && seal_password_hash(password, hash) == OK;
    seal_wipe(line, sizeof line);
    return hashed;
}

static int add_user(People *p, const Wish *w)
{
    char hash[SEAL_PASSWORD_TEXT_BYTES];
    if (!w->email || !w->name || !w->roles) return say_no("add needs --email, --name and --roles");
    User u = {.name = span_of(w->name),
              .email = span_of(w->email),
              .roles = read_roles(span_of(w->roles))};
    if (!u.roles)
        return say_no(
            "--roles takes planner, proctor, reviewer, grader, administrator, with commas between");
    if (!u.name.len || u.name.len > NAME_BYTES_MAX || !text_is_utf8(u.name))
        return say_no("--name is empty or too long");
    if (!memchr(u.email.ptr, '@', u.email.len) || u.email.len > NAME_BYTES_MAX)
        return say_no("--email is no e-mail address");
    if (!read_password(hash))
        return say_no("the password is too short or not UTF-8 text; nobody was added");
    u.password = span_of(hash);
    Err err = people_add(p, &u, &u.id);
    if (err == ERR_BUSY) return say_no("somebody has this e-mail address already");
    if (err) return say_no(err_text(err));
    printf("%s may sign in now. Keys for recordings are made at the first sign-in.\n", w->email);
    return 0;
}

static int set_password(People *p, Arena *a, const Wish *w)
{
    User u;
    char hash[SEAL_PASSWORD_TEXT_BYTES];
    if (!w->email) return say_no("password needs --email");
    if (people_by_email(p, span_of(w->email), a, &u))
        return say_no("nobody has this e-mail address");
    if (!read_password(hash))
        return say_no("the password is too short or not UTF-8 text; nothing was changed");
    Err err = people_set_password(p, u.id, span_of(hash));
    if (err) return say_no(err_text(err));
    printf(
        "%s has a new password. The passphrase of the keys is another thing and stays as it was.\n",
        w->email);
    return 0;
}

static int list_users(People *p, Arena *a)
{
    User *users;
    u32 count;
    Err err = people_list(p, BY_STAFF, a, &users, &count);
    if (err) return say_no(err_text(err));
    for (u32 i = 0; i < count; i++) {
        printf("%-32.*s %-24.*s", SPAN_ARG(users[i].email), SPAN_ARG(users[i].name));
        for (u32 role = 1; role <= BY_ADMINISTRATOR; role <<= 1)
            if (users[i].roles & role) printf(" %s", role_name(role));
        printf("%s\n", users[i].box_public.len ? "" : " (no keys yet)");
    }
    if (!count) printf("Nobody is here yet: invigil user add\n");
    return 0;
}

static int run_wish(const char *verb, const Wish *w)
{
    char path[4096], why[512];
    Arena a;
    if (!site_data_path(w->data, "people.db", path, sizeof path, why, sizeof why))
        return say_no(why);
    People *p = people_open(path, why, sizeof why);
    if (!p) return say_no(why);
    arena_init(&a, ARENA_REQUEST_BYTES_MAX);
    int status = 2;
    if (!strcmp(verb, "add")) status = add_user(p, w);
    else if (!strcmp(verb, "password")) status = set_password(p, &a, w);
    else if (!strcmp(verb, "list")) status = list_users(p, &a);
    else say_no("say add, password or list");
    arena_done(&a);
    people_close(p);
    return status;
}

int cmd_user(int argc, char **argv)
{
    Wish w = {.data = DATA_STANDARD};
    const char *verb = NULL;
    size_t words = 0;
    const Flag flags[] = {{"--data", &w.data, NULL},
                          {"--email", &w.email, NULL},
                          {"--name", &w.name, NULL},
                          {"--roles", &w.roles, NULL}};
    if (!flags_read(argc, argv, flags, COUNT_OF(flags), &verb, 1, &words)) return 2;
    if (words != 1) {
        say_no("say add, password or list");
        return 2;
    }
    if (seal_init()) return say_no("the crypto library does not start");
    return run_wish(verb, &w);
}
