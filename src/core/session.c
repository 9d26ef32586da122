/* session.c - the sitting as a whole.
 *
 *   none --create_session--> PLANNED --start_session--> RUNNING --end_session--> ENDED
 *                               '------cancel_session--> CANCELLED
 *
 * An end may be announced; the server then asks for it at that instant, and until then it may be withdrawn.
 * An incident lies on top of PLANNED and RUNNING: while one is open, all may be paused for it.
 * Settings can change only while PLANNED. An end stops every candidate's time at that instant; each
 * attempt then ends by itself after the grace (see attempt_due). */
#include "core/internal.h"

void session_init(Session *s, u64 id)
{
    *s = (Session){.id = id};
    for (u32 i = 0; i < SETTINGS_END; i++)
        s->setting[i] = setting_default(i);
}

static bool times_valid(i64 opens_ms, i64 starts_ms, i64 duration_ms)
{
    return opens_ms >= 0 && starts_ms >= opens_ms && duration_ms > 0 &&
           duration_ms <= 7 * EXTRA_MS_MAX;
}

static Refusal decide_create(const Cmd_create_session *c, Event *out)
{
    if (text_blank(c->name) || c->name.len > NAME_BYTES_MAX) return R_BAD_VALUE;
    if (c->code.len < 4 || c->code.len > CODE_CHARS_MAX) return R_BAD_VALUE;
    if (c->item_count == 0 || c->item_count > ITEMS_MAX) return R_BAD_VALUE;
    if (!times_valid(c->opens_ms, c->starts_ms, c->duration_ms)) return R_BAD_VALUE;
    *out = (Event){.kind = EVT_session_created,
                   .session_created = {c->name, c->assessment, c->item_count, c->code, c->opens_ms,
                                       c->starts_ms, c->duration_ms, c->public_key, 0}};
    return ACCEPTED;
}

static Refusal decide_configure(const Session *s, const Cmd_configure *c, Event *out)
{
    if (!setting_valid(c->setting, c->value)) return R_BAD_VALUE;
    if (s->setting[c->setting] == c->value) return R_ALREADY;
    *out = (Event){.kind = EVT_configured, .configured = {c->setting, c->value, 0}};
    return ACCEPTED;
}

static Refusal decide_assign(const Cmd_assign *c, Event *out)
{
    u32 known = (u32)BY_STAFF | ASSIGNED_LEAD;
    if (c->user == 0 || c->roles == 0 || (c->roles & ~known)) return R_BAD_VALUE;
    if (c->roles & ASSIGNED_LEAD && !(c->roles & BY_PROCTOR)) return R_BAD_VALUE;
    *out = (Event){.kind = EVT_assigned, .assigned = {c->user, c->roles, 0}};
    return ACCEPTED;
}

/* Whether somebody is there to go, and who looks after the candidates then, is the engine's to say. */
static Refusal decide_step_away(const Cmd_step_away *c, Event *out)
{
    if (c->note.len > TEXT_BYTES_MAX) return R_TOO_LARGE;
    *out = (Event){.kind = EVT_stepped_away, .stepped_away = {c->user, c->note, 0}};
    return ACCEPTED;
}

static Refusal decide_reschedule(const Cmd_reschedule *c, Event *out)
{
    if (!times_valid(c->opens_ms, c->starts_ms, c->duration_ms)) return R_BAD_VALUE;
    *out = (Event){.kind = EVT_rescheduled,
                   .rescheduled = {c->opens_ms, c->starts_ms, c->duration_ms, 0}};
    return ACCEPTED;
}

static Refusal decide_add_key(const Cmd_add_key *c, Event *out)
{
    if (c->user == 0 || c->wrapped.len == 0 || c->wrapped.len > WRAPPED_KEY_BYTES_MAX)
        return R_BAD_VALUE;
    *out = (Event){.kind = EVT_key_added, .key_added = {c->user, c->wrapped, 0}};
    return ACCEPTED;
}

static Refusal decide_end(u8 role, const Cmd_end_session *c, Event *out)
{
    if (role != BY_SERVER && text_blank(c->reason)) return R_REASON_NEEDED;
    *out = (Event){.kind = EVT_session_ended, .session_ended = {c->reason, 0}};
    return ACCEPTED;
}

static Refusal decide_declare_incident(const Session *s, const Cmd_declare_incident *c, Event *out)
{
    Refusal r = check_text(c->reason, true);
    if (r) return r;
    if (s->incident_ms) return R_ALREADY;
    *out = (Event){.kind = EVT_incident_declared, .incident_declared = {c->reason, 0}};
    return ACCEPTED;
}

static Refusal decide_close_incident(const Session *s, const Cmd_close_incident *c, Event *out)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!s->incident_ms) return R_NO_INCIDENT;
    *out = (Event){.kind = EVT_incident_closed, .incident_closed = {c->note, 0}};
    return ACCEPTED;
}

/* A new announcement takes the place of the old one. */
static Refusal decide_announce_end(const Cmd_announce_end *c, i64 now_ms, Event *out)
{
    Refusal r = check_text(c->reason, true);
    if (r) return r;
    if (c->ms <= 0 || c->ms > ANNOUNCED_END_MS_MAX) return R_BAD_VALUE;
    *out = (Event){.kind = EVT_end_announced, .end_announced = {now_ms + c->ms, c->reason, 0}};
    return ACCEPTED;
}

static Refusal decide_withdraw_end(const Session *s, Event *out)
{
    if (!s->end_ms) return R_NO_REQUEST;
    *out = (Event){.kind = EVT_end_withdrawn};
    return ACCEPTED;
}

static Refusal session_wrong_state(const Session *s)
{
    return s->state == SESSION_ended || s->state == SESSION_cancelled ? R_IS_OVER : R_NOT_NOW;
}

Refusal session_decide(const Session *s, u8 role, const Command *c, i64 now_ms, Event *out)
{
    if (!command_is_session(c->kind)) return R_MALFORMED;
    if (!(command_who(c->kind) & role)) return R_NOT_ALLOWED;
    if (!(command_states(c->kind) & 1u << s->state)) return session_wrong_state(s);
    switch ((u32)c->kind) {
    case CMD_create_session: return decide_create(&c->create_session, out);
    case CMD_configure: return decide_configure(s, &c->configure, out);
    case CMD_assign: return decide_assign(&c->assign, out);
    case CMD_unassign:
        *out = (Event){.kind = EVT_unassigned, .unassigned = {c->unassign.user, 0}};
        return ACCEPTED;
    case CMD_add_key: return decide_add_key(&c->add_key, out);
    case CMD_start_session: *out = (Event){.kind = EVT_session_started}; return ACCEPTED;
    case CMD_end_session: return decide_end(role, &c->end_session, out);
    case CMD_cancel_session:
        if (text_blank(c->cancel_session.reason)) return R_REASON_NEEDED;
        *out = (Event){.kind = EVT_session_cancelled,
                       .session_cancelled = {c->cancel_session.reason, 0}};
        return ACCEPTED;
    case CMD_reschedule: return decide_reschedule(&c->reschedule, out);
    case CMD_step_away: return decide_step_away(&c->step_away, out);
    case CMD_step_back:
        *out = (Event){.kind = EVT_stepped_back, .stepped_back = {c->step_back.user, 0}};
        return ACCEPTED;
    case CMD_declare_incident: return decide_declare_incident(s, &c->declare_incident, out);
    case CMD_close_incident: return decide_close_incident(s, &c->close_incident, out);
    case CMD_announce_end: return decide_announce_end(&c->announce_end, now_ms, out);
    case CMD_withdraw_end: return decide_withdraw_end(s, out);
    }
    return R_MALFORMED; /* assessments are published through the engine, not asked of a session */
}

static void apply_created(Session *s, const Evt_session_created *e)
{
    s->state = SESSION_planned;
    s->assessment = e->assessment;
    s->item_count = MIN_OF(e->item_count, (u32)ITEMS_MAX);
    s->opens_ms = e->opens_ms;
    s->starts_ms = e->starts_ms;
    s->duration_ms = e->duration_ms;
}

void session_apply(Session *s, const Event *e)
{
    s->version++;
    switch ((u32)e->kind) {
    case EVT_session_created: apply_created(s, &e->session_created); break;
    case EVT_configured:
        if (e->configured.setting < SETTINGS_END)
            s->setting[e->configured.setting] = e->configured.value;
        break;
    case EVT_session_started:
        s->state = SESSION_running;
        s->started_ms = e->at_ms;
        break;
    case EVT_session_ended:
        s->state = SESSION_ended;
        s->incident_ms = 0;
        s->ended_ms = e->at_ms;
        break;
    case EVT_session_cancelled:
        s->state = SESSION_cancelled;
        s->ended_ms = e->at_ms;
        break;
    case EVT_rescheduled:
        s->opens_ms = e->rescheduled.opens_ms;
        s->starts_ms = e->rescheduled.starts_ms;
        s->duration_ms = e->rescheduled.duration_ms;
        break;
    case EVT_incident_declared: s->incident_ms = e->at_ms; break;
    case EVT_incident_closed: s->incident_ms = 0; break;
    case EVT_end_announced: s->end_ms = e->end_announced.end_ms; break;
    case EVT_end_withdrawn: s->end_ms = 0; break;
    }
}

i64 session_wake_ms(const Session *s)
{
    if (s->state == SESSION_planned && !session_on(s, SETTING_start_by_proctor))
        return s->starts_ms;
    if (s->state == SESSION_running && s->end_ms) return s->end_ms;
    return NEVER_MS;
}

bool session_due(const Session *s, i64 now_ms, Command *out)
{
    if (session_wake_ms(s) > now_ms) return false;
    bool runs = s->state == SESSION_running;
    *out = (Command){.kind = runs ? CMD_end_session : CMD_start_session};
    return true;
}

Refusal session_may_join(const Session *s, i64 now_ms, u32 seats, bool on_roster)
{
    if (s->state == SESSION_none) return R_CODE_UNKNOWN;
    if (s->state == SESSION_ended) return R_CODE_EXPIRED;
    if (s->state == SESSION_cancelled) return R_CODE_CANCELLED;
    if (now_ms < s->opens_ms) return R_CODE_NOT_OPEN;
    if (s->state == SESSION_running && !session_on(s, SETTING_late_entry)) return R_CODE_CLOSED;
    if (!on_roster && !session_on(s, SETTING_open_to_code)) return R_CODE_NOT_YOURS;
    i64 most = s->setting[SETTING_max_candidates];
    if (most > 0 && (i64)seats >= most) return R_CODE_FULL;
    return ACCEPTED;
}

u32 session_disclosure(const Session *s)
{
    u32 hash = 2166136261u; /* FNV-1a; 0 is kept for "no consent" */
    for (u32 i = 0; i < SETTINGS_END; i++) {
        /* A setting that a newer version adds changes nothing where nobody has set it. */
        if (s->setting[i] == setting_default(i)) continue;
        hash = (hash ^ i) * 16777619u;
        for (u32 shift = 0; shift < 64; shift += 8)
            hash = (hash ^ (u32)((u64)s->setting[i] >> shift & 255)) * 16777619u;
    }
    return hash ? hash : 1;
}
