/* people.c - see people.h. One SQLite file that may be corrected; what is deleted is overwritten. */
#include "store/people.h"

#include "base/limits.h"
#include "store/sqlite.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    PEOPLE_APPLICATION = 0x494e5650, /* "INVP" */
    PEOPLE_FORM = 1,
};

struct People {
    sqlite3 *db;
};

static const char PEOPLE_TABLES[] =
    "BEGIN IMMEDIATE;"
    /* AUTOINCREMENT: the log names people by id for ever, so that an id is never given twice. */
    "CREATE TABLE user(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
    " email TEXT NOT NULL, email_key TEXT NOT NULL, roles INTEGER NOT NULL, password TEXT NOT NULL,"
    " box_public BLOB NOT NULL, sign_public BLOB NOT NULL, wrapped BLOB NOT NULL,"
    " suspended INTEGER NOT NULL);"
    "CREATE UNIQUE INDEX user_email ON user(email_key) WHERE email_key <> '';"
    "CREATE TABLE signin(token BLOB PRIMARY KEY, user INTEGER NOT NULL, attempt INTEGER NOT NULL,"
    " made_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL) WITHOUT ROWID;"
    "CREATE INDEX signin_expires ON signin(expires_ms);"
    "CREATE TABLE fact(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;";

/* ---- opening ---- */

static Err people_create(People *p)
{
    char sql[128];
    Err err = sqlite_run(p->db, PEOPLE_TABLES);
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT;",
             PEOPLE_APPLICATION, PEOPLE_FORM);
    if (!err) err = sqlite_run(p->db, sql);
    if (err && !sqlite3_get_autocommit(p->db)) (void)!sqlite_run(p->db, "ROLLBACK");
    return err;
}

static Err people_form(People *p)
{
    i64 application = 0, form = 0, tables = 0;
    Err err = sqlite_number(p->db, "PRAGMA application_id", &application);
    if (!err) err = sqlite_number(p->db, "PRAGMA user_version", &form);
    if (!err) err = sqlite_number(p->db, "SELECT count(*) FROM sqlite_schema", &tables);
    if (err) return err;
    if (!application && !form && !tables) return people_create(p);
    return application == PEOPLE_APPLICATION && form == PEOPLE_FORM ? OK : ERR_FORMAT;
}

static Err people_begin(People *p, const char *path)
{
    int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE;
    Err err = sqlite_err(sqlite3_open_v2(path, &p->db, flags, NULL));
    if (err) return err;
    sqlite3_busy_timeout(p->db, STORE_BUSY_MS);
    err = sqlite_run(p->db, "PRAGMA trusted_schema=OFF; PRAGMA journal_mode=WAL;"
                            "PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;");
    return err ? err : people_form(p);
}

static void people_explain(const People *p, Err err, const char *path, char *why, size_t size)
{
    const char *what = p->db ? sqlite3_errmsg(p->db) : err_text(err);
    if (err == ERR_FORMAT)
        snprintf(why, size,
                 "%s is not a people file that this program reads. Name the data directory of an "
                 "installation of this version.",
                 path);
    else
        snprintf(why, size, "%s cannot be opened: %s. Check the path, its owner and the disk.",
                 path, what);
}

People *people_open(const char *path, char *why, size_t size)
{
    if (size) why[0] = 0;
    bool is_new = access(path, F_OK) != 0;
    People *p = calloc(1, sizeof *p);
    if (!p) {
        snprintf(why, size, "%s: out of memory", path);
        return NULL;
    }
    Err err = people_begin(p, path);
    if (!err && is_new) err = folder_sync_of(path);
    if (!err) return p;
    people_explain(p, err, path, why, size);
    people_close(p);
    return NULL;
}

void people_close(People *p)
{
    if (!p) return;
    sqlite3_close(p->db);
    free(p);
}

/* ---- one statement at a time ---- */

/* Bound parameters: 'i' i64, 't' text Span, 'b' bytes Span, in order. NULL: the statement cannot be made. */
static sqlite3_stmt *people_ask(People *p, const char *sql, const char *types, ...)
{
    sqlite3_stmt *s = NULL;
    if (sqlite3_prepare_v2(p->db, sql, -1, &s, NULL) != SQLITE_OK) return NULL;
    va_list args;
    va_start(args, types);
    for (int at = 1; types[at - 1]; at++) {
        if (types[at - 1] == 'i') sqlite3_bind_int64(s, at, va_arg(args, i64));
        else if (types[at - 1] == 't') sqlite_bind_text(s, at, va_arg(args, Span));
        else sqlite_bind_blob(s, at, va_arg(args, Span));
    }
    va_end(args);
    return s;
}

static Err people_fault(People *p)
{
    Err err = sqlite_err(sqlite3_extended_errcode(p->db));
    return err ? err : ERR_IO;
}

/* Runs a statement that changes something; ERR_MISSING when no row was concerned. */
static Err people_change(People *p, sqlite3_stmt *s)
{
    if (!s) return people_fault(p);
    int code = sqlite3_step(s);
    sqlite3_finalize(s);
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) return ERR_BUSY;
    Err err = sqlite_err(code);
    return err ? err : sqlite3_changes(p->db) ? OK : ERR_MISSING;
}

/* OK: there is a row. The statement is finalised unless OK. */
static Err people_row(People *p, sqlite3_stmt *s)
{
    if (!s) return people_fault(p);
    int code = sqlite3_step(s);
    if (code == SQLITE_ROW) return OK;
    sqlite3_finalize(s);
    return code == SQLITE_DONE ? ERR_MISSING : sqlite_err(code);
}

static Err column_copy(sqlite3_stmt *s, int at, Arena *a, Span *out)
{
    *out = arena_copy(a, sqlite_column_span(s, at));
    return out->ptr ? OK : ERR_MEMORY;
}

/* ---- users ---- */

#define USER_COLUMNS "id,name,email,roles,password,box_public,sign_public,wrapped,suspended"

/* Addresses are compared without regard to the case of ASCII letters. */
static Span email_key(Span email, char *out, size_t size)
{
    size_t len = MIN_OF(email.len, size);
    for (size_t i = 0; i < len; i++) {
        u8 c = email.ptr[i];
        out[i] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return (Span){(const u8 *)out, len};
}

static Err user_read(sqlite3_stmt *s, Arena *a, User *out)
{
    User u = {.id = (u64)sqlite3_column_int64(s, 0),
              .roles = (u32)sqlite3_column_int64(s, 3),
              .suspended = sqlite3_column_int(s, 8) != 0};
    Span *const spans[] = {&u.name,       &u.email,       &u.password,
                           &u.box_public, &u.sign_public, &u.wrapped_private};
    static const int columns[] = {1, 2, 4, 5, 6, 7};
    for (size_t i = 0; i < COUNT_OF(columns); i++) {
        Err err = column_copy(s, columns[i], a, spans[i]);
        if (err) return err;
    }
    *out = u;
    return OK;
}

static Err user_one(People *p, sqlite3_stmt *s, Arena *a, User *out)
{
    Err err = people_row(p, s);
    if (err) return err;
    err = user_read(s, a, out);
    sqlite3_finalize(s);
    return err;
}

Err people_add(People *p, const User *u, u64 *id)
{
    char key[EMAIL_BYTES_MAX];
    if (u->email.len > sizeof key) return ERR_LIMIT;
    sqlite3_stmt *s = people_ask(
        p,
        "INSERT INTO "
        "user(name,email,email_key,roles,password,box_public,sign_public,wrapped,suspended)"
        " VALUES(?,?,?,?,?,?,?,?,?)",
        "tttitbbbi", u->name, u->email, email_key(u->email, key, sizeof key), (i64)u->roles,
        u->password, u->box_public, u->sign_public, u->wrapped_private, (i64)u->suspended);
    Err err = people_change(p, s);
    if (!err) *id = (u64)sqlite3_last_insert_rowid(p->db);
    return err;
}

Err people_by_id(People *p, u64 id, Arena *a, User *out)
{
    return user_one(p, people_ask(p, "SELECT " USER_COLUMNS " FROM user WHERE id=?", "i", (i64)id),
                    a, out);
}

Err people_by_email(People *p, Span email, Arena *a, User *out)
{
    char key[EMAIL_BYTES_MAX];
    if (!email.len || email.len > sizeof key) return ERR_MISSING;
    Span k = email_key(email, key, sizeof key);
    return user_one(
        p,
        people_ask(p, "SELECT " USER_COLUMNS " FROM user WHERE email_key=?1 AND email_key<>''", "t",
                   k),
        a, out);
}

static Err people_list_rows(sqlite3_stmt *s, Arena *a, User *out, u32 most, u32 *count)
{
    for (*count = 0; *count < most; ++*count) {
        int code = sqlite3_step(s);
        if (code != SQLITE_ROW) return sqlite_err(code);
        Err err = user_read(s, a, &out[*count]);
        if (err) return err;
    }
    return OK;
}

Err people_list(People *p, u32 roles, Arena *a, User **out, u32 *count)
{
    sqlite3_stmt *s = people_ask(p, "SELECT count(*) FROM user WHERE roles & ?", "i", (i64)roles);
    Err err = people_row(p, s);
    if (err) return err;
    u32 most = (u32)sqlite3_column_int64(s, 0), found = 0;
    sqlite3_finalize(s);
    User *users = ARENA_ARRAY(a, User, most + 1);
    if (!users) return ERR_MEMORY;
    s = people_ask(
        p, "SELECT " USER_COLUMNS " FROM user WHERE roles & ? ORDER BY name COLLATE NOCASE, id",
        "i", (i64)roles);
    if (!s) return people_fault(p);
    err = people_list_rows(s, a, users, most, &found);
    sqlite3_finalize(s);
    if (err) return err;
    *out = users;
    *count = found;
    return OK;
}

Err people_set_identity(People *p, u64 id, Span box_public, Span sign_public, Span wrapped_private)
{
    return people_change(
        p, people_ask(p, "UPDATE user SET box_public=?, sign_public=?, wrapped=? WHERE id=?",
                      "bbbi", box_public, sign_public, wrapped_private, (i64)id));
}

Err people_set_password(People *p, u64 id, Span password_text)
{
    return people_change(
        p, people_ask(p, "UPDATE user SET password=? WHERE id=?", "ti", password_text, (i64)id));
}

static Err integrity_ask(People *p, char *why, size_t size)
{
    sqlite3_stmt *s = people_ask(p, "PRAGMA integrity_check(1)", "");
    Err err = people_row(p, s);
    if (err) return err;
    Span said = sqlite_column_span(s, 0);
    bool sound = span_equal(said, SPAN("ok"));
    if (!sound) snprintf(why, size, "%.*s", SPAN_ARG(said));
    sqlite3_finalize(s);
    return sound ? OK : ERR_BROKEN;
}

bool people_check(const char *path, u64 *accounts, char *why, size_t size)
{
    People p = {.db = NULL};
    i64 application = 0, count = 0;
    if (size) why[0] = 0;
    int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    Err err = sqlite_err(sqlite3_open_v2(path, &p.db, flags, NULL));
    if (!err) err = sqlite_number(p.db, "PRAGMA application_id", &application);
    if (!err && application != PEOPLE_APPLICATION) err = ERR_FORMAT;
    if (!err) err = integrity_ask(&p, why, size);
    if (!err) err = sqlite_number(p.db, "SELECT count(*) FROM user", &count);
    sqlite3_close(p.db);
    if (err && size && !why[0]) snprintf(why, size, "%s: %s", path, err_text(err));
    if (!err) *accounts = (u64)count;
    return !err;
}

Err people_copy(People *p, const char *to)
{
    sqlite3_stmt *s = people_ask(p, "VACUUM INTO ?", "t", span_of(to));
    if (!s) return people_fault(p);
    int code = sqlite3_step(s);
    sqlite3_finalize(s);
    return sqlite_err(code);
}

u32 people_count(People *p)
{
    i64 count = 0;
    return sqlite_number(p->db, "SELECT count(*) FROM user", &count) ? 0 : (u32)count;
}

/* ---- sign-ins ---- */

static Span token_span(const u8 token_hash[32])
{
    return (Span){token_hash, 32};
}

Err signin_add(People *p, const u8 token_hash[32], const SignIn *s)
{
    return people_change(p, people_ask(p, "INSERT INTO signin VALUES(?,?,?,?,?)", "biiii",
                                       token_span(token_hash), (i64)s->user, (i64)s->attempt,
                                       s->made_ms, s->expires_ms));
}

Err signin_add_many(People *p, const NewSignIn *list, u32 count)
{
    Err err = sqlite_run(p->db, "BEGIN IMMEDIATE");
    for (u32 i = 0; !err && i < count; i++)
        err = signin_add(p, list[i].token_hash, &list[i].in);
    if (!err) err = sqlite_run(p->db, "COMMIT");
    if (err && !sqlite3_get_autocommit(p->db)) (void)!sqlite_run(p->db, "ROLLBACK");
    return err;
}

Err signin_find(People *p, const u8 token_hash[32], SignIn *out)
{
    sqlite3_stmt *s =
        people_ask(p, "SELECT user,attempt,made_ms,expires_ms FROM signin WHERE token=?", "b",
                   token_span(token_hash));
    Err err = people_row(p, s);
    if (err) return err;
    *out = (SignIn){.user = (u64)sqlite3_column_int64(s, 0),
                    .attempt = (u64)sqlite3_column_int64(s, 1),
                    .made_ms = sqlite3_column_int64(s, 2),
                    .expires_ms = sqlite3_column_int64(s, 3)};
    sqlite3_finalize(s);
    return OK;
}

Err signin_remove(People *p, const u8 token_hash[32])
{
    return people_change(
        p, people_ask(p, "DELETE FROM signin WHERE token=?", "b", token_span(token_hash)));
}

Err signin_purge(People *p, i64 before_ms)
{
    Err err =
        people_change(p, people_ask(p, "DELETE FROM signin WHERE expires_ms<?", "i", before_ms));
    return err == ERR_MISSING ? OK : err;
}

/* ---- facts ---- */

Err fact_get(People *p, const char *name, Arena *a, Span *out)
{
    sqlite3_stmt *s = people_ask(p, "SELECT value FROM fact WHERE name=?", "t", span_of(name));
    Err err = people_row(p, s);
    if (err) return err;
    err = column_copy(s, 0, a, out);
    sqlite3_finalize(s);
    return err;
}

Err fact_set(People *p, const char *name, Span value)
{
    return people_change(
        p, people_ask(p, "INSERT OR REPLACE INTO fact VALUES(?,?)", "tb", span_of(name), value));
}
