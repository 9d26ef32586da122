/* People, sign-ins and facts: what is stored comes back, doubles are refused, erased means erased. */
#include "base/limits.h"
#include "store/people.h"
#include "store/sqlite.h"
#include "test/store/kit.h"
#include "test/test.h"

#include "wire/wire.h"

static Arena arena;

static People *people_new(void)
{
    char why[300];
    People *p = people_open(in_folder("people.db"), why, sizeof why);
    if (!p) printf("  %s\n", why);
    CHECK(p);
    arena_done(&arena);
    arena_init(&arena, 1 << 20);
    return p;
}

static u64 add(People *p, const char *name, const char *email, u32 roles)
{
    User u = {.name = span_of(name),
              .email = span_of(email),
              .roles = roles,
              .password = SPAN("$argon2id$x")};
    u64 id = 0;
    CHECK_EQUAL(people_add(p, &u, &id), OK);
    CHECK(id);
    return id;
}

TEST("A user comes back by id and by address, also after a restart.")
{
    folder_new();
    People *p = people_new();
    User u = {.name = SPAN("Ad\xc3\xa8le Martin"),
              .email = SPAN("adele@example.org"),
              .roles = BY_PROCTOR | BY_REVIEWER,
              .password = SPAN("$argon2id$v=19"),
              .box_public = SPAN("12345678901234567890123456789012"),
              .sign_public = SPAN("abcdefghijklmnopqrstuvwxyzabcdef"),
              .wrapped_private = SPAN("\x01\x00\xff wrapped")};
    u64 id;
    CHECK_EQUAL(people_add(p, &u, &id), OK);
    people_close(p);
    p = people_new();
    User have;
    for (int by = 0; by < 2; by++) {
        CHECK_EQUAL(by ? people_by_id(p, id, &arena, &have)
                       : people_by_email(p, u.email, &arena, &have),
                    OK);
        CHECK_EQUAL(have.id, id);
        CHECK_EQUAL(have.roles, u.roles);
        CHECK(!have.suspended);
        CHECK(span_equal(have.name, u.name) && span_equal(have.email, u.email));
        CHECK(span_equal(have.password, u.password) && span_equal(have.box_public, u.box_public));
        CHECK(span_equal(have.sign_public, u.sign_public));
        CHECK(span_equal(have.wrapped_private, u.wrapped_private));
    }
    people_close(p);
}

TEST("Letter case does not count in addresses, and an address belongs to one person.")
{
    folder_new();
    People *p = people_new();
    u64 id = add(p, "A", "Proctor@Example.ORG", BY_PROCTOR), other = 0;
    User u = {.name = SPAN("B"), .email = SPAN("pROCTOR@example.org")}, have;
    CHECK_EQUAL(people_add(p, &u, &other), ERR_BUSY);
    CHECK_EQUAL(other, 0);
    CHECK_EQUAL(people_by_email(p, SPAN("proctor@example.org"), &arena, &have), OK);
    CHECK_EQUAL(have.id, id);
    CHECK_TEXT(have.email, "Proctor@Example.ORG");
    CHECK_EQUAL(people_count(p), 1);
    people_close(p);
}

TEST("Several people may have no address, and nobody is found by none.")
{
    folder_new();
    People *p = people_new();
    add(p, "A", "", BY_CANDIDATE);
    add(p, "B", "", BY_CANDIDATE);
    User have;
    CHECK_EQUAL(people_by_email(p, SPAN_NONE, &arena, &have), ERR_MISSING);
    CHECK_EQUAL(people_by_email(p, SPAN("nobody@example.org"), &arena, &have), ERR_MISSING);
    CHECK_EQUAL(people_by_id(p, 99, &arena, &have), ERR_MISSING);
    CHECK_EQUAL(people_count(p), 2);
    people_close(p);
}

TEST("Text that looks like SQL is text.")
{
    folder_new();
    People *p = people_new();
    add(p, "x'); DROP TABLE user; --", "a'b@example.org", BY_PROCTOR);
    User have;
    CHECK_EQUAL(people_by_email(p, SPAN("a'b@example.org"), &arena, &have), OK);
    CHECK_TEXT(have.name, "x'); DROP TABLE user; --");
    CHECK_EQUAL(people_by_email(p, SPAN("' OR 1=1 --"), &arena, &have), ERR_MISSING);
    people_close(p);
}

TEST("An address that is too long is refused, not cut.")
{
    folder_new();
    People *p = people_new();
    char longer[EMAIL_BYTES_MAX + 1];
    memset(longer, 'a', sizeof longer);
    User u = {.email = {(u8 *)longer, sizeof longer}}, have;
    u64 id;
    CHECK_EQUAL(people_add(p, &u, &id), ERR_LIMIT);
    CHECK_EQUAL(people_by_email(p, u.email, &arena, &have), ERR_MISSING);
    people_close(p);
}

TEST("People are listed by role and name.")
{
    folder_new();
    People *p = people_new();
    add(p, "carla", "c@example.org", BY_PROCTOR);
    add(p, "Anton", "a@example.org", BY_PROCTOR | BY_PLANNER);
    add(p, "Bea", "b@example.org", BY_REVIEWER);
    User *list;
    u32 count;
    CHECK_EQUAL(people_list(p, BY_PROCTOR | BY_PLANNER, &arena, &list, &count), OK);
    CHECK_EQUAL(count, 2);
    CHECK_TEXT(list[0].name, "Anton");
    CHECK_TEXT(list[1].name, "carla");
    CHECK_EQUAL(people_list(p, BY_ADMINISTRATOR, &arena, &list, &count), OK);
    CHECK_EQUAL(count, 0);
    people_close(p);
}

TEST("Identity and password can be set, for people who exist.")
{
    folder_new();
    People *p = people_new();
    u64 id = add(p, "A", "a@example.org", BY_PROCTOR);
    CHECK_EQUAL(people_set_identity(p, id, SPAN("box"), SPAN("sign"), SPAN("wrapped")), OK);
    CHECK_EQUAL(people_set_password(p, id, SPAN("$new")), OK);
    User have;
    CHECK_EQUAL(people_by_id(p, id, &arena, &have), OK);
    CHECK_TEXT(have.box_public, "box");
    CHECK_TEXT(have.sign_public, "sign");
    CHECK_TEXT(have.wrapped_private, "wrapped");
    CHECK_TEXT(have.password, "$new");
    CHECK_EQUAL(people_set_identity(p, id + 1, SPAN("box"), SPAN("sign"), SPAN("w")), ERR_MISSING);
    CHECK_EQUAL(people_set_password(p, id + 1, SPAN("$new")), ERR_MISSING);
    people_close(p);
}

TEST("A result that does not fit the caller's memory is told, not cut.")
{
    folder_new();
    People *p = people_new();
    u64 id = add(p, "A", "a@example.org", BY_PROCTOR);
    Arena small;
    User have;
    arena_init(&small, 40);
    CHECK_EQUAL(people_by_id(p, id, &small, &have), ERR_MEMORY);
    arena_done(&small);
    people_close(p);
}

/* ---- sign-ins ---- */

TEST("A sign-in is found by its token's hash until it is removed.")
{
    folder_new();
    People *p = people_new();
    u8 token[32], other[32];
    memset(token, 7, 32);
    memset(other, 8, 32);
    SignIn in = {.user = 3,
                 .attempt = 1u << 20,
                 .made_ms = 1763700000000,
                 .expires_ms = 1763743200000},
           have;
    CHECK_EQUAL(signin_add(p, token, &in), OK);
    CHECK_EQUAL(signin_find(p, token, &have), OK);
    CHECK_EQUAL(have.user, 3);
    CHECK_EQUAL(have.attempt, 1u << 20);
    CHECK_EQUAL(have.made_ms, in.made_ms);
    CHECK_EQUAL(have.expires_ms, in.expires_ms);
    CHECK_EQUAL(signin_find(p, other, &have), ERR_MISSING);
    CHECK_EQUAL(signin_add(p, token, &in), ERR_BUSY);
    people_close(p);
    p = people_new();
    CHECK_EQUAL(signin_find(p, token, &have), OK);
    CHECK_EQUAL(signin_remove(p, token), OK);
    CHECK_EQUAL(signin_find(p, token, &have), ERR_MISSING);
    CHECK_EQUAL(signin_remove(p, token), ERR_MISSING);
    people_close(p);
}

TEST("Many sign-ins are stored together, or none of them.")
{
    folder_new();
    People *p = people_new();
    NewSignIn list[5] = {0};
    SignIn have;
    for (u8 i = 0; i < 5; i++) {
        list[i].token_hash[0] = i;
        list[i].in = (SignIn){.attempt = i, .expires_ms = 1000};
    }
    CHECK_EQUAL(signin_add_many(p, list, 2), OK);
    CHECK_EQUAL(signin_add_many(p, list + 2, 0), OK);
    list[4].token_hash[0] = 1; /* is there already */
    CHECK_EQUAL(signin_add_many(p, list + 2, 3), ERR_BUSY);
    CHECK_EQUAL(signin_find(p, list[1].token_hash, &have), OK);
    CHECK_EQUAL(have.attempt, 1);
    CHECK_EQUAL(signin_find(p, list[2].token_hash, &have), ERR_MISSING);
    CHECK_EQUAL(signin_add_many(p, list + 2, 2), OK); /* nothing is left open */
    CHECK_EQUAL(signin_find(p, list[3].token_hash, &have), OK);
    people_close(p);
}

TEST("Sign-ins that are over are purged, the others stay.")
{
    folder_new();
    People *p = people_new();
    u8 token[32] = {0};
    for (u8 i = 0; i < 10; i++) {
        token[0] = i;
        CHECK_EQUAL(signin_add(p, token, &(SignIn){.user = i, .expires_ms = 100 * i}), OK);
    }
    CHECK_EQUAL(signin_purge(p, 500), OK);
    CHECK_EQUAL(signin_purge(p, 500), OK);
    SignIn have;
    for (u8 i = 0; i < 10; i++) {
        token[0] = i;
        CHECK_EQUAL(signin_find(p, token, &have), i < 5 ? ERR_MISSING : OK);
    }
    people_close(p);
}

/* ---- facts ---- */

TEST("Facts are kept under their names and can be replaced.")
{
    folder_new();
    People *p = people_new();
    Span have;
    CHECK_EQUAL(fact_get(p, "organization", &arena, &have), ERR_MISSING);
    CHECK_EQUAL(fact_set(p, "organization", SPAN("First School")), OK);
    CHECK_EQUAL(fact_set(p, "key", SPAN("\x00\x01\x02")), OK);
    CHECK_EQUAL(fact_set(p, "organization", SPAN("Second School")), OK);
    people_close(p);
    p = people_new();
    CHECK_EQUAL(fact_get(p, "organization", &arena, &have), OK);
    CHECK_TEXT(have, "Second School");
    CHECK_EQUAL(fact_get(p, "key", &arena, &have), OK);
    CHECK_EQUAL(have.len, 3);
    CHECK_EQUAL(fact_set(p, "empty", SPAN_NONE), OK);
    CHECK_EQUAL(fact_get(p, "empty", &arena, &have), OK);
    CHECK_EQUAL(have.len, 0);
    people_close(p);
}

/* ---- the file ---- */

static bool file_holds(const char *name, Span what)
{
    static u8 bytes[4 << 20];
    FILE *f = fopen(in_folder(name), "rb");
    if (!f) return false;
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    return memmem(bytes, len, what.ptr, what.len) != NULL;
}

TEST("What was replaced or removed is overwritten on the disk.")
{
    folder_new();
    People *p = people_new();
    static const Span old = SPAN("an old wrapped key that must go");
    u64 id = add(p, "A", "a@example.org", BY_PROCTOR);
    CHECK_EQUAL(people_set_identity(p, id, SPAN("b"), SPAN("s"), old), OK);
    people_close(p);
    CHECK(file_holds("people.db", old));
    p = people_new();
    CHECK_EQUAL(people_set_identity(p, id, SPAN("b"), SPAN("s"), SPAN("new")), OK);
    people_close(p);
    CHECK(!file_holds("people.db", old));
    CHECK(!file_holds("people.db-wal", old));
}

TEST("A file of something else is refused with its name.")
{
    folder_new();
    sqlite3 *db;
    CHECK_EQUAL(sqlite3_open(in_folder("people.db"), &db), SQLITE_OK);
    CHECK_EQUAL(sqlite_run(db, "CREATE TABLE letters(x)"), OK);
    sqlite3_close(db);
    char why[300];
    CHECK(!people_open(in_folder("people.db"), why, sizeof why));
    CHECK(strstr(why, "people.db"));
    FILE *f = fopen(in_folder("other.db"), "w");
    CHECK(f);
    for (int i = 0; i < 200; i++)
        fputs("This is a letter.\n", f);
    fclose(f);
    CHECK(!people_open(in_folder("other.db"), why, sizeof why));
    CHECK(strstr(why, "other.db"));
    CHECK(!people_open(in_folder("nowhere/people.db"), why, sizeof why));
    CHECK(strstr(why, "nowhere"));
}

TEST("A command line beside the server can add somebody.")
{
    folder_new();
    People *p = people_new();
    char why[300];
    People *beside = people_open(in_folder("people.db"), why, sizeof why);
    CHECK(beside);
    add(beside, "A", "a@example.org", BY_ADMINISTRATOR);
    CHECK_EQUAL(people_count(p), 1);
    people_close(beside);
    people_close(p);
}

int main(void)
{
    int failed = test_run_all();
    arena_done(&arena);
    return failed;
}
