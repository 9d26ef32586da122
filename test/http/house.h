/* house.h - a whole server in this process for tests: its loop in a thread, its data in a folder of its
 * own, people with known sign-ins, and a small client. A failed CHECK ends the test that asked. */
#ifndef INVIGIL_TEST_HTTP_HOUSE_H
#define INVIGIL_TEST_HTTP_HOUSE_H

#include <ftw.h>
#include <jansson.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

#include "http/live.h"
#include "http/note.h"
#include "http/site.h"
#include "seal/seal.h"
#include "store/people.h"
#include "test/net/client.h"
#include "test/test.h"
#include "wire/wire.h"

/* The people. Two of a kind: one is assigned to session A, the other to session B. */
#define WHO_LIST(X)                                                                                \
    X(NOBODY, 0)                                                                                   \
    X(ADMINISTRATOR, BY_ADMINISTRATOR)                                                             \
    X(PLANNER, BY_PLANNER)                                                                         \
    X(PROCTOR_A, BY_PROCTOR)                                                                       \
    X(PROCTOR_B, BY_PROCTOR)                                                                       \
    X(REVIEWER_A, BY_REVIEWER)                                                                     \
    X(REVIEWER_B, BY_REVIEWER)                                                                     \
    X(GRADER, BY_GRADER)                                                                           \
    X(IDLE_PROCTOR, BY_PROCTOR)                                                                    \
    X(SUSPENDED, BY_ADMINISTRATOR | BY_PLANNER | BY_PROCTOR | BY_REVIEWER)                         \
    X(EXPIRED, BY_ADMINISTRATOR | BY_PLANNER | BY_PROCTOR | BY_REVIEWER)                           \
    X(CANDIDATE_A, 0)                                                                              \
    X(CANDIDATE_A2, 0)                                                                             \
    X(CANDIDATE_B, 0)

typedef enum Who {
#define X(name, roles) name,
    WHO_LIST(X)
#undef X
        WHO_COUNT
} Who;

static const char *const who_names[] = {
#define X(name, roles) #name,
    WHO_LIST(X)
#undef X
};
static const u32 who_roles[] = {
#define X(name, roles) roles,
    WHO_LIST(X)
#undef X
};

#define HOUSE_PASSWORD "correct horse battery"

typedef struct House {
    char data[64];
    Site *site;
    pthread_t thread;
    u16 port;
    char origin[64];
    char cookie[WHO_COUNT][128]; /* "__Host-invigil=..." or empty */
    u64 user[WHO_COUNT], attempt[WHO_COUNT];
    u64 session_a, session_b, assessment;
    i64 disconnected_ms;
    const char *web_root, *cert, *key, *public_url; /* for the next start */
    Client http;                                    /* kept open between requests */
    json_t *json;                                   /* of the last answer; NULL: not JSON */
    int status;
} House;

static House house;

static inline void house_must(bool fine, const char *what)
{
    if (fine) return;
    fprintf(stderr, "the house cannot be built: %s\n", what);
    abort();
}

static inline i64 house_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (i64)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- people ---- */

static inline void house_sign_in(People *p, House *h, Who who)
{
    u8 token[SEAL_TOKEN_BYTES], hash[SEAL_HASH_BYTES];
    char text[64];
    i64 now = house_now_ms();
    SignIn in = {.user = h->user[who], .made_ms = now, .expires_ms = now + 3600000};
    if (who == EXPIRED) in.expires_ms = now - 1;
    seal_random(token, sizeof token);
    seal_sha256((Span){token, sizeof token}, hash);
    text_base64url((Span){token, sizeof token}, text, sizeof text);
    house_must(signin_add(p, hash, &in) == OK, "sign-in");
    snprintf(h->cookie[who], sizeof h->cookie[who], "__Host-invigil=%s", text);
}

static inline void house_people(House *h)
{
    char path[128], why[256], hash[SEAL_PASSWORD_TEXT_BYTES], email[64];
    house_must(site_data_path(h->data, "people.db", path, sizeof path, why, sizeof why), why);
    People *p = people_open(path, why, sizeof why);
    house_must(p != NULL, why);
    house_must(seal_password_hash(SPAN(HOUSE_PASSWORD), hash) == OK, "password");
    for (Who who = 1; who < CANDIDATE_A; who++) {
        snprintf(email, sizeof email, "%s@example.org", who_names[who]);
        User u = {.name = span_of(who_names[who]),
                  .email = span_of(email),
                  .roles = who_roles[who],
                  .password = span_of(hash),
                  .suspended = who == SUSPENDED};
        house_must(people_add(p, &u, &h->user[who]) == OK, "user");
        house_sign_in(p, h, who);
    }
    house_must(fact_set(p, "organization", SPAN("Test College")) == OK, "fact");
    people_close(p);
}

/* ---- the server ---- */

static inline void *house_run(void *ctx)
{
    House *h = ctx;
    site_run(h->site);
    return NULL;
}

static inline void house_start(House *h)
{
    char why[512] = "";
    SiteOptions o = {.data = h->data,
                     .host = "127.0.0.1",
                     .disconnected_ms = h->disconnected_ms,
                     .web_root = h->web_root,
                     .public_url = h->public_url,
                     .cert_file = h->cert,
                     .key_file = h->key};
    h->site = site_open(&o, why, sizeof why);
    house_must(h->site != NULL, why);
    h->port = site_port(h->site);
    snprintf(h->origin, sizeof h->origin, "http://127.0.0.1:%u", h->port);
    house_must(pthread_create(&h->thread, NULL, house_run, h) == 0, "thread");
}

static inline void house_stop(House *h)
{
    if (h->http.fd > 0) client_close(&h->http);
    h->http.fd = 0;
    site_stop(h->site);
    pthread_join(h->thread, NULL);
    site_close(h->site);
    h->site = NULL;
}

static inline int house_remove(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void house_open(House *h)
{
    snprintf(h->data, sizeof h->data, "/tmp/invigil-house-XXXXXX");
    house_must(seal_init() == OK && mkdtemp(h->data) != NULL, "folder");
    note_set_level(NOTE_ERROR);
    house_people(h);
    house_start(h);
}

static inline void house_close(House *h)
{
    house_stop(h);
    if (h->json) json_decref(h->json);
    nftw(h->data, house_remove, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- asking ---- */

typedef struct Ask {
    const char *method, *path;
    const char *body;   /* NULL: none */
    const char *type;   /* NULL: application/json */
    const char *origin; /* NULL: the own one; "": none */
    const char *cookie; /* NULL: of `who` */
    size_t body_len;    /* 0: up to the closing zero */
} Ask;

static inline bool house_send(House *h, Who who, const Ask *a)
{
    char head[2048];
    size_t len = a->body ? a->body_len ? a->body_len : strlen(a->body) : 0;
    const char *origin = a->origin ? a->origin : h->origin;
    const char *cookie = a->cookie ? a->cookie : h->cookie[who];
    int n = snprintf(head, sizeof head,
                     "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Length: %zu\r\n", a->method,
                     a->path, h->port, len);
    if (*origin) n += snprintf(head + n, sizeof head - (size_t)n, "Origin: %s\r\n", origin);
    if (*cookie) n += snprintf(head + n, sizeof head - (size_t)n, "Cookie: %s\r\n", cookie);
    if (a->body) {
        n += snprintf(head + n, sizeof head - (size_t)n, "Content-Type: %s\r\n",
                      a->type ? a->type : "application/json");
    }
    n += snprintf(head + n, sizeof head - (size_t)n, "\r\n");
    return client_send(&h->http, head, (size_t)n) && (!len || client_send(&h->http, a->body, len));
}

/* The status; h->json has the answer. */
static inline int house_ask_as(House *h, Who who, const Ask *a)
{
    if (h->json) json_decref(h->json);
    h->json = NULL;
    for (int tries = 0; tries < 2; tries++) {
        if (h->http.fd <= 0) h->http = client_open(h->port);
        h->status =
            house_send(h, who, a) ? client_answer_to(&h->http, !strcmp(a->method, "HEAD")) : 0;
        if (h->status) break;
        client_close(&h->http); /* an idle connection may have been closed */
        h->http.fd = 0;
    }
    Span connection = h->status ? client_header(&h->http, "Connection") : SPAN_NONE;
    h->json = json_loadb((const char *)h->http.body, h->http.body_len, JSON_ALLOW_NUL, NULL);
    if (text_equal_fold(connection, SPAN("close"))) {
        client_close(&h->http);
        h->http.fd = 0;
    }
    return h->status;
}

static inline int house_get(Who who, const char *path)
{
    return house_ask_as(&house, who, &(Ask){.method = "GET", .path = path});
}

static inline int house_post(Who who, const char *path, const char *body)
{
    return house_ask_as(&house, who, &(Ask){.method = "POST", .path = path, .body = body});
}

static inline int house_upload(Who who, const char *path, const char *body)
{
    return house_ask_as(
        &house, who,
        &(Ask){.method = "POST", .path = path, .body = body, .type = "application/octet-stream"});
}

/* A text or a number of the last answer by its path: "detail.field", "items.0.number". */
static inline const json_t *house_at(const char *path)
{
    const json_t *v = house.json;
    char step[64];
    while (v && *path) {
        size_t n = strcspn(path, ".");
        if (n >= sizeof step) return NULL;
        memcpy(step, path, n);
        step[n] = 0;
        v = json_is_array(v) ? json_array_get(v, strtoul(step, NULL, 10))
                             : json_object_get(v, step);
        path += path[n] ? n + 1 : n;
    }
    return v;
}

static inline Span house_text(const char *path)
{
    return span_of(json_string_value(house_at(path)));
}

static inline i64 house_number(const char *path)
{
    const json_t *v = house_at(path);
    return json_is_boolean(v) ? json_is_true(v) : json_integer_value(v);
}

#define CHECK_REFUSAL(have_status, status, name)                                                   \
    do {                                                                                           \
        CHECK_EQUAL(have_status, status);                                                          \
        CHECK_TEXT(house_text("refusal"), name);                                                   \
        CHECK(house_text("text").len > 0);                                                         \
    } while (0)

/* ---- what most tests need ---- */

static const char house_gift[] = "::One:: 2 + 2 is {=4 ~5 ~3}\n\n"
                                 "::Two:: The sea is wet. {T}\n\n"
                                 "::Three:: How many legs has a spider? {#8}\n\n"
                                 "::Four:: Say more. {}\n";

static inline u64 house_make_assessment(void)
{
    char body[256];
    CHECK_EQUAL(house_upload(PLANNER, "/api/imports?name=t.gift&format=gift", house_gift), 200);
    snprintf(body, sizeof body, "{\"import\":\"%.*s\",\"name\":\"Small test\"}",
             SPAN_ARG(house_text("import")));
    CHECK_EQUAL(house_post(PLANNER, "/api/assessments", body), 200);
    return (u64)house_number("assessment");
}

/* settings as JSON members: "\"webcam\":0". */
static inline u64 house_make_session(const char *code, i64 opens_ms, const char *settings,
                                     Who proctor, Who reviewer)
{
    char body[1024];
    snprintf(body, sizeof body,
             "{\"name\":\"Session %s\",\"assessment\":%llu,\"code\":\"%s\",\"opens_ms\":%lld,"
             "\"starts_ms\":%lld,\"duration_ms\":600000,\"settings\":{%s},\"staff\":["
             "{\"user\":%llu,\"roles\":[\"proctor\"]},{\"user\":%llu,\"roles\":[\"reviewer\"]}],"
             "\"public_key\":\"\",\"keys\":[{\"user\":%llu,\"wrapped\":\"AAEC\"}]}",
             code, (unsigned long long)house.assessment, code, (long long)opens_ms,
             (long long)opens_ms, settings, (unsigned long long)house.user[proctor],
             (unsigned long long)house.user[reviewer], (unsigned long long)house.user[proctor]);
    CHECK_EQUAL(house_post(PLANNER, "/api/sessions", body), 200);
    return (u64)house_number("session");
}

/* Joins, or asks beside a device that has the seat; cookie and attempt are kept under `who`. */
static inline u64 house_join_as(Who who, const char *code, const char *name, bool take_over)
{
    char body[256];
    house.cookie[who][0] = 0;
    snprintf(body, sizeof body,
             "{\"code\":\"%s\",\"name\":\"%s\",\"number\":\"\",\"take_over\":%d}", code, name,
             take_over);
    CHECK_EQUAL(house_post(who, "/api/join", body), 200);
    Span cookie = client_header(&house.http, "Set-Cookie");
    CHECK(cookie.len > 20);
    snprintf(house.cookie[who], sizeof house.cookie[who], "%.*s",
             (int)strcspn((const char *)cookie.ptr, ";"), (const char *)cookie.ptr);
    house.attempt[who] = (u64)house_number("attempt");
    return house.attempt[who];
}

static inline u64 house_join(Who who, const char *code, const char *name)
{
    return house_join_as(who, code, name, false);
}

/* ---- the live socket ---- */

typedef struct Line {
    Client c;
    Message m;  /* the last one; points into c.body */
    int closed; /* close code, once it came */
} Line;

static inline bool line_send(Line *l, const Message *m)
{
    Buf out;
    buf_init(&out, SOCKET_MESSAGE_BYTES_MAX);
    message_encode(&out, m);
    bool ok = !out.failed && client_send_frame(&l->c, 0x82, out.ptr, out.len);
    buf_done(&out);
    return ok;
}

/* Opens a socket without saying hello; the status of the upgrade. */
static inline int line_dial_at(Line *l, const char *path, const char *cookie, const char *origin)
{
    char head[1024];
    *l = (Line){.c = client_open(house.port)};
    snprintf(head, sizeof head,
             "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nOrigin: %s\r\nCookie: %s\r\n"
             "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
             path, house.port, origin ? origin : house.origin, cookie);
    CHECK(client_say(&l->c, head));
    return client_answer(&l->c);
}

static inline int line_dial(Line *l, Who who, const char *origin)
{
    return line_dial_at(l, "/live", house.cookie[who], origin);
}

/* The next message; false when the server closes (l->closed has the code). */
static inline bool line_next(Line *l)
{
    while (client_read_frame(&l->c)) {
        if (l->c.opcode == 8) {
            l->closed = l->c.body_len >= 2 ? l->c.body[0] << 8 | l->c.body[1] : 1005;
            return false;
        }
        if (l->c.opcode != 2) continue;
        CHECK(message_decode((Span){l->c.body, l->c.body_len}, &l->m) == OK);
        return true;
    }
    return false;
}

/* Skips to the next message of a kind. */
static inline bool line_wait(Line *l, MessageKind kind)
{
    while (line_next(l))
        if (l->m.kind == kind) return true;
    return false;
}

static inline void line_open(Line *l, Who who)
{
    CHECK_EQUAL(line_dial(l, who, NULL), 101);
    Message m = {.kind = MSG_hello};
    m.hello.protocol = 1;
    CHECK(line_send(l, &m));
    CHECK(line_wait(l, MSG_welcome));
}

static inline void line_close(Line *l)
{
    client_close(&l->c);
}

static inline void line_command(Line *l, u64 cmd, const u64 *targets, u32 count, const Command *c)
{
    Buf body, list;
    buf_init(&body, EVENT_BYTES_MAX);
    buf_init(&list, (size_t)MASS_TARGETS_MAX * 8);
    command_encode(&body, c);
    for (u32 i = 0; i < count; i++)
        buf_u64(&list, targets[i]);
    Message m = {.kind = MSG_command};
    m.command.cmd = cmd;
    m.command.targets = buf_view(&list);
    m.command.body = buf_view(&body);
    CHECK(line_send(l, &m));
    buf_done(&body);
    buf_done(&list);
}

/* Asks one command for one target and gives the refusal of its reply. */
static inline Refusal line_ask(Line *l, u64 target, const Command *c)
{
    static u64 next_cmd = 1000;
    u64 cmd = ++next_cmd;
    line_command(l, cmd, &target, 1, c);
    while (line_wait(l, MSG_reply))
        if (l->m.reply.cmd == cmd) return l->m.reply.refusal;
    CHECK_EQUAL(l->closed, 0); /* a reply comes, or the server closed */
    return R_FAULT;
}

#define HOUSE_MAIN()                                                                               \
    int main(void)                                                                                 \
    {                                                                                              \
        house_open(&house);                                                                        \
        int failed = test_run_all();                                                               \
        house_close(&house);                                                                       \
        return failed;                                                                             \
    }

#endif
