/* internal.h - what the files of net share; nobody outside this room includes it but net's own
 * tests and fuzzers.
 *
 * A Connection is one accepted socket. Bytes come in through connection_feed (after TLS) and leave
 * through out_push (before TLS); between the two stands one of three modes: HTTP, a WebSocket, or
 * lingering until the peer has read the last reply. All memory that a connection needs only while
 * it is busy is the loop's or is freed when it falls idle: an idle WebSocket costs well under a
 * kilobyte.
 *
 * Freeing is always deferred: connection_close only marks and asks libuv to close the handle, and
 * the close callback frees. So any callback may close anything, and code that called out checks
 * c->closed before it goes on. */
#ifndef INVIGIL_NET_INTERNAL_H
#define INVIGIL_NET_INTERNAL_H

#include <stdatomic.h>

#include <llhttp/llhttp.h>
#include <openssl/ssl.h>
#include <uv.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "net/net.h"

typedef struct Connection Connection;
typedef struct Http Http;
typedef struct Tls Tls;

/* ---- loop.c ---- */
enum {
    LOOP_READ_BYTES = 64 * 1024, /* one read from a socket; one buffer for all connections */
    FRUGAL_READ_BYTES = 4096,    /* one from a peer that was held: some fifty commands */
    TLS_RECORD_BYTES = 16 * 1024,
    SEND_BATCH_BYTES = 64 * 1024, /* handed to the kernel at once, see SOCKET_UNSENT_BYTES_MAX */
};

struct Loop {
    uv_loop_t uv;
    uv_prepare_t before_wait;
    uv_check_t after_wait;
    uv_signal_t signals[2];
    void (*turn)(void *ctx, i64 now_ms);
    void *turn_ctx;
    void (*signal)(void *ctx, int signal);
    void *signal_ctx;
    bool happened;  /* a callback ran since the last turn */
    bool now_known; /* now_ms was read in this turn */
    bool stopping;
    i64 now_ms;
    Clock clock;
    Server *servers;
    Timer *timers;
    LoopWake *wakes;
    u8 *read_bytes;  /* LOOP_READ_BYTES, filled by the connection that reads now */
    u8 *plain_bytes; /* TLS_RECORD_BYTES, what TLS decrypts, or what it shall encrypt */
    u8 *stage_bytes;
    u32 collecting;        /* loop_collect without its loop_release yet */
    Connection *collected; /* with messages that wait for the release */
    Buf cipher;            /* what TLS wants sent for the connection that is being served */
};

static inline void loop_happened(Loop *loop)
{
    loop->happened = true;
}

/* ---- server.c ---- */
/* Connections stand in one of these, the longest waiting first: all in one line have the same
 * patience, so only the head must be looked at. */
typedef enum Line {
    LINE_IDLE,    /* the peer must do something within idle_ms */
    LINE_CLOSING, /* the peer must take our goodbye within close_ms */
    LINE_HANDLER, /* our own handler is at work: no deadline */
    LINE_COUNT,
} Line;

struct Server {
    Loop *loop;
    Server *next;
    ServerEvents events;
    SSL_CTX *tls; /* NULL: plain HTTP */
    uv_poll_t listener;
    uv_timer_t sweeper;
    int fd;
    u16 port;
    bool listening, listener_open;
    u32 connections, connections_max;
    size_t collected_bytes; /* request bodies and pieces of messages in memory */
    i64 idle_ms, close_ms, swept_ms;
    bool spared; /* by the latest sweep, which came late */
    Connection *first[LINE_COUNT], *last[LINE_COUNT];
    Request *orphans; /* with a handler although their connection is gone */
    i64 date_second;
    char date[32];
    uv_timer_t grace;
    bool draining;
    void (*drained)(void *ctx);
    void *drained_ctx;
};

/* A server without a listening socket, for tests and fuzzers that feed bytes by hand. */
Server *server_detached(Loop *loop, const ServerEvents *e);
/* For tests: other patience than CONNECTION_IDLE_MS and SOCKET_CLOSE_MS. */
void server_set_patience(Server *s, i64 idle_ms, i64 close_ms);
void server_line_join(Connection *c, Line line); /* at its end, with a new deadline */
void server_line_leave(Connection *c);
void server_connection_gone(Server *s);
/* Books memory for what senders have not finished; false: NET_COLLECTED_BYTES_MAX is reached. */
bool server_collect(Server *s, size_t bytes);
void server_release(Server *s, size_t bytes);
void server_stop(Server *s); /* closes listener and connections at once */
void server_free(Server *s); /* after the loop has ended */
const char *server_date(Server *s);

/* ---- connection.c ---- */
typedef enum Mode { MODE_HTTP, MODE_SOCKET, MODE_LINGER } Mode;

typedef struct OutItem OutItem;
typedef struct OutQueue {
    OutItem *first, *last;
    size_t bytes;
} OutQueue;

struct Connection {
    Server *server;
    Connection *prev, *next; /* in its line */
    i64 deadline_ms;         /* of the loop's monotonic clock */
    uv_poll_t poll;
    int fd; /* -1: detached, output is thrown away or goes to sink */
    u8 mode, line;
    u8 interest;       /* uv_poll events that are asked for */
    bool closed;       /* freed soon; nothing may be done with it any more */
    bool peer_done;    /* the peer has sent its last byte */
    bool blocked;      /* the kernel takes no more: wait until it is writable */
    bool paused;       /* do not read */
    bool frugal;       /* read little at once: it has sent too much */
    bool said_goodbye; /* TLS's close_notify is on its way */
    bool shut;         /* our side is shut down */
    OutQueue queue[2]; /* by SendClass; HTTP uses SEND_CONTROL */
    OutItem *started;  /* partly sent: must be finished before any other */
    bool collected;    /* in the loop's list; see loop_collect */
    Connection *next_collected;
    Tls *tls;
    Http *http;     /* MODE_HTTP only */
    Socket *socket; /* since the upgrade */
    Buf *sink;      /* detached connections: what was sent, or NULL */
    char peer[46];  /* an IPv6 address */
};

Connection *connection_open(Server *s, int fd,
                            const char *peer); /* NULL: out of memory; fd not closed */
/* The seam for tests and fuzzers: a connection without a socket. connection_detached_free takes the
 * place of the loop's close callback. */
Connection *connection_detached(Server *s, Buf *sink);
void connection_detached_free(Connection *c);
/* Plain bytes from the peer; they may be changed in place. */
void connection_feed(Connection *c, u8 *bytes, size_t len);
void connection_eof(Connection *c);
void connection_close(Connection *c);    /* now; what is queued is lost */
void connection_linger(Connection *c);   /* send what is queued, then say goodbye and close */
void connection_drained(Connection *c);  /* called when the last queued byte has left */
void connection_expired(Connection *c);  /* its deadline is over */
void connection_interest(Connection *c); /* asks libuv for what blocked and paused say */

/* ---- out.c ---- */
typedef enum Keep {
    KEEP_COPY,   /* somebody else's bytes: what cannot leave at once is copied */
    KEEP_STATIC, /* bytes that live forever */
    KEEP_SHARED, /* bytes of item->buf */
} Keep;

struct OutItem {
    OutItem *next;
    NetBuf *buf;
    Span rest;   /* payload bytes that have not left */
    size_t room; /* behind them, for more whole frames */
    u8 keep, send_class;
    bool begun;           /* some of it has left */
    u8 head_at, head_len; /* frame header; bytes of it that have left */
    u8 head[10];
};

struct NetBuf {
    atomic_uint refs;
    size_t len;
    u8 bytes[];
};

/* Sends the items (on the caller's stack) in order: directly as far as the kernel takes them, the
 * rest is queued. False: out of memory, or the connection broke; it is closed then. */
bool out_push(Connection *c, SendClass send_class, OutItem *items, size_t count);
void out_release(Loop *loop);  /* sends what was collected */
void out_flush(Connection *c); /* sends what is queued until the kernel is full */
bool out_empty(const Connection *c);
void out_drop(Connection *c, SendClass send_class); /* forgets what has not been started */
void out_free(Connection *c);

/* ---- tls.c ---- */
SSL_CTX *tls_context(const char *cert_file, const char *key_file, char *why, size_t size);
Tls *tls_open(SSL_CTX *ctx, Connection *c);
void tls_close(Tls *tls);
void tls_input(Connection *c, u8 *bytes, size_t len); /* ciphertext; calls connection_feed */
/* Encrypts up to TLS_RECORD_BYTES into loop->cipher. */
bool tls_encrypt(Connection *c, Span plain);
void tls_goodbye(Connection *c); /* close_notify */
Buf *tls_unsent(Tls *tls);       /* ciphertext that the kernel did not take yet */
/* Sends loop->cipher; what the kernel does not take stays in tls_unsent. False: broken. */
bool tls_send(Connection *c);

/* ---- http.c, head.c, request.c, reply.c ---- */
typedef struct HeaderLine {
    Span name, value; /* the name in lower case */
} HeaderLine;

struct Request {
    Connection *conn; /* NULL: gone before the answer */
    Request *next_orphan;
    Arena arena;
    Buf body;
    Method method;
    Span target, path, query;
    HeaderLine *headers;
    u32 header_count;
    u8 minor_version;
    bool keep_alive, upgrade, chunked, head_done, answered;
    u64 content_length;
    u32 refuse_status; /* what a parser callback found wrong, 0: nothing */
    const char *refuse_text;
    void *user;
    Server *server;
    char peer[46];
};

typedef enum Phase {
    PHASE_HEAD, /* collecting the header block */
    PHASE_BODY,
    PHASE_WAIT, /* the handler has the request, or its answer is still leaving */
} Phase;

struct Http {
    Connection *conn;
    Buf in;      /* bytes that are not consumed yet */
    size_t at;   /* consumed of in */
    size_t scan; /* looked at of in, while collecting a head */
    llhttp_t parser;
    Request *request;
    u8 phase;
    bool running;           /* http_run is on the stack */
    const char *framing_at; /* chunked: where the bytes begin that are not checked yet */
    u8 framing_last;        /* chunked: the last byte outside of chunk data */
    u32 framing_bytes;      /* chunked: bytes outside of chunk data */
    size_t touched;         /* body bytes when the deadline was last moved */
};

Http *http_open(Connection *c);
void http_close(Http *h); /* a request that is with its handler becomes an orphan */
void http_feed(Connection *c, const u8 *bytes, size_t len);
void http_run(Connection *c); /* goes on with what is there */
void http_expired(Connection *c);
bool http_idle(const Http *h); /* between two requests, nothing of the next one here */
void http_answered(Request *r, bool close);

/* Looks for the end of the header block. Returns its length, 0: not here yet, or refuses. */
size_t head_scan(Http *h, u32 *status, const char **text);
/* Parses a whole head, checks it. False: r->refuse_status and text are set. */
bool head_parse(Http *h, Request *r, Span head);
/* The rest of a message with a body. Returns bytes consumed; *done: the message is whole. */
size_t body_parse(Http *h, Request *r, const u8 *bytes, size_t len, bool *done);
bool request_check(Request *r); /* target, Host, lengths: false with refuse_status */

void request_free(Request *r);
/* Percent-decodes into the arena. False: a bad escape, or a zero byte. */
bool percent_decode(Arena *a, Span s, bool plus_is_space, Span *out);
bool header_has_token(const Request *r, const char *lower_case_name, const char *token);
/* A reply of the server's own, closes the connection afterwards. */
void http_refuse(Connection *c, u32 status, const char *text);
const char *status_text(u32 status);

/* ---- upgrade.c ---- */
/* True: the request is an upgrade and was dealt with (accepted, refused or left to the handler). */
bool upgrade_try(Connection *c, Request *r);

/* ---- frame.c ---- */
typedef struct FrameHead {
    u64 len;
    u8 mask[4];
    u8 opcode;
    bool fin;
} FrameHead;

enum { OP_MORE = 0, OP_TEXT = 1, OP_BINARY = 2, OP_CLOSE = 8, OP_PING = 9, OP_PONG = 10 };
enum { FRAME_HEAD_BYTES_MAX = 14 };

/* Reads a client's frame header. Returns its length, 0: more bytes are needed, -1: not allowed. */
int frame_read(const u8 *bytes, size_t len, FrameHead *out);
/* Writes a server's frame header; returns its length. */
u8 frame_write(u8 out[10], u8 opcode, size_t len);
/* Unmasks in place; at: how many payload bytes of the frame came before. */
void frame_unmask(u8 *bytes, size_t len, const u8 mask[4], u64 at);
bool frame_close_code_ok(u32 code);

/* ---- socket.c ---- */
typedef enum SocketState {
    SOCKET_OPEN,
    SOCKET_CLOSING, /* our close frame is on its way, the peer's has not come */
    SOCKET_DEAF,    /* closing after an error: nothing is parsed any more */
} SocketState;

struct Socket {
    Connection *conn;
    void *user;
    size_t control_max; /* bytes of waiting control messages */
    FrameHead frame;    /* the one whose payload is being read */
    u64 frame_at;       /* payload bytes of it that are here */
    Buf message;        /* a message that did not come in one piece */
    u8 head[FRAME_HEAD_BYTES_MAX];
    u8 head_len; /* bytes in head, while a header comes in pieces */
    u8 state;
    bool in_frame, in_message;
    u8 control_len;
    u8 control[125]; /* payload of a ping or close that comes in pieces */
};

Socket *socket_open(Connection *c, void *user);
void socket_free(Socket *s);
void socket_feed(Socket *s, u8 *bytes, size_t len);

#endif
