/* site.h - a small server on net.h for tests, its loop in a thread of its own, and site_do to run a
 * function on that thread. */
#ifndef INVIGIL_TEST_NET_SITE_H
#define INVIGIL_TEST_NET_SITE_H

#include <pthread.h>

#include "base/arena.h"
#include "net/internal.h"
#include "test/test.h"

enum { SITE_SOCKETS = 64 };

typedef struct Site {
    Loop *loop;
    Server *server;
    LoopWake *wake;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    void (*todo)(struct Site *s, void *ctx);
    void *todo_ctx;
    bool stop;
    u16 port;
    char why[512];
    /* Of the loop thread; read through site_do. */
    Socket *sockets[SITE_SOCKETS];
    int socket_count;
    atomic_int turns_at_close;
    atomic_int opened, closed, requests, messages, turns, drained;
    Request *later;
} Site;

static inline void site_reply(Request *r, u32 status, Span body)
{
    Header h[] = {{"Content-Type", SPAN("text/plain")}};
    request_reply(r, status, h, 1, body);
}

static inline void site_show(Request *r)
{
    static const char *methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "OTHER"};
    Span q = request_query(r, "q"), x = request_header(r, "x-test"), c = request_cookie(r, "sid");
    site_reply(r, 200,
               arena_print(request_arena(r), "%s %.*s q=%.*s x=%.*s sid=%.*s peer=%.*s body=%zu",
                           methods[request_method(r)], SPAN_ARG(request_path(r)), SPAN_ARG(q),
                           SPAN_ARG(x), SPAN_ARG(c), SPAN_ARG(request_peer(r)),
                           request_body(r).len));
}

static inline void site_work(void *ctx)
{
    Request *r = ctx;
    request_set_user(r, "worked");
}

static inline void site_work_done(void *ctx)
{
    Request *r = ctx;
    site_reply(r, 200, span_of(request_user(r)));
}

static inline void site_on_request(void *ctx, Request *r)
{
    Site *s = ctx;
    static u8 big[4000000];
    Span path = request_path(r);
    s->requests++;
    if (span_equal(path, SPAN("/hello"))) {
        site_reply(r, 200, SPAN("hello"));
    } else if (span_equal(path, SPAN("/echo"))) {
        site_reply(r, 200, request_body(r));
    } else if (span_equal(path, SPAN("/big"))) {
        for (size_t i = 0; i < sizeof big; i++)
            big[i] = (u8)(i * 7 >> 3);
        request_reply_static(r, 200, NULL, 0, (Span){big, sizeof big});
    } else if (span_equal(path, SPAN("/later"))) {
        s->later = r;
    } else if (span_equal(path, SPAN("/work"))) {
        CHECK_EQUAL(loop_work(s->loop, site_work, site_work_done, r), OK);
    } else if (span_equal(path, SPAN("/bad-header"))) {
        Header h[] = {{"X-Bad", SPAN("a\r\nX-Evil: b")}};
        request_reply(r, 200, h, 1, SPAN("x"));
    } else if (span_equal(path, SPAN("/none"))) {
        request_reply(r, 204, NULL, 0, SPAN_NONE);
    } else {
        site_show(r);
    }
}

static inline bool site_on_upgrade(void *ctx, Request *r, void **user)
{
    if (!span_equal(request_path(r), SPAN("/ws"))) {
        site_reply(r, 403, SPAN("no"));
        return false;
    }
    *user = ctx;
    return true;
}

static inline void site_on_open(void *ctx, Socket *socket)
{
    Site *s = ctx;
    s->opened++;
    if (s->socket_count < SITE_SOCKETS) s->sockets[s->socket_count++] = socket;
}

/* Every message comes back as it is. */
static inline void site_on_message(void *ctx, Socket *socket, Span message)
{
    Site *s = ctx;
    s->messages++;
    socket_send(socket, SEND_CONTROL, message);
}

static inline void site_on_close(void *ctx, Socket *socket)
{
    Site *s = ctx;
    s->closed++;
    s->turns_at_close = s->turns;
    for (int i = 0; i < s->socket_count; i++)
        if (s->sockets[i] == socket) s->sockets[i] = s->sockets[--s->socket_count];
}

static inline void site_on_turn(void *ctx, i64 now_ms)
{
    (void)now_ms;
    ((Site *)ctx)->turns++;
}

static inline void site_on_wake(void *ctx)
{
    Site *s = ctx;
    pthread_mutex_lock(&s->mutex);
    if (s->todo) s->todo(s, s->todo_ctx);
    s->todo = NULL;
    if (s->stop) loop_stop(s->loop);
    pthread_cond_broadcast(&s->changed);
    pthread_mutex_unlock(&s->mutex);
}

static inline void *site_thread(void *ctx)
{
    loop_run(((Site *)ctx)->loop);
    return NULL;
}

/* Runs fn on the loop thread and waits until it has. */
static inline void site_do(Site *s, void (*fn)(Site *s, void *ctx), void *ctx)
{
    pthread_mutex_lock(&s->mutex);
    s->todo = fn;
    s->todo_ctx = ctx;
    loop_wake(s->wake);
    while (s->todo)
        pthread_cond_wait(&s->changed, &s->mutex);
    pthread_mutex_unlock(&s->mutex);
}

static inline ServerEvents site_events(Site *s)
{
    return (ServerEvents){.on_request = site_on_request,
                          .on_upgrade = site_on_upgrade,
                          .on_open = site_on_open,
                          .on_message = site_on_message,
                          .on_close = site_on_close,
                          .ctx = s};
}

/* NULL when the server did not open; why is in site_why. */
static char site_why[512];
static inline Site *site_open_tls(const char *cert, const char *key)
{
    Site *s = calloc(1, sizeof *s);
    ServerOptions o = {.host = "127.0.0.1", .cert_file = cert, .key_file = key};
    ServerEvents e = site_events(s);
    s->loop = loop_open();
    s->server = server_open(s->loop, &o, &e, site_why, sizeof site_why);
    if (!s->server) {
        loop_close(s->loop);
        free(s);
        return NULL;
    }
    pthread_mutex_init(&s->mutex, NULL);
    pthread_cond_init(&s->changed, NULL);
    s->port = server_port(s->server);
    s->wake = loop_wake_open(s->loop, site_on_wake, s);
    loop_on_turn(s->loop, site_on_turn, s);
    pthread_create(&s->thread, NULL, site_thread, s);
    return s;
}

static inline Site *site_open(void)
{
    Site *s = site_open_tls(NULL, NULL);
    if (!s) printf("  %s\n", site_why);
    CHECK(s);
    return s;
}

static inline void site_close(Site *s)
{
    pthread_mutex_lock(&s->mutex);
    s->stop = true;
    loop_wake(s->wake);
    pthread_mutex_unlock(&s->mutex);
    pthread_join(s->thread, NULL);
    loop_close(s->loop);
    pthread_mutex_destroy(&s->mutex);
    pthread_cond_destroy(&s->changed);
    free(s);
}

/* Waits until a condition on the loop thread holds; each try is one turn of the loop. */
typedef struct SiteWait {
    bool (*holds)(const Site *s, i64 number);
    i64 number;
    bool yes;
} SiteWait;

static inline void site_try(Site *s, void *ctx)
{
    SiteWait *w = ctx;
    w->yes = w->holds(s, w->number);
}

static inline bool site_wait(Site *s, bool (*holds)(const Site *s, i64 number), i64 number)
{
    SiteWait w = {.holds = holds, .number = number};
    u64 until = uv_hrtime() + 10000000000u;
    do {
        site_do(s, site_try, &w);
    } while (!w.yes && uv_hrtime() < until);
    return w.yes;
}

/* The same for a number of turns: for what must not happen. */
static inline bool site_wait_turns(Site *s, bool (*holds)(const Site *s, i64 number), i64 number,
                                   int turns)
{
    SiteWait w = {.holds = holds, .number = number};
    for (int i = 0; i < turns && !w.yes; i++)
        site_do(s, site_try, &w);
    return w.yes;
}

static inline bool site_has_requests(const Site *s, i64 number)
{
    return s->requests >= number;
}

static inline bool site_no_connection(const Site *s, i64 number)
{
    (void)number;
    return server_connections(s->server) == 0;
}

static inline bool site_has_later(const Site *s, i64 number)
{
    (void)number;
    return s->later != NULL;
}

static inline bool site_has_sockets(const Site *s, i64 number)
{
    return s->socket_count == number;
}

#endif
