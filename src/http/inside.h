/* inside.h - what the files of http share about the running site. Loop thread only. */
#ifndef INVIGIL_HTTP_INSIDE_H
#define INVIGIL_HTTP_INSIDE_H

#include "app/engine.h"
#include "app/feed.h"
#include "app/lines.h"
#include "app/media.h"
#include "base/map.h"
#include "http/imports.h"
#include "http/site.h"
#include "http/throttle.h"
#include "net/net.h"
#include "store/log.h"
#include "store/pack.h"
#include "store/people.h"

typedef struct Live Live; /* one live socket, see live.h */
typedef struct PaperCache PaperCache;
typedef struct SignDesk SignDesk;

struct Site {
    Loop *loop;
    Server *server;
    Log *log;
    Writer *writer;
    Ballast *ballast;
    const char *data;
    People *people;
    Packs *packs;
    Engine *engine;
    Feeds *feeds;
    Media *media;
    Lines *lines;
    Throttle *throttle;
    Imports *imports;
    PaperCache *papers;
    SignDesk *sign_desk;
    struct Tally *tally; /* see tally.h */
    const char *web_root;
    const char *public_url; /* NULL: as the browser asked */
    i64 disconnected_ms;
    i64 ran_ms; /* when the loop was seen running last */
    u8 sign_public[SEAL_SIGN_PUBLIC_BYTES], sign_secret[SEAL_SIGN_SECRET_BYTES];
    char organization[NAME_BYTES_MAX + 1];
    char support[NAME_BYTES_MAX + 1];
    u8 nobody_password[SEAL_PASSWORD_TEXT_BYTES]; /* compared with when there is no such account */
    /* timers and wake-ups */
    LoopWake *written, *packed, *asked_to_stop;
    Timer *engine_timer, *feed_timer, *second_timer;
    Err log_fault;
    u32 room_level; /* see room.h */
    i64 purge_ms;   /* when sign-ins that are over are removed next */
    /* live sockets */
    Live *lives;
    u32 live_count;
    Map leaders; /* attempt -> Live that leads it */
    Map phones;  /* attempt -> Live of its phone */
    Map phone_tickets;
    Buf live_out; /* the message that is being encoded */
    /* stopping */
    bool stopping, drained;
    u32 calls_open; /* requests with a handler */
};

static inline i64 site_now_ms(const Site *s)
{
    return loop_now_ms(s->loop);
}

/* Called before anything that came is taken: notices that the whole server stood still meanwhile, because its
 * process or its machine was stopped. */
void site_look(Site *s);
/* A command id for what a request asks: random, so that no two requests are taken for a repetition. */
u64 site_command_id(void);
/* Random text for codes and tokens. */
u64 site_random_below(u64 end);

#endif
