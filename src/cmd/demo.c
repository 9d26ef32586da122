#include "cmd/demo.h"

#include <stdio.h>

#include "cmd/desk.h"
#include "http/site.h"
#include "link/import.h"

typedef struct Person {
    const char *role_word;
    u32 role;
    const char *name, *email, *password;
    const char *passphrase; /* NULL: no key identity */
    u64 id;
    u8 box_public[SEAL_BOX_KEY_BYTES];
} Person;

/* clang-format off */
static const Person cast[] = {
    {"administrator", BY_ADMINISTRATOR, "Demo Administrator", "administrator@example.org", "demo-administrator", NULL, 0, {0}},
    {"planner", BY_PLANNER, "Demo Planner", "planner@example.org", "demo-planner", "keys of the planner", 0, {0}},
    {"proctor", BY_PROCTOR, "Demo Proctor", "proctor@example.org", "demo-proctor", "keys of the proctor", 0, {0}},
    {"reviewer", BY_REVIEWER, "Demo Reviewer", "reviewer@example.org", "demo-reviewer", "keys of the reviewer", 0, {0}},
};
static const struct { const char *name, *email, *number; u32 factor_permille; } listed[] = {
    {"Candidate One", "one@example.org", "1001", 1000},
    {"Candidate Two", "two@example.org", "1002", 1250},
    {"Candidate Three", "three@example.org", "1003", 1000},
};
/* clang-format on */

enum { PEOPLE = COUNT_OF(cast), DEMO_MINUTES = 45 };

bool demo_wanted(const char *data, bool *empty, char *why, size_t size)
{
    char path[4096];
    if (!site_data_path(data, "people.db", path, sizeof path, why, size)) return false;
    People *p = people_open(path, why, size);
    if (!p) return false;
    *empty = people_count(p) == 0;
    people_close(p);
    return true;
}

/* ---- people and their keys ---- */

static Err add_identity(Desk *d, Person *p)
{
    u8 box_private[SEAL_BOX_KEY_BYTES], sign_public[SEAL_SIGN_PUBLIC_BYTES];
    u8 sign_secret[SEAL_SIGN_SECRET_BYTES], both[64];
    Buf wrapped;
    buf_init(&wrapped, 1024);
    seal_box_keys(p->box_public, box_private);
    seal_sign_keys(sign_public, sign_secret);
    memcpy(both, box_private, 32);
    memcpy(both + 32, sign_secret, 32); /* the seed */
    Err err = seal_wrap_passphrase(span_of(p->passphrase), SPAN("invigil identity v1"),
                                   (Span){both, sizeof both}, &wrapped);
    if (err == OK) {
        err = people_set_identity(d->people, p->id, (Span){p->box_public, sizeof p->box_public},
                                  (Span){sign_public, sizeof sign_public}, buf_view(&wrapped));
    }
    buf_done(&wrapped);
    return err;
}

static Err add_person(Desk *d, Person *p)
{
    char hash[SEAL_PASSWORD_TEXT_BYTES];
    Err err = seal_password_hash(span_of(p->password), hash);
    if (err != OK) return err;
    User u = {.name = span_of(p->name),
              .email = span_of(p->email),
              .roles = p->role,
              .password = span_of(hash)};
    err = people_add(d->people, &u, &p->id);
    return err == OK && p->passphrase ? add_identity(d, p) : err;
}

/* ---- assessment and session ---- */

static u64 add_assessment(Desk *d, const Asker *planner, u32 *item_count)
{
    Arena a;
    Import in;
    u64 id = 0;
    arena_init(&a, ARENA_REQUEST_BYTES_MAX);
    Err err = import_read(&a, span_of(demo_questions), SPAN("demo.gift"), IMPORT_GIFT, &in);
    for (u32 i = 0; err == OK && i < in.error_count; i++)
        fprintf(stderr, "demo questions, line %u: %.*s\n", in.errors[i].line,
                SPAN_ARG(in.errors[i].reason));
    if (err == OK && in.refusal == ACCEPTED) {
        in.paper.name = SPAN("Ways of knowing: a short exam");
        *item_count = in.paper.item_count;
        id = desk_publish(d, planner, &in.paper, SPAN("GIFT"));
    }
    arena_done(&a);
    return id;
}

static bool assign(Desk *d, const Asker *planner, u64 session, const Person *p, Span context,
                   Span session_private)
{
    Command c = {.kind = CMD_assign};
    c.assign.user = p->id;
    c.assign.roles = (u8)p->role;
    if (!desk_ask(d, planner, session, session, &c)) return false;
    Buf wrapped;
    buf_init(&wrapped, 1024);
    bool fine = seal_wrap_to(p->box_public, context, session_private, &wrapped) == OK;
    c = (Command){.kind = CMD_add_key};
    c.add_key.user = p->id;
    c.add_key.wrapped = buf_view(&wrapped);
    fine = fine && desk_ask(d, planner, session, session, &c);
    buf_done(&wrapped);
    return fine;
}

static bool add_candidates(Desk *d, const Asker *planner, u64 session)
{
    for (size_t i = 0; i < COUNT_OF(listed); i++) {
        Command c = {.kind = CMD_invite};
        c.invite.name = span_of(listed[i].name);
        c.invite.email = span_of(listed[i].email);
        c.invite.number = span_of(listed[i].number);
        c.invite.factor_permille = listed[i].factor_permille;
        if (!desk_ask(d, planner, 0, session, &c)) return false;
    }
    return true;
}

static bool add_session(Desk *d, const Asker *planner, Person *people)
{
    static const char context_head[] = "invigil session key v1";
    u8 context[sizeof context_head - 1 + SEAL_BOX_KEY_BYTES];
    u8 public_key[SEAL_BOX_KEY_BYTES], private_key[SEAL_BOX_KEY_BYTES];
    Command c = {.kind = CMD_create_session};
    Cmd_create_session *s = &c.create_session;
    seal_box_keys(public_key, private_key);
    memcpy(context, context_head, sizeof context_head - 1);
    memcpy(context + sizeof context_head - 1, public_key, sizeof public_key);
    s->assessment = add_assessment(d, planner, &s->item_count);
    if (!s->assessment) return false;
    s->name = SPAN("Demo: proctored exam");
    s->code = SPAN(DEMO_CODE);
    s->opens_ms = desk_now_ms();
    s->starts_ms = s->opens_ms;
    s->duration_ms = (i64)DEMO_MINUTES * 60000;
    s->public_key = (Span){public_key, sizeof public_key};
    u64 session = desk_ask(d, planner, 0, 0, &c);
    bool fine = session != 0;
    for (size_t i = 0; fine && i < PEOPLE; i++) {
        if (people[i].passphrase) {
            fine = assign(d, planner, session, &people[i], (Span){context, sizeof context},
                          (Span){private_key, sizeof private_key});
        }
    }
    seal_wipe(private_key, sizeof private_key);
    return fine && add_candidates(d, planner, session);
}

/* ---- all of it ---- */

static bool fill(Desk *d, char *why, size_t size)
{
    Person people[PEOPLE];
    Asker planner = {.roles = BY_PLANNER};
    memcpy(people, cast, sizeof people);
    Err err = fact_set(d->people, "organization", SPAN("Northfield College"));
    if (err == OK) {
        err = fact_set(d->people, "support",
                       SPAN("Exam office of Northfield College: exams@example.org"));
    }
    for (size_t i = 0; err == OK && i < PEOPLE; i++) {
        err = add_person(d, &people[i]);
        if (people[i].role == BY_PLANNER) planner.user = people[i].id;
    }
    if (err != OK) snprintf(why, size, "The demo people cannot be stored: %s.", err_text(err));
    if (err != OK) return false;
    if (add_session(d, &planner, people)) return true;
    snprintf(why, size, "The demo session was refused: %s", refusal_text(d->refusal));
    return false;
}

bool demo_fill(const char *data, char *why, size_t size)
{
    Desk d;
    bool fine = desk_open(&d, data, false, why, size) && fill(&d, why, size);
    desk_close(&d);
    return fine;
}

void demo_print(const char *base)
{
    if (base) printf("\nInvigil is at %s\n", base);
    printf("\n  %-14s %-28s %-20s %s\n", "role", "e-mail", "password", "passphrase of the keys");
    for (size_t i = 0; i < PEOPLE; i++)
        printf("  %-14s %-28s %-20s %s\n", cast[i].role_word, cast[i].email, cast[i].password,
               cast[i].passphrase ? cast[i].passphrase : "-");
    printf("\n  Candidates join with the code " DEMO_CODE " and one of these:\n");
    for (size_t i = 0; i < COUNT_OF(listed); i++)
        printf("  %-14s number %s\n", listed[i].name, listed[i].number);
    printf("  Everybody else with the code may join too.\n\n");
    fflush(stdout);
}
