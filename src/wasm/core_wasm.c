/* core_wasm.c - the core in the browser: one attempt and its session, fed with the events that the
 * server sends, asked what is allowed and how much time is left. The same rules, the same code.
 *
 * One buffer carries bytes in. Numbers that may pass 2^31 are doubles, as JavaScript has them. A bug
 * (a failed assert) traps: the page then shows what the server says. */
#include "core/core.h"

#define EXPORT(name) __attribute__((export_name(#name)))

enum { WASM_BUFFER_BYTES = EVENT_BYTES_MAX };

static u8 wasm_buffer[WASM_BUFFER_BYTES];
static Attempt wasm_attempt;
static ItemState wasm_items[ITEMS_MAX + 1];
static Session wasm_session;

_Noreturn void assert_failed(const char *what, const char *file, int line)
{
    (void)what, (void)file, (void)line;
    __builtin_trap();
}

EXPORT(core_buffer) u8 *core_buffer(void)
{
    return wasm_buffer;
}

EXPORT(core_buffer_bytes) u32 core_buffer_bytes(void)
{
    return WASM_BUFFER_BYTES;
}

EXPORT(core_reset) void core_reset(double attempt, double session)
{
    memset(wasm_items, 0, sizeof wasm_items);
    attempt_init(&wasm_attempt, (u64)attempt, (u64)session, wasm_items, ITEMS_MAX);
    session_init(&wasm_session, (u64)session);
}

/* Applies the encoded event in the buffer: 0 applied, 1 not an event, 2 of neither stream. */
EXPORT(core_apply) u32 core_apply(u32 len)
{
    Event e;
    if (len > WASM_BUFFER_BYTES || event_decode((Span){wasm_buffer, len}, &e)) return 1;
    if ((u32)e.kind > 2000) return 2;
    if ((u32)e.kind > 1000) session_apply(&wasm_session, &e);
    else attempt_apply(&wasm_attempt, &wasm_session, &e);
    return 0;
}

/* A version whose event the candidate does not see: keeps the numbering. */
EXPORT(core_skip) void core_skip(u32 of_session)
{
    if (of_session) wasm_session.version++;
    else wasm_attempt.version++;
}

/* Would this command be accepted? The refusal's number, 0: yes. */
EXPORT(core_ask) u32 core_ask(u32 len, double now_ms)
{
    static Events out;
    Command c;
    if (len > WASM_BUFFER_BYTES || command_decode((Span){wasm_buffer, len}, &c)) return R_MALFORMED;
    return attempt_decide(&wasm_attempt, &wasm_session, BY_CANDIDATE, wasm_attempt.id, &c,
                          (i64)now_ms, &out);
}

EXPORT(core_may_answer) u32 core_may_answer(double now_ms)
{
    return attempt_may_answer(&wasm_attempt, &wasm_session, (i64)now_ms);
}

EXPORT(core_may_deliver) u32 core_may_deliver(double now_ms)
{
    return attempt_may_deliver(&wasm_attempt, &wasm_session, (i64)now_ms);
}

EXPORT(core_left_ms) double core_left_ms(double now_ms)
{
    return (double)attempt_told_left_ms(&wasm_attempt, &wasm_session, (i64)now_ms);
}

/* 0 before the start. */
EXPORT(core_deadline_ms) double core_deadline_ms(double now_ms)
{
    if (!wasm_attempt.began_ms) return 0;
    i64 deadline = attempt_deadline_ms(&wasm_attempt, &wasm_session, (i64)now_ms);
    bool told = wasm_session.end_ms && wasm_session.state == SESSION_running;
    return (double)(told ? MIN_OF(deadline, wasm_session.end_ms) : deadline);
}

EXPORT(core_clock_runs) u32 core_clock_runs(void)
{
    return attempt_clock_runs(&wasm_attempt, &wasm_session);
}

EXPORT(core_state) u32 core_state(void)
{
    return wasm_attempt.state;
}
EXPORT(core_session_state) u32 core_session_state(void)
{
    return wasm_session.state;
}
EXPORT(core_holds) u32 core_holds(void)
{
    return wasm_attempt.holds;
}
EXPORT(core_shown_hold) u32 core_shown_hold(void)
{
    return attempt_shown_hold(&wasm_attempt);
}
EXPORT(core_lost_tracks) u32 core_lost_tracks(void)
{
    return wasm_attempt.lost_tracks;
}
EXPORT(core_admitted) u32 core_admitted(void)
{
    return wasm_attempt.admitted;
}
/* How far each thing that is shown at the door has come: see attempt_proof in core.h. */
EXPORT(core_proofs) u32 core_proofs(void)
{
    return wasm_attempt.proofs;
}
EXPORT(core_connected) u32 core_connected(void)
{
    return wasm_attempt.connected;
}
EXPORT(core_consented) u32 core_consented(void)
{
    return wasm_attempt.disclosure;
}
EXPORT(core_disclosure) u32 core_disclosure(void)
{
    return session_disclosure(&wasm_session);
}
EXPORT(core_setting) double core_setting(u32 id)
{
    return id < SETTINGS_END ? (double)wasm_session.setting[id] : 0;
}
EXPORT(core_item_count) u32 core_item_count(void)
{
    return wasm_session.item_count;
}
EXPORT(core_answered) u32 core_answered(void)
{
    return wasm_attempt.answered;
}
EXPORT(core_extra_ms) double core_extra_ms(void)
{
    return (double)wasm_attempt.extra_ms;
}
EXPORT(core_credit_ms) double core_credit_ms(void)
{
    return (double)wasm_attempt.credit_ms;
}
EXPORT(core_planned_ms) double core_planned_ms(void)
{
    return (double)attempt_planned_ms(&wasm_attempt, &wasm_session);
}
EXPORT(core_takeover_asked_ms) double core_takeover_asked_ms(void)
{
    return (double)wasm_attempt.takeover_asked_ms;
}
EXPORT(core_limit_ms) double core_limit_ms(void)
{
    return (double)wasm_attempt.limit_ms;
}
EXPORT(core_hand_ms) double core_hand_ms(void)
{
    return (double)wasm_attempt.hand_ms;
}
EXPORT(core_pause_asked_ms) double core_pause_asked_ms(void)
{
    return (double)wasm_attempt.pause_asked_ms;
}
EXPORT(core_ready_ms) double core_ready_ms(void)
{
    return (double)wasm_attempt.ready_ms;
}
EXPORT(core_state_since_ms) double core_state_since_ms(void)
{
    return (double)wasm_attempt.state_since_ms;
}
EXPORT(core_version) double core_version(void)
{
    return (double)wasm_attempt.version;
}
EXPORT(core_check_passed) u32 core_check_passed(u32 check)
{
    return check < COUNT_OF(wasm_attempt.check_passed) && wasm_attempt.check_passed[check];
}

static const ItemState *wasm_item(u32 number)
{
    return &wasm_items[number <= ITEMS_MAX ? number : 0];
}

EXPORT(core_item_rev) u32 core_item_rev(u32 number)
{
    return wasm_item(number)->rev;
}
EXPORT(core_item_answered) u32 core_item_answered(u32 number)
{
    return wasm_item(number)->answered;
}
EXPORT(core_item_marked) u32 core_item_marked(u32 number)
{
    return wasm_item(number)->marked;
}
