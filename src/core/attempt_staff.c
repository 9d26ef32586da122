/* attempt_staff.c - what staff may do that is more than a hold: the ladder of warnings, the end of an exam by
 * a person, the pause that an incident of the session makes. Called by attempt_decide alone. */
#include "core/internal.h"

/* ---- the ladder of warnings ---- */

/* The step is named, so that two proctors who warn for the same thing at once are one step, not two; 0 is the
 * next one, for many at once. */
static Refusal decide_warn(const Ask *k, const Cmd_warn *c)
{
    Refusal r = check_text(c->reason, true);
    if (r) return r;
    u8 next = (u8)(k->a->warnings + 1);
    if (next > WARNINGS_MAX) return R_TOO_MANY;
    if (c->step && c->step != next) return c->step < next ? R_CONFLICT : R_BAD_VALUE;
    emit(k, EVT_warned)->warned = (Evt_warned){next, c->preset, c->reason, 0};
    return ACCEPTED;
}

static Refusal decide_acknowledge_warning(const Ask *k, const Cmd_acknowledge_warning *c)
{
    if (c->step == 0 || c->step > k->a->warnings) return R_NO_REQUEST;
    if (c->step <= k->a->warnings_seen) return R_ALREADY;
    emit(k, EVT_warning_acknowledged)->warning_acknowledged.step = c->step;
    return ACCEPTED;
}

/* ---- the end by a person ---- */

static void emit_ended(const Ask *k, EndCause cause, Span reason)
{
    settle_for_good(k);
    emit(k, EVT_ended)->ended = (Evt_ended){(u8)cause, reason, 0};
}

/* Who has begun is warned before an exam is ended; a clear breach is said to be one. */
static Refusal decide_end(const Ask *k, const Cmd_end *c)
{
    bool server = k->role == BY_SERVER;
    Refusal r = check_text(c->reason, !server);
    if (r) return r;
    if (!server && k->a->state == ATTEMPT_active && !k->a->warnings) return R_NOT_WARNED;
    emit_ended(k, server ? ENDED_BY_SESSION : ENDED_BY_PROCTOR, c->reason);
    return ACCEPTED;
}

static Refusal decide_end_for_breach(const Ask *k, const Cmd_end_for_breach *c)
{
    Refusal r = check_text(c->reason, true);
    if (!r) emit_ended(k, ENDED_FOR_BREACH, c->reason);
    return r;
}

/* ---- incidents ---- */

/* Who is paused already stays so by that person's word, and is not resumed with the others. */
static Refusal decide_pause_for_incident(const Ask *k, const Cmd_pause_for_incident *c)
{
    Refusal r = check_text(c->reason, false);
    if (r) return r;
    if (!k->s->incident_ms) return R_NO_INCIDENT;
    if (k->a->holds & HOLD_paused) return R_ALREADY;
    settle_clock(k, k->a->holds | HOLD_paused | HOLD_incident, k->a->connected);
    emit(k, EVT_incident_paused)->incident_paused.reason = c->reason;
    return ACCEPTED;
}

static Refusal decide_resume_after_incident(const Ask *k, const Cmd_resume_after_incident *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!(k->a->holds & HOLD_incident)) return R_NOT_HELD;
    settle_clock(k, k->a->holds & (u8) ~(HOLD_paused | HOLD_incident), k->a->connected);
    emit(k, EVT_resumed)->resumed.note = c->note;
    return ACCEPTED;
}

Refusal decide_of_staff(const Ask *k, const Command *c)
{
    switch ((u32)c->kind) {
    case CMD_warn: return decide_warn(k, &c->warn);
    case CMD_acknowledge_warning: return decide_acknowledge_warning(k, &c->acknowledge_warning);
    case CMD_end: return decide_end(k, &c->end);
    case CMD_end_for_breach: return decide_end_for_breach(k, &c->end_for_breach);
    case CMD_pause_for_incident: return decide_pause_for_incident(k, &c->pause_for_incident);
    case CMD_resume_after_incident:
        return decide_resume_after_incident(k, &c->resume_after_incident);
    }
    return R_MALFORMED;
}
