#include "app/lines.h"

#include "app/grow.h"
#include "base/map.h"

#include <stdlib.h>

/* One who waits. */
typedef struct Waiting {
    u64 attempt;
    i64 since_ms;
    u32 told_place; /* 0: not told yet */
    i64 told_wait_ms;
} Waiting;

typedef struct Line {
    struct Line *next; /* of the same session */
    u64 proctor;       /* whose it is; 0: everybody's */
    LineKind kind;
    Waiting *items; /* oldest first */
    u32 count, cap;
    i64 served_ms; /* when the last one was */
    i64 took_ms[SERVED_KEPT];
    u32 served;
    bool changed;
} Line;

struct Lines {
    const Engine *engine;
    Map sessions; /* id -> its first Line */
};

Lines *lines_open(const Engine *e)
{
    Lines *l = calloc(1, sizeof *l);
    if (l) l->engine = e;
    return l;
}

void lines_close(Lines *l)
{
    if (!l) return;
    u64 session;
    void *first;
    for (size_t at = 0; map_next(&l->sessions, &at, &session, &first);) {
        for (Line *line = first, *next; line; line = next) {
            next = line->next;
            free(line->items);
            free(line);
        }
    }
    map_done(&l->sessions);
    free(l);
}

/* ---- coming and going ---- */

static Waiting *line_find(const Line *line, u64 attempt)
{
    for (u32 i = 0; i < line->count; i++)
        if (line->items[i].attempt == attempt) return &line->items[i];
    return NULL;
}

static Line *line_of(Lines *l, u64 session, u64 proctor, LineKind kind)
{
    Line *first = map_get(&l->sessions, session);
    for (Line *line = first; line; line = line->next)
        if (line->proctor == proctor && line->kind == kind) return line;
    Line *line = calloc(1, sizeof *line);
    if (!line) return NULL;
    *line = (Line){.next = first, .proctor = proctor, .kind = kind};
    if (map_put(&l->sessions, session, line) == OK) return line;
    free(line);
    return NULL;
}

static void line_add(Line *line, u64 attempt, i64 since_ms)
{
    if (line_find(line, attempt)) return;
    /* Without memory for it nothing is said; the request itself is stored. */
    if (array_grow((void **)&line->items, line->count, &line->cap, sizeof(Waiting))) return;
    u32 i = line->count++;
    for (; i && line->items[i - 1].since_ms > since_ms; i--)
        line->items[i] = line->items[i - 1];
    line->items[i] = (Waiting){.attempt = attempt, .since_ms = since_ms};
    line->changed = true;
}

static void line_remove(Line *line, const Waiting *w)
{
    u32 i = (u32)(w - line->items);
    memmove(line->items + i, line->items + i + 1, (--line->count - i) * sizeof(Waiting));
    line->changed = true;
}

/* Somebody was served: how long that took, from when it could begin. */
static void line_served(Line *line, const Waiting *w, i64 now_ms)
{
    i64 from = MAX_OF(w->since_ms, line->served_ms);
    line->took_ms[line->served++ % SERVED_KEPT] = MAX_OF(now_ms - from, (i64)0);
    line->served_ms = now_ms;
}

static i64 wait_ms(const Line *line, u32 place)
{
    u32 n = MIN_OF(line->served, (u32)SERVED_KEPT);
    i64 sum = 0;
    if (line->served < SERVED_LEAST) return 0;
    for (u32 i = 0; i < n; i++)
        sum += line->took_ms[i];
    return MAX_OF(sum / n * place, (i64)1);
}

/* Takes the attempt out of its line of that kind, whosever it is. */
static void leave(Lines *l, u64 session, u64 attempt, u32 kinds, bool served, i64 now_ms)
{
    for (Line *line = map_get(&l->sessions, session); line; line = line->next) {
        Waiting *w = kinds & 1u << line->kind ? line_find(line, attempt) : NULL;
        if (!w) continue;
        if (served) line_served(line, w, now_ms);
        line_remove(line, w);
    }
}

static void join(Lines *l, const Attempt *a, LineKind kind, i64 since_ms)
{
    Line *line = since_ms ? line_of(l, a->session, a->proctor, kind) : NULL;
    if (line) line_add(line, a->id, since_ms);
}

/* As the attempt stands now: after a hand-over, a restart, a new connection. */
static void stand(Lines *l, const Attempt *a)
{
    bool held = session_on(engine_session(l->engine, a->session), SETTING_waiting_room);
    bool comes_in = held && a->state == ATTEMPT_waiting && !a->admitted;
    join(l, a, LINE_ADMIT, comes_in ? a->ready_ms : 0);
    join(l, a, LINE_HAND, a->hand_ms);
    join(l, a, LINE_PAUSE, a->pause_asked_ms);
}

enum {
    ADMIT_BIT = 1 << LINE_ADMIT,
    HAND_BIT = 1 << LINE_HAND,
    PAUSE_BIT = 1 << LINE_PAUSE,
    ALL_BITS = ADMIT_BIT | HAND_BIT | PAUSE_BIT,
};

/* Which lines the event takes the candidate out of. */
static u32 lines_left(EventKind kind)
{
    switch ((u32)kind) {
    case EVT_admitted:
    case EVT_asked_again:
    case EVT_began: return ADMIT_BIT;
    case EVT_hand_lowered: return HAND_BIT;
    case EVT_pause_withdrawn:
    case EVT_pause_decided:
    case EVT_paused: return PAUSE_BIT;
    case EVT_refused:
    case EVT_submitted:
    case EVT_ended:
    case EVT_connected: /* told again */
    case EVT_handed_over: return ALL_BITS;
    }
    return 0;
}

void lines_event(Lines *l, u64 attempt, const Event *e)
{
    const Attempt *a = engine_attempt(l->engine, attempt);
    u32 left = lines_left(e->kind);
    bool moves = e->kind == EVT_handed_over || e->kind == EVT_connected;
    bool asks =
        e->kind == EVT_became_ready || e->kind == EVT_hand_raised || e->kind == EVT_pause_requested;
    bool waits_on = left && !moves;
    if (left) leave(l, a->session, attempt, left, waits_on && e->role == BY_PROCTOR, e->at_ms);
    if (asks || moves) stand(l, a);
}

/* ---- telling ---- */

static void tell_one(const Line *line, Waiting *w, u32 place, LineTell *tell, void *ctx)
{
    const i64 minute = 60000;
    i64 wait = wait_ms(line, place);
    if (w->told_place == place && w->told_wait_ms / minute == wait / minute) return;
    Message m = {.kind = MSG_place, .place = {(u8)line->kind, place, wait, 0}};
    w->told_place = place;
    w->told_wait_ms = wait;
    tell(ctx, w->attempt, &m);
}

void lines_flush(Lines *l, LineTell *tell, void *ctx)
{
    u64 session;
    void *first;
    for (size_t at = 0; map_next(&l->sessions, &at, &session, &first);) {
        for (Line *line = first; line; line = line->next) {
            if (!line->changed) continue;
            line->changed = false;
            for (u32 i = 0; i < MIN_OF(line->count, (u32)PLACES_TOLD_MAX); i++)
                tell_one(line, &line->items[i], i + 1, tell, ctx);
        }
    }
}
