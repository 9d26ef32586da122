/* live.h - the live socket: one Live per open WebSocket, from hello to close.
 *
 * live.c knows the connection: who it is, whether it leads its attempt, whether it is still heard.
 * live_ask.c knows what may be asked over it. Of several sockets of one attempt the newest leads: the
 * older one is told so and closed. A device is a sign-in: another device of the same candidate leads
 * only after a takeover, see ask_takeover in schema/attempt.def. A phone has a socket of its own under
 * /live/phone, see phone.h. Close codes: docs/reference/api.md. */
#ifndef INVIGIL_HTTP_LIVE_H
#define INVIGIL_HTTP_LIVE_H

#include "http/call.h"

enum {
    LIVE_PROTOCOL = 1,
    /* close codes */
    LIVE_MALFORMED = 4400,
    LIVE_SIGNED_OUT = 4401,
    LIVE_RIGHTS_CHANGED = 4403,
    LIVE_SILENT = 4408,
    LIVE_TAKEN_OVER = 4409,
    LIVE_OVERLOADED = 4413,
};

/* What the message `seat` says. */
typedef enum SeatState { SEAT_ELSEWHERE, SEAT_HERE, SEAT_ASKED, SEAT_DECLINED } SeatState;

struct Live {
    Live *prev, *next;
    Site *site;
    Socket *socket; /* NULL: gone; kept until the last command is answered */
    Asker who;
    u8 token_hash[SEAL_HASH_BYTES];
    i64 expires_ms, heard_ms;
    bool greeted, leads, ending, held;
    u8 bad_messages;
    u32 asks;                      /* commands that wait for the disk */
    u32 taken;                     /* messages in this second, without recordings */
    u8 phone_told;                 /* of a phone: what is wanted of it */
    Msg_phone_report phone_report; /* of a phone: its last word */
    i64 opened_ms, phone_gone_ms;  /* phone_gone_ms: of who leads, when its phone went */
    Watcher *watcher;
    MediaSource *source;
    MediaViewer *viewer;
    u32 round_trip_ms,
        backlog_kb; /* of a candidate: as its device found it at health_ms; 0: not yet */
    i64 health_ms;
};

/* ServerEvents. */
bool live_upgrade(void *site, Request *r, void **user);
void live_open(void *site, Socket *s);
void live_message(void *site, Socket *s, Span binary);
void live_close(void *site, Socket *s);

/* Looks after all sockets once a second: silent ones, sign-ins that are over. */
void live_sweep(Site *s, i64 now_ms);
/* The server itself did not run since ran_ms. For whoever is connected that is a lost connection: the time
 * is given back by the same policy. */
void live_stood_still(Site *s, i64 ran_ms, i64 now_ms);
/* Closes the sockets of a sign-in, or of a user whose rights have changed. */
void live_close_sign_in(Site *s, const u8 token_hash[SEAL_HASH_BYTES]);
void live_close_user(Site *s, u64 user);
/* A takeover of an attempt was asked for or decided: tells its sockets, and lets another one lead. */
void live_takeover(Site *s, u64 attempt, const Event *e);
/* An attempt was handed over: whoever may not see it any more gets no more of its pictures. */
void live_handed_over(Site *s, u64 attempt);
/* Tells the socket that leads an attempt where its request stands (LineTell). */
void live_tell_place(void *site, u64 attempt, const Message *place);
/* How the device that leads an attempt found its connection last; false: it is not here or said nothing. */
bool live_health(const Site *s, u64 attempt, u32 *round_trip_ms, u32 *backlog_kb, i64 *at_ms);
/* Tells everybody that the server goes, and when to come back. */
void live_say_closing(Site *s);
void live_done(Site *s); /* after the loop has ended */

/* ---- between the two files ---- */
bool live_send(Live *l, const Message *m);
void live_refuse(Live *l, Refusal why, const char *what); /* what NULL: the words of the refusal */
void live_end(Live *l, u16 code, Refusal why);            /* says why, then closes */
void live_server_ask(Site *s, u64 attempt, const Command *c);
void live_take_message(Live *l, const Message *m);
void live_listen(Live *l);  /* or not for now: its neighbours come first */
void live_release(Live *l); /* frees it when nothing needs it any more */
u32 live_reconnect_ms(const Site *s);

#endif
