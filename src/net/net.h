/* net.h - the loop, HTTP/1.1 and WebSocket, with or without TLS. The only room that knows libuv,
 * llhttp and the TLS half of OpenSSL; nothing of theirs shows here.
 *
 * One thread: every function here and every callback runs on the thread of loop_run, except
 * loop_wake, netbuf_keep and netbuf_drop, which any thread may call. `now` is read once per turn.
 *
 * Ownership: the loop owns connections. A Request is valid until it is answered, even when its
 * client has gone meanwhile (the answer then goes nowhere), so it may wait for the thread pool;
 * what it gave out (spans, its arena) goes with it. A Socket is valid until on_close returns. Spans
 * passed to callbacks live as long as the callback. Queues are bounded per socket
 * (schema/limits.def): control messages are never dropped - a socket whose control queue is full is
 * closed - media messages are (see socket_send). */
#ifndef INVIGIL_NET_H
#define INVIGIL_NET_H

#include "base/base.h"

typedef struct Loop Loop;
typedef struct Server Server;
typedef struct Request Request;
typedef struct Socket Socket;
typedef struct Timer Timer;

/* ---- the loop ---- */
Loop *loop_open(void);     /* NULL: out of memory or descriptors */
void loop_run(Loop *loop); /* returns after loop_stop, when all handles are closed */
void loop_stop(Loop *loop);
void loop_close(Loop *loop); /* after loop_run has returned */
/* Milliseconds since 1970, one value per turn. A step of the system's clock is followed by a thousandth of
 * the time that passes: no exam ends because somebody sets a clock. It begins with the system's clock as it is, unless
 * somebody knows better. */
i64 loop_now_ms(const Loop *loop);
/* It is `ms`, whatever the system's clock says: the record knows. */
void loop_set_now(Loop *loop, i64 ms);
/* Which boot of the machine this is, as the system names it ("": it does not), and how long ago it was. */
enum { BOOT_NAME_SIZE = 40 };
i64 loop_boot_ms(char name[BOOT_NAME_SIZE]);
u64 loop_monotonic_ns(const Loop *loop); /* for measuring; never goes back */
/* Called once at the end of each turn in which anything happened, after all callbacks of that turn:
 * this is where the engine takes its turn. */
void loop_on_turn(Loop *loop, void (*turn)(void *ctx, i64 now_ms), void *ctx);
/* Between these two, what is sent over sockets is collected, and leaves together at the end: one system
 * call a socket instead of one a message. In pairs, within one callback; a pair inside another does nothing. */
void loop_collect(Loop *loop);
void loop_release(Loop *loop);
/* Runs fn(ctx) on the loop thread soon, from any thread. Calls may be merged: fn must look what
 * there is to do. One LoopWake per purpose. Wakes and timers live until loop_close: threads that
 * wake are joined before it. */
typedef struct LoopWake LoopWake;
LoopWake *loop_wake_open(Loop *loop, void (*fn)(void *ctx), void *ctx);
void loop_wake(LoopWake *wake); /* any thread */
/* work(ctx) on the thread pool, then done(ctx) on the loop thread. For slow things only. */
Err loop_work(Loop *loop, void (*work)(void *ctx), void (*done)(void *ctx), void *ctx) MUST_CHECK;
Timer *timer_open(Loop *loop, void (*fn)(void *ctx), void *ctx);
void timer_start(Timer *t, i64 after_ms, i64 repeat_ms); /* restarts; repeat 0: once */
void timer_stop(Timer *t);
/* SIGINT and SIGTERM. */
void loop_on_signal(Loop *loop, void (*fn)(void *ctx, int signal), void *ctx);

/* ---- the server ---- */
typedef struct ServerOptions {
    const char *host;                 /* "127.0.0.1", "::", ... */
    u16 port;                         /* 0: any free one, see server_port */
    const char *cert_file, *key_file; /* PEM; both NULL: plain HTTP */
} ServerOptions;

typedef struct ServerEvents {
    /* A whole request with its body arrived; answer it now or later, exactly once. */
    void (*on_request)(void *ctx, Request *r);
    /* A WebSocket upgrade: true accepts. The handler may set *user, see socket_user. On false the
     * handler has answered the request itself (request_reply). */
    bool (*on_upgrade)(void *ctx, Request *r, void **user);
    void (*on_open)(void *ctx, Socket *s);
    void (*on_message)(void *ctx, Socket *s, Span binary); /* text frames are refused with 1003 */
    void (*on_close)(void *ctx, Socket *s);                /* once; s is gone when it returns */
    void *ctx;
} ServerEvents;

/* Listens; on failure returns NULL and writes what, where and what to do into why. */
Server *server_open(Loop *loop, const ServerOptions *o, const ServerEvents *e, char *why,
                    size_t size);
u16 server_port(const Server *s);
u32 server_connections(const Server *s);
/* CONNECTIONS_MAX or what the descriptor limit allows (the soft one is raised to the hard one). At
 * this many, newcomers wait until one goes. */
u32 server_connections_max(const Server *s);
/* Stops accepting, closes idle connections, sends close 1012 (service restart) to sockets, and
 * calls drained when all are gone or after grace_ms. */
void server_drain(Server *s, i64 grace_ms, void (*drained)(void *ctx), void *ctx);

/* ---- HTTP ---- */
typedef enum Method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_DELETE,
    METHOD_OTHER
} Method;

Method request_method(const Request *r);
Span request_path(const Request *r); /* percent-decoded, starts with '/', no query, no ".." step */
Span request_query(const Request *r, const char *name); /* decoded value; ptr NULL: absent */
Span request_header(const Request *r, const char *lower_case_name); /* ptr NULL: absent */
Span request_cookie(const Request *r, const char *name);
Span request_body(const Request *r);
Span request_peer(const Request *r);   /* address as text, without the port */
bool request_secure(const Request *r); /* came over TLS */
/* Memory that lives as long as the request (an Arena); also for replies. */
struct Arena *request_arena(Request *r);
/* Keeps a word of the handler's with the request. */
void request_set_user(Request *r, void *user);
void *request_user(const Request *r);

typedef struct Header {
    const char *name; /* as it shall be sent */
    Span value;       /* CR, LF and NUL in it are refused: the reply becomes a 500 */
} Header;

/* Answers, and ends the request: r is gone when this returns. Content-Length, Date and Connection are
 * added here. The body is copied if it cannot leave at once, unless it is static memory
 * (request_reply_static). A HEAD gets the length, not the body. */
void request_reply(Request *r, u32 status, const Header *headers, size_t count, Span body);
void request_reply_static(Request *r, u32 status, const Header *headers, size_t count, Span body);

/* ---- WebSocket ---- */
typedef enum SendClass {
    SEND_CONTROL, /* never dropped, goes before waiting media */
    SEND_MEDIA,   /* may be dropped: false from socket_send tells that it was */
} SendClass;

/* One message for many sockets: bytes are shared, not copied. Starts with one reference. */
typedef struct NetBuf NetBuf;
NetBuf *netbuf_new(size_t len); /* NULL: out of memory */
u8 *netbuf_bytes(NetBuf *b);    /* to fill before the first send */
void netbuf_keep(NetBuf *b);
void netbuf_drop(NetBuf *b); /* frees with the last reference */

/* Sends one binary message: directly as far as the kernel takes it, the rest is queued. False:
 * neither sent nor queued (socket closing, or media queue full). One message is always taken by an
 * empty queue, however long. A message that has begun is finished before any other: who wants
 * control messages to be quick keeps media messages short, 64 KB or so. */
bool socket_send(Socket *s, SendClass c, Span message);
bool socket_send_buf(Socket *s, SendClass c, NetBuf *b);
/* How many bytes of control messages may wait; SOCKET_CONTROL_QUEUE_BYTES_MAX unless set. */
void socket_set_room(Socket *s, size_t control_bytes);
size_t socket_queued_bytes(const Socket *s, SendClass c);
/* While held nothing more is read from the peer, whose sending comes to a stop by itself; what has been read
 * already is still delivered, and from then on little is read at once. An end of the connection is noticed when
 * it is let go. */
void socket_hold(Socket *s, bool held);
/* Says goodbye with code and reason (at most 123 bytes). No on_message follows; on_close does, when
 * the peer has answered or SOCKET_CLOSE_MS are over, never before this returns. */
void socket_close(Socket *s, u16 code, Span reason);
void *socket_user(const Socket *s);
Span socket_peer(const Socket *s);

#endif
