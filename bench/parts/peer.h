/* peer.h - the people of a hall: each a connection that joins by code, opens a WebSocket, says hello and
 * brings its candidate into the exam; one of them may be a proctor. What is measured with them: hall.c.
 *
 * One thread, one epoll; dies with a message when anything is not as it should be. */
#ifndef INVIGIL_BENCH_PEER_H
#define INVIGIL_BENCH_PEER_H

#include "base/text.h"
#include "bench/parts/talk.h"
#include "bench/parts/times.h"

enum {
    IN_BYTES = 16384, /* the longest reply, a paper of 20 questions, has about 6 KB */
    CANDIDATES_LIMIT = 10000,
    IN_FLIGHT_LIMIT = 64,
    PATIENCE_MS = 30000,
};

typedef enum Step {
    STEP_NEW,
    STEP_JOINING,
    STEP_UPGRADING,
    STEP_ENTERING,
    STEP_ACTIVE,
    STEP_LOST, /* its connection broke: it comes back at back_ns */
} Step;

typedef struct Peer {
    int fd;
    Step step;
    u32 len;     /* of what lies in `in`, begun and not complete */
    u32 waiting; /* answers under way */
    u64 attempt, cmd, entered_cmd;
    u64 sent_ns[IN_FLIGHT_LIMIT]; /* by command id */
    u64 back_ns;
    bool unpinged;       /* the caller sends by itself, also half a frame */
    u32 delay_ms, tries; /* as the server said; tries without it since */
    char cookie[COOKIE_BYTES];
    u8 in[IN_BYTES];
} Peer;

typedef struct Hall Hall;
struct Hall {
    int epoll;
    u16 port;
    u32 count, opened, active, in_flight, items, disclosure;
    const char *code;
    u64 session;
    Peer *peers; /* peers[count] is the proctor, if there is one */
    bool staff,
        enter_waiting; /* a candidate has entered when it waits, not when its exam has begun */
    bool may_lose, may_be_refused;
    u32 lost, back;
    Buf out;
    u64 pinged_ns;
    Times *times;
    void (*on_reply)(Hall *h, Peer *p, const Msg_reply *r);
    void (*on_event)(Hall *h, Peer *p, EventKind kind);
    void (*on_feed)(Hall *h, u64 attempt, EventKind kind); /* what the proctor's monitor hears */
    void (*on_paper)(Hall *h, Peer *p);
    void (*on_back)(Hall *h, Peer *p);
    /* of measures */
    bool paced;
    u64 due_ns; /* of the answer that is being sent, when paced */
    double transactions;
    EventKind awaited; /* of all candidates */
    u64 round_ns;
    u32 seen, replies, papers;
};

_Noreturn void die(const char *what, const char *why); /* why NULL: errno */
u64 patience(void);                                    /* until when something may take */
bool is_bare(const Hall *h);
bool is_staff(const Hall *h, const Peer *p);

/* Frames collect until flush. */
void peer_put_own(Hall *h, Peer *p, const Command *c);
void peer_put(Hall *h, Peer *p, Span targets, const Command *c);
void flush(Hall *h, Peer *p);
void ping_all(Hall *h);

void peer_open(Hall *h, Peer *p);
void enter_all(Hall *h);
void poll_once(Hall *h, int wait_ms);
void poll_until(Hall *h, const u32 *value, u32 wanted, u64 until_ns, const char *what);

#endif
