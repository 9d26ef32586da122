/* talk.h - what any program needs that plays many candidates: connections to the loopback, the two
 * requests by which a candidate enters, then messages of schema/wire.def in WebSocket frames. Who waits
 * for what, and what a lost connection means, is the caller's. */
#ifndef INVIGIL_BENCH_TALK_H
#define INVIGIL_BENCH_TALK_H

#include "base/buf.h"
#include "wire/wire.h"

enum {
    PROTOCOL = 1,
    COOKIE_BYTES = 128,
    TARGET_BYTES = 8,    /* of one target of a command */
    FRAME_BINARY = 0x82, /* first bytes of frames */
    FRAME_CLOSE = 0x88,
};

u64 now_ns(void);
/* A socket that never waits; -1: errno says why. */
int talk_open(void);
/* Begins to connect. False: errno says why. */
bool talk_connect(int fd, u16 port);
/* Sends all of it, waiting for room if need be, and empties it. False: the connection is gone, or what was
 * put did not fit. */
bool talk_send(int fd, Buf *out);

/* What is put collects in `out`. */
void put_join(Buf *out, u16 port, const char *code, u32 number);
void put_upgrade(Buf *out, u16 port, const char *cookie);
void put_message(Buf *out, const Message *m);
void put_command(Buf *out, u64 cmd, Span targets, const Command *c);
/* A command about the attempt itself. */
void put_own_command(Buf *out, u64 cmd, u64 attempt, const Command *c);
void target_write(u8 out[TARGET_BYTES], u64 object);
void put_follow(Buf *out, u64 stream, u64 seen_ver);

/* What came is taken from the front of `in`. Both return how many bytes it has, 0: not all here yet. */
typedef struct HttpAnswer {
    u32 status;
    Span head, body;
} HttpAnswer;
size_t take_answer(Span in, HttpAnswer *out);
typedef struct Frame {
    u8 first;
    Span payload;
} Frame;
size_t take_frame(Span in, Frame *out);

/* "name=value" of the sign-in that an answer brings; false: there is none. */
bool answer_cookie(const HttpAnswer *a, char out[COOKIE_BYTES]);
/* A number in an answer's JSON, 0: there is none. */
u64 answer_number(const HttpAnswer *a, const char *name);

#endif
