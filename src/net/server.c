/* server.c - listening, accepting, deadlines and the graceful stop. Knows no protocol. */
#include "net/internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { SPARE_DESCRIPTORS = 64 }; /* for files, databases and the loop itself */

/* ---- lines of deadlines ---- */

void server_line_leave(Connection *c)
{
    Server *s = c->server;
    if (c->line == LINE_COUNT) return;
    if (c->prev) c->prev->next = c->next;
    else s->first[c->line] = c->next;
    if (c->next) c->next->prev = c->prev;
    else s->last[c->line] = c->prev;
    c->prev = c->next = NULL;
    c->line = LINE_COUNT;
}

void server_line_join(Connection *c, Line line)
{
    Server *s = c->server;
    i64 patience = line == LINE_CLOSING ? s->close_ms : s->idle_ms;
    c->deadline_ms = (i64)uv_now(&s->loop->uv) + patience;
    if (c->line == line && s->last[line] == c) return;
    server_line_leave(c);
    c->line = (u8)line;
    c->prev = s->last[line];
    if (c->prev) c->prev->next = c;
    else s->first[line] = c;
    s->last[line] = c;
}

static void on_listener(uv_poll_t *h, int status, int events);

static void listen_on(Server *s, bool on)
{
    if (!s->listener_open || s->listening == on) return;
    s->listening = on;
    if (on) uv_poll_start(&s->listener, UV_READABLE, on_listener);
    else uv_poll_stop(&s->listener);
}

/* After this process stood still the loop reads first what was sent meanwhile: until the next sweep nobody
 * counts as silent. Once in a row, so that a slow loop does not keep the dead. */
static bool sweep_spares(Server *s, i64 now)
{
    i64 since_ms = now - s->swept_ms;
    s->swept_ms = now;
    s->spared = !s->spared && since_ms > 2 * (i64)uv_timer_get_repeat(&s->sweeper);
    return s->spared;
}

static void on_sweep(uv_timer_t *h)
{
    Server *s = h->data;
    i64 now = (i64)uv_now(&s->loop->uv);
    if (sweep_spares(s, now)) return;
    if (s->connections < s->connections_max) listen_on(s, true);
    for (int line = LINE_IDLE; line <= LINE_CLOSING; line++) {
        /* Whoever expires leaves this line or goes to its end with a new deadline. */
        while (s->first[line] && s->first[line]->deadline_ms <= now) {
            loop_happened(s->loop);
            connection_expired(s->first[line]);
        }
    }
}

static void sweep_start(Server *s)
{
    u64 every = (u64)MAX_OF(MIN_OF(s->idle_ms, s->close_ms) / 4, 1);
    s->swept_ms = (i64)uv_now(&s->loop->uv);
    uv_timer_start(&s->sweeper, on_sweep, every, every);
}

void server_set_patience(Server *s, i64 idle_ms, i64 close_ms)
{
    s->idle_ms = idle_ms;
    s->close_ms = close_ms;
    sweep_start(s);
}

typedef union SocketAddress {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} SocketAddress;

/* ---- accepting ---- */

static void peer_text(const SocketAddress *a, char out[46])
{
    out[0] = 0;
    if (a->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &a->v4.sin_addr, out, 46);
    } else if (a->any.sa_family == AF_INET6) {
        const struct in6_addr *six = &a->v6.sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(six)) inet_ntop(AF_INET, six->s6_addr + 12, out, 46);
        else inet_ntop(AF_INET6, six, out, 46);
    }
}

/* False: no more for now. */
static bool accept_one(Server *s)
{
    SocketAddress address = {.v6 = {0}};
    socklen_t size = sizeof address;
    int fd = accept4(s->fd, &address.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
        /* Out of descriptors or memory: let the backlog wait until the sweeper or the end of a
         * connection asks again, or the loop would spin. */
        bool full = errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
        if (full) listen_on(s, false);
        return errno == ECONNABORTED || errno == EINTR;
    }
    char peer[46];
    peer_text(&address, peer);
    if (!connection_open(s, fd, peer)) {
        close(fd);
        return false;
    }
    return true;
}

static void on_listener(uv_poll_t *h, int status, int events)
{
    Server *s = h->data;
    (void)events;
    if (status < 0) return;
    loop_happened(s->loop);
    for (int i = 0; i < ACCEPT_BATCH_MAX; i++) {
        if (s->connections >= s->connections_max) {
            listen_on(s, false);
            return;
        }
        if (!accept_one(s)) return;
    }
}

bool server_collect(Server *s, size_t bytes)
{
    if (bytes > NET_COLLECTED_BYTES_MAX - s->collected_bytes) return false;
    s->collected_bytes += bytes;
    return true;
}

void server_release(Server *s, size_t bytes)
{
    ASSERT(bytes <= s->collected_bytes);
    s->collected_bytes -= bytes;
}

void server_connection_gone(Server *s)
{
    s->connections--;
    if (!s->draining) {
        if (!s->loop->stopping) listen_on(s, true);
    } else if (s->connections == 0 && s->drained) {
        void (*drained)(void *ctx) = s->drained;
        s->drained = NULL;
        uv_timer_stop(&s->grace);
        drained(s->drained_ctx);
    }
}

/* ---- opening ---- */

/* Whoever is accepted inherits this. */
static void prepare_listener(int fd)
{
    int one = 1, unsent = SOCKET_UNSENT_BYTES_MAX;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    /* What the kernel holds unsent cannot be overtaken by a control message any more. */
    setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent, sizeof unsent);
}

static int bind_to(const struct addrinfo *a, const char **step)
{
    int zero = 0;
    *step = "opening a socket";
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    prepare_listener(fd);
    if (a->ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    *step = "binding";
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0) {
        *step = "listening";
        if (listen(fd, SOMAXCONN) == 0) return fd;
    }
    int kept = errno;
    close(fd);
    errno = kept;
    return -1;
}

static const char *bind_advice(int error)
{
    if (error == EADDRINUSE) return "another program has this port; stop it or choose another port";
    if (error == EACCES) return "ports below 1024 need a privilege; choose a higher one";
    if (error == EADDRNOTAVAIL) return "this machine does not have that address";
    return "check the address and the port";
}

static int listen_open(const ServerOptions *o, char *why, size_t size)
{
    char port[8];
    snprintf(port, sizeof port, "%u", o->port);
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    int bad = getaddrinfo(o->host, port, &hints, &list);
    if (bad) {
        snprintf(why, size, "host \"%s\": %s; give an address of this machine, like 127.0.0.1",
                 o->host, gai_strerror(bad));
        return -1;
    }
    const char *step = "";
    int fd = bind_to(list, &step);
    int error = errno;
    freeaddrinfo(list);
    if (fd < 0)
        snprintf(why, size, "%s port %u: %s failed: %s; %s", o->host, o->port, step,
                 strerror(error), bind_advice(error));
    return fd;
}

static u16 bound_port(int fd)
{
    SocketAddress a = {.v6 = {0}};
    socklen_t size = sizeof a;
    if (getsockname(fd, &a.any, &size) != 0) return 0;
    return ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
}

/* The soft limit is raised as far as the system allows; beyond that the backlog must wait. */
static u32 descriptors_for_connections(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0) return CONNECTIONS_MAX;
    if (r.rlim_cur < r.rlim_max) {
        r.rlim_cur = r.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &r) != 0) getrlimit(RLIMIT_NOFILE, &r);
    }
    rlim_t spare = MIN_OF((rlim_t)SPARE_DESCRIPTORS, r.rlim_cur / 2);
    return (u32)MIN_OF((rlim_t)CONNECTIONS_MAX, r.rlim_cur - spare);
}

Server *server_detached(Loop *loop, const ServerEvents *e)
{
    ASSERT(e->on_request);
    Server *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->loop = loop;
    s->events = *e;
    s->fd = -1;
    s->idle_ms = CONNECTION_IDLE_MS;
    s->close_ms = SOCKET_CLOSE_MS;
    s->date_second = -1;
    s->connections_max = descriptors_for_connections();
    uv_timer_init(&loop->uv, &s->sweeper);
    uv_timer_init(&loop->uv, &s->grace);
    s->sweeper.data = s->grace.data = s;
    s->next = loop->servers;
    loop->servers = s;
    return s;
}

Server *server_open(Loop *loop, const ServerOptions *o, const ServerEvents *e, char *why,
                    size_t size)
{
    SSL_CTX *tls = NULL;
    if (!o->cert_file != !o->key_file) {
        snprintf(why, size, "TLS needs both a certificate file and a key file; only one is given");
        return NULL;
    }
    if (o->cert_file && !(tls = tls_context(o->cert_file, o->key_file, why, size))) return NULL;
    int fd = listen_open(o, why, size);
    Server *s = fd >= 0 ? server_detached(loop, e) : NULL;
    if (!s) {
        if (fd >= 0) {
            close(fd);
            snprintf(why, size, "out of memory");
        }
        SSL_CTX_free(tls);
        return NULL;
    }
    s->tls = tls;
    s->fd = fd;
    s->port = bound_port(fd);
    uv_poll_init(&loop->uv, &s->listener, fd);
    s->listener.data = s;
    s->listener_open = true;
    listen_on(s, true);
    sweep_start(s);
    return s;
}

/* ---- stopping ---- */

static void listener_close(Server *s)
{
    if (!s->listener_open) return;
    listen_on(s, false);
    s->listener_open = false;
    uv_close((uv_handle_t *)&s->listener, NULL);
    close(s->fd);
    s->fd = -1;
}

static void for_each(Server *s, void (*fn)(Connection *c))
{
    for (int line = 0; line < LINE_COUNT; line++) {
        for (Connection *c = s->first[line], *next; c; c = next) {
            next = c->next;
            fn(c);
        }
    }
}

void server_stop(Server *s)
{
    listener_close(s);
    for_each(s, connection_close);
}

static void drain_one(Connection *c)
{
    if (c->mode == MODE_SOCKET) socket_close(c->socket, 1012, SPAN("The server restarts."));
    else if (c->mode == MODE_HTTP && http_idle(c->http)) connection_linger(c);
    /* Others have a request under way: its answer says Connection: close. */
}

static void on_grace(uv_timer_t *h)
{
    Server *s = h->data;
    loop_happened(s->loop);
    for_each(s, connection_close);
}

void server_drain(Server *s, i64 grace_ms, void (*drained)(void *ctx), void *ctx)
{
    if (s->draining) return;
    s->draining = true;
    listener_close(s);
    if (s->connections == 0) {
        drained(ctx);
        return;
    }
    s->drained = drained;
    s->drained_ctx = ctx;
    uv_update_time(&s->loop->uv);
    uv_timer_start(&s->grace, on_grace, (u64)MAX_OF(grace_ms, 0), 0);
    for (int line = 0; line < LINE_COUNT; line++) {
        /* Closing moves a connection to another line's end: stop at who was last when we began. */
        Connection *last = s->last[line];
        for (Connection *c = s->first[line], *next; c; c = next) {
            next = c == last ? NULL : c->next;
            drain_one(c);
        }
    }
}

void server_free(Server *s)
{
    for (Request *r = s->orphans, *next; r; r = next) {
        next = r->next_orphan;
        request_free(r);
    }
    SSL_CTX_free(s->tls);
    free(s);
}

u16 server_port(const Server *s)
{
    return s->port;
}

u32 server_connections(const Server *s)
{
    return s->connections;
}

u32 server_connections_max(const Server *s)
{
    return s->connections_max;
}

const char *server_date(Server *s)
{
    i64 second = loop_now_ms(s->loop) / 1000;
    if (second != s->date_second) {
        time_t t = (time_t)second;
        struct tm utc;
        gmtime_r(&t, &utc);
        strftime(s->date, sizeof s->date, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        s->date_second = second;
    }
    return s->date;
}
