/* attempt_decide.c - what may be done to an attempt now, and what then happens. One function per
 * command of schema/attempt.def, but for those of attempt_staff.c; the diagram is at the head of
 * attempt.c. */
#include "core/internal.h"

#include "base/plants.h"

/* The exam waits for these; without another track it goes on, marked. */
enum { HOLDING_TRACKS = 1u << TRACK_webcam | 1u << TRACK_screen };

static void emit_credit(const Ask *k)
{
    Event *e = emit(k, EVT_credited);
    e->credited.cause = (u8)k->a->stop_cause;
    e->credited.ms = attempt_pending_ms(k->a, k->s, k->now_ms);
}

void settle_clock(const Ask *k, u8 holds_after, bool connected_after)
{
    StopCause after = attempt_stop_cause(k->a, k->s, holds_after, connected_after);
    if (k->a->stop_cause == STOP_none || after == k->a->stop_cause) return;
    if (PLANTED(hold_forgotten) && k->a->stop_cause == STOP_pause) return;
    emit_credit(k);
    if (PLANTED(credit_twice)) emit_credit(k);
}

void settle_for_good(const Ask *k)
{
    if (k->a->stop_cause != STOP_none) emit_credit(k);
}

static void emit_flag(const Ask *k, u32 nth, FlagType type, i64 from_ms, i64 to_ms, Span note)
{
    if (k->a->flags + nth > FLAGS_DEVICE_MAX) return;
    Event *e = emit(k, EVT_flagged);
    e->flagged =
        (Evt_flagged){k->a->flags + nth, (u16)type, flag_severity(type), from_ms, to_ms, note, 0};
}

/* ---- setting up ---- */

static Refusal check_person(Span name, Span number, u32 factor_permille)
{
    if (text_blank(name) || name.len > NAME_BYTES_MAX || number.len > NAME_BYTES_MAX)
        return R_BAD_VALUE;
    return factor_permille < 1000 || factor_permille > 10000 ? R_BAD_VALUE : ACCEPTED;
}

static Refusal decide_invite(const Ask *k, const Cmd_invite *c)
{
    Refusal r = check_person(c->name, c->number, c->factor_permille);
    if (r) return r;
    if (c->email.len > NAME_BYTES_MAX) return R_BAD_VALUE;
    emit(k, EVT_invited)->invited =
        (Evt_invited){k->s->id, c->name, c->email, c->number, c->factor_permille, 0};
    return ACCEPTED;
}

static Refusal decide_join(const Ask *k, const Cmd_join *c)
{
    /* Who was invited keeps the time factor that the planner gave. */
    u32 factor = attempt_awaits(k->a) ? k->a->factor_permille : c->factor_permille;
    Refusal r = check_person(c->name, c->number, factor);
    if (r) return r;
    bool late = k->s->state == SESSION_running && session_on(k->s, SETTING_late_entry);
    if (k->a->state == ATTEMPT_absent && !late) return R_IS_OVER;
    emit(k, EVT_joined)->joined = (Evt_joined){k->s->id, c->name, c->number, factor, 0};
    return ACCEPTED;
}

static Refusal decide_consent(const Ask *k, const Cmd_consent *c)
{
    if (c->disclosure != session_disclosure(k->s)) return R_CONFLICT;
    if (k->a->disclosure == c->disclosure) return R_ALREADY;
    emit(k, EVT_consented)->consented.disclosure = c->disclosure;
    return ACCEPTED;
}

static Refusal decide_report_check(const Ask *k, const Cmd_report_check *c)
{
    if (c->check == 0 || c->check >= COUNT_OF(k->a->check_passed)) return R_BAD_VALUE;
    if (c->outcome < CHECK_PASSED || c->outcome > CHECK_FAILED) return R_BAD_VALUE;
    Refusal r = check_text(c->detail, false);
    if (r) return r;
    emit(k, EVT_check_reported)->check_reported =
        (Evt_check_reported){c->check, c->outcome, c->detail, 0};
    return ACCEPTED;
}

static Refusal decide_ready(const Ask *k)
{
    if (k->a->disclosure != session_disclosure(k->s)) return R_NO_CONSENT;
    for (u32 i = 1; i < COUNT_OF(k->a->check_passed); i++) {
        u32 setting = check_setting(i);
        if (setting && k->s->setting[setting] && !k->a->check_passed[i]) return R_CHECKS_MISSING;
    }
    if (attempt_proof_missing(k->a, k->s, false)) return R_PROOF_MISSING;
    if (session_on(k->s, SETTING_phone) && !k->a->phone) return R_PHONE_MISSING;
    return emit_only(k, EVT_became_ready);
}

static Refusal decide_admit(const Ask *k)
{
    if (k->a->admitted) return R_ALREADY;
    Refusal r = attempt_check_checkin(k);
    if (r) return r;
    if (attempt_proof_missing(k->a, k->s, true)) return R_PROOF_MISSING;
    return emit_only(k, EVT_admitted);
}

static Refusal decide_ask_again(const Ask *k, const Cmd_ask_again *c)
{
    Refusal r = check_text(c->reason, k->role != BY_SERVER);
    if (!r) r = attempt_check_checkin(k);
    if (!r) emit(k, EVT_asked_again)->asked_again.reason = c->reason;
    return r;
}

static Refusal decide_refuse(const Ask *k, const Cmd_refuse *c)
{
    Refusal r = check_text(c->reason, true);
    if (!r) r = attempt_check_checkin(k);
    if (!r) emit(k, EVT_refused)->refused.reason = c->reason;
    return r;
}

/* With one end for all, who is ready and waits for a proctor loses time of the exam. */
static void emit_waiting_credit(const Ask *k)
{
    i64 since = MAX_OF(MAX_OF(k->s->started_ms, k->a->ready_ms), k->a->connection_since_ms);
    i64 waited = k->now_ms - since;
    bool loses = session_on(k->s, SETTING_limit_for_session) &&
                 session_on(k->s, SETTING_waiting_room) && waited > 0;
    if (!loses || !session_on(k->s, SETTING_credit_waiting)) return;
    emit(k, EVT_credited)->credited = (Evt_credited){STOP_waiting, waited, 0};
}

static Refusal decide_begin(const Ask *k)
{
    if (k->s->state != SESSION_running) return R_TOO_EARLY;
    if (!k->a->connected) return R_NOT_NOW;
    if (session_on(k->s, SETTING_waiting_room) && !k->a->admitted) return R_NOT_NOW;
    i64 limit = k->s->duration_ms * (i64)k->a->factor_permille / 1000;
    emit(k, EVT_began)->began.limit_ms = limit;
    emit_waiting_credit(k);
    if (k->a->lost_tracks & HOLDING_TRACKS) emit(k, EVT_system_paused);
    return ACCEPTED;
}

/* ---- answering ---- */

static Lateness answer_lateness(const Ask *k)
{
    if (attempt_is_over(k->a)) return LATE_AFTER_END;
    bool late = k->now_ms > attempt_deadline_ms(k->a, k->s, k->now_ms);
    return late && !PLANTED(late_unmarked) ? LATE_IN_GRACE : LATE_NOT;
}

/* A resend of what is stored is fine in any state; the same revision with another text is not. */
static Refusal check_revision(const ItemState *item, const Cmd_answer *c)
{
    if (c->rev == 0) return R_BAD_VALUE;
    if (c->rev > item->rev) return ACCEPTED;
    if (PLANTED(revision_reused) && c->rev == item->rev) return ACCEPTED;
    bool same = c->rev == item->rev && item->digest == answer_digest(c->value);
    return same ? R_ALREADY : R_CONFLICT;
}

static Refusal decide_answer(const Ask *k, const Cmd_answer *c)
{
    if (c->item == 0 || c->item > k->s->item_count || c->item > k->a->item_count)
        return R_NO_SUCH_ITEM;
    if (c->value.len > ANSWER_BYTES_MAX) return R_TOO_LARGE;
    Refusal r = check_revision(&k->a->item[c->item], c);
    if (!r) r = attempt_may_deliver(k->a, k->s, k->now_ms);
    if (r) return r;
    Lateness late = answer_lateness(k);
    emit(k, EVT_answered)->answered =
        (Evt_answered){c->item, c->rev, c->device_ms, (u8)late, c->value, 0};
    if (late == LATE_AFTER_END && k->a->late_arrivals == 0)
        emit_flag(k, 1, FLAG_late_arrival, k->a->over_ms, k->now_ms, SPAN_NONE);
    return ACCEPTED;
}

static Refusal decide_mark(const Ask *k, const Cmd_mark *c)
{
    if (c->item == 0 || c->item > k->s->item_count || c->item > k->a->item_count)
        return R_NO_SUCH_ITEM;
    Refusal r = attempt_may_answer(k->a, k->s, k->now_ms);
    if (r) return r;
    if (k->a->item[c->item].marked == (c->on != 0)) return R_ALREADY;
    emit(k, EVT_marked)->marked = (Evt_marked){c->item, c->on != 0, 0};
    return ACCEPTED;
}

static Refusal decide_submit(const Ask *k, const Cmd_submit *c)
{
    Refusal r = attempt_may_answer(k->a, k->s, k->now_ms);
    if (r) return r;
    settle_for_good(k);
    emit(k, EVT_submitted)->submitted.device_ms = c->device_ms;
    return ACCEPTED;
}

/* ---- requests and words ---- */

static Refusal decide_raise_hand(const Ask *k, const Cmd_raise_hand *c)
{
    Refusal r = check_text(c->text, false);
    if (r) return r;
    if (k->a->hand_ms) return R_ALREADY;
    emit(k, EVT_hand_raised)->hand_raised.text = c->text;
    return ACCEPTED;
}

static Refusal decide_lower_hand(const Ask *k, const Cmd_lower_hand *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!k->a->hand_ms) return R_NO_REQUEST;
    emit(k, EVT_hand_lowered)->hand_lowered.note = c->note;
    return ACCEPTED;
}

static Refusal decide_request_pause(const Ask *k, const Cmd_request_pause *c)
{
    Refusal r = check_text(c->reason, false);
    if (r) return r;
    if (k->a->pause_asked_ms || k->a->holds & HOLD_paused) return R_ALREADY;
    emit(k, EVT_pause_requested)->pause_requested = (Evt_pause_requested){c->purpose, c->reason, 0};
    return ACCEPTED;
}

static Refusal decide_withdraw_pause(const Ask *k)
{
    return k->a->pause_asked_ms ? emit_only(k, EVT_pause_withdrawn) : R_NO_REQUEST;
}

static void emit_paused(const Ask *k, Span reason)
{
    settle_clock(k, k->a->holds | HOLD_paused, k->a->connected);
    emit(k, EVT_paused)->paused.reason = reason;
}

static Refusal decide_decide_pause(const Ask *k, const Cmd_decide_pause *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!k->a->pause_asked_ms) return R_NO_REQUEST;
    emit(k, EVT_pause_decided)->pause_decided = (Evt_pause_decided){c->approve != 0, c->note, 0};
    if (c->approve) emit_paused(k, c->note);
    return ACCEPTED;
}

static Refusal decide_explain(const Ask *k, const Cmd_explain *c)
{
    Refusal r = check_text(c->text, true);
    if (r) return r;
    if (!k->a->holds) return R_NOT_HELD;
    emit(k, EVT_explained)->explained.text = c->text;
    return ACCEPTED;
}

static Refusal decide_message(const Ask *k, const Cmd_message *c)
{
    Refusal r = check_text(c->text, true);
    if (!r) emit(k, EVT_messaged)->messaged = (Evt_messaged){c->preset, c->text, 0};
    return r;
}

static Refusal decide_say(const Ask *k, const Cmd_say *c)
{
    Refusal r = check_text(c->text, true);
    if (!r) emit(k, EVT_said)->said.text = c->text;
    return r;
}

static Refusal decide_see(const Ask *k, const Cmd_see *c)
{
    if (c->upto_ver > k->a->version) return R_BAD_VALUE;
    emit(k, EVT_seen)->seen.upto_ver = c->upto_ver;
    return ACCEPTED;
}

/* ---- holds ---- */

static Refusal decide_pause(const Ask *k, const Cmd_pause *c)
{
    Refusal r = check_text(c->reason, false);
    if (r) return r;
    if (k->a->holds & HOLD_paused) return R_ALREADY;
    emit_paused(k, c->reason);
    return ACCEPTED;
}

static Refusal decide_resume(const Ask *k, const Cmd_resume *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!(k->a->holds & HOLD_paused)) return R_NOT_HELD;
    settle_clock(k, k->a->holds & (u8) ~(HOLD_paused | HOLD_incident), k->a->connected);
    emit(k, EVT_resumed)->resumed.note = c->note;
    return ACCEPTED;
}

static Refusal decide_lock(const Ask *k, const Cmd_lock *c)
{
    Refusal r = check_text(c->reason, true);
    if (r) return r;
    if (k->a->holds & HOLD_locked) return R_ALREADY;
    settle_clock(k, k->a->holds | HOLD_locked, k->a->connected);
    emit(k, EVT_locked)->locked.reason = c->reason;
    return ACCEPTED;
}

static Refusal decide_unlock(const Ask *k, const Cmd_unlock *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!(k->a->holds & HOLD_locked)) return R_NOT_HELD;
    settle_clock(k, k->a->holds & (u8)~HOLD_locked, k->a->connected);
    emit(k, EVT_unlocked)->unlocked.note = c->note;
    return ACCEPTED;
}

/* Whether this session asks for the track at all. */
static bool track_required(const Session *s, u8 track)
{
    u32 setting = track_setting(track);
    return setting && s->setting[setting];
}

static FlagType track_flag(u8 track)
{
    switch ((Track)track) {
    case TRACK_screen: return FLAG_screen_share_stopped;
    case TRACK_microphone: return FLAG_microphone_lost;
    case TRACK_phone: return FLAG_phone_lost;
    case TRACK_webcam:
    case TRACK_id_photo: /* shown once: cannot be lost */
    case TRACK_face_photo:
    case TRACK_room_scan: break;
    }
    return FLAG_camera_lost;
}

static Refusal decide_lose_track(const Ask *k, const Cmd_lose_track *c)
{
    if (!track_required(k->s, c->track)) return R_BAD_VALUE;
    if (k->a->lost_tracks & track_bit(c->track)) return R_ALREADY;
    emit(k, EVT_track_lost)->track_lost.track = c->track;
    if (k->a->state != ATTEMPT_active) return ACCEPTED;
    emit_flag(k, 1, track_flag(c->track), k->now_ms, k->now_ms, SPAN_NONE);
    bool holds = track_bit(c->track) & HOLDING_TRACKS;
    if (!holds || k->a->holds & HOLD_system_paused) return ACCEPTED;
    settle_clock(k, k->a->holds | HOLD_system_paused, k->a->connected);
    return emit_only(k, EVT_system_paused);
}

static Refusal decide_restore_track(const Ask *k, const Cmd_restore_track *c)
{
    u8 bit = track_bit(c->track);
    if (!(k->a->lost_tracks & bit)) return R_ALREADY;
    emit(k, EVT_track_restored)->track_restored.track = c->track;
    bool all_back = (k->a->lost_tracks & ~(u32)bit & HOLDING_TRACKS) == 0;
    if (!all_back || !(k->a->holds & HOLD_system_paused)) return ACCEPTED;
    settle_clock(k, k->a->holds & (u8)~HOLD_system_paused, k->a->connected);
    return emit_only(k, EVT_system_resumed);
}

/* ---- time ---- */

static Refusal decide_extend(const Ask *k, const Cmd_extend *c)
{
    Refusal r = check_text(c->reason, true);
    if (r) return r;
    if (c->ms <= 0 || c->ms > EXTRA_MS_MAX) return R_BAD_VALUE;
    if (k->role == BY_PROCTOR && !session_on(k->s, SETTING_proctor_may_extend))
        return R_POLICY_FORBIDS;
    emit(k, EVT_extended)->extended = (Evt_extended){c->ms, c->reason, 0};
    return ACCEPTED;
}

static Refusal decide_time_up(const Ask *k)
{
    if (attempt_state_wake_ms(k->a, k->s) > k->now_ms) return R_TOO_EARLY;
    settle_for_good(k);
    u8 cause = k->s->ended_ms ? ENDED_BY_SESSION : ENDED_BY_TIME;
    emit(k, EVT_ended)->ended.cause = cause;
    return ACCEPTED;
}

/* Nothing more is given back for this lost connection: the clock runs again. */
static Refusal decide_settle_outage(const Ask *k)
{
    if (attempt_outage_spent_ms(k->a, k->s) > k->now_ms) return R_TOO_EARLY;
    emit_credit(k);
    return ACCEPTED;
}

static Refusal decide_reopen(const Ask *k, const Cmd_reopen *c)
{
    Refusal r = check_text(c->reason, true);
    if (r) return r;
    if (k->s->state != SESSION_running || k->a->began_ms == 0) return R_NOT_NOW;
    if (c->ms < 0 || c->ms > EXTRA_MS_MAX) return R_BAD_VALUE;
    emit(k, EVT_reopened)->reopened = (Evt_reopened){c->ms, c->reason, 0};
    return ACCEPTED;
}

/* ---- connection ---- */

static Refusal decide_connect(const Ask *k, const Cmd_connect *c)
{
    if (k->a->device && k->a->device != c->device) return R_OTHER_DEVICE;
    if (k->a->connected) return R_ALREADY;
    if (k->a->state == ATTEMPT_active) settle_clock(k, k->a->holds, true);
    emit(k, EVT_connected)->connected.device = c->device;
    return ACCEPTED;
}

/* The newest device that asks is the one that is decided about. */
static Refusal decide_ask_takeover(const Ask *k, const Cmd_ask_takeover *c)
{
    if (c->device == 0) return R_BAD_VALUE;
    bool leads = k->a->device == 0 || k->a->device == c->device;
    if (leads || k->a->wants_device == c->device) return R_ALREADY;
    emit(k, EVT_takeover_asked)->takeover_asked.device = c->device;
    return ACCEPTED;
}

static Refusal decide_decide_takeover(const Ask *k, const Cmd_decide_takeover *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!k->a->wants_device || k->a->wants_device != c->device) return R_NO_REQUEST;
    if (c->approve && k->a->state == ATTEMPT_active) settle_clock(k, k->a->holds, false);
    emit(k, EVT_takeover_decided)->takeover_decided =
        (Evt_takeover_decided){c->device, c->approve != 0, c->note, 0};
    if (c->approve && k->a->state == ATTEMPT_active)
        emit_flag(k, 1, FLAG_other_device, k->a->takeover_asked_ms, k->now_ms, SPAN_NONE);
    return ACCEPTED;
}

/* A device that does not lead any more tells what was done on it: so that the record knows it, no more. */
static Refusal decide_tell_hand_in(const Ask *k, const Cmd_tell_hand_in *c)
{
    if (c->device == 0 || c->device_ms <= 0) return R_BAD_VALUE;
    if (c->device == k->a->device) return R_NOT_NOW;
    emit(k, EVT_hand_in_told)->hand_in_told = (Evt_hand_in_told){c->device, c->device_ms, 0};
    return ACCEPTED;
}

/* A phone that is paired again, or another one, takes the place of the one before. */
static Refusal decide_pair_phone(const Ask *k, const Cmd_pair_phone *c)
{
    if (!session_on(k->s, SETTING_phone)) return R_POLICY_FORBIDS;
    if (c->device == 0) return R_BAD_VALUE;
    if (k->a->phone == c->device) return R_ALREADY;
    emit(k, EVT_phone_paired)->phone_paired.device = c->device;
    return ACCEPTED;
}

static Refusal decide_disconnect(const Ask *k, const Cmd_disconnect *c)
{
    if (!k->a->connected) return R_ALREADY;
    i64 first = MAX_OF(k->a->state_since_ms, k->a->connection_since_ms);
    i64 since = MIN_OF(MAX_OF(c->since_ms, first), k->now_ms);
    emit(k, EVT_disconnected)->disconnected = (Evt_disconnected){c->cause, since, 0};
    if (k->a->state == ATTEMPT_active)
        emit_flag(k, 1, FLAG_disconnected, since, k->now_ms, SPAN_NONE);
    return ACCEPTED;
}

/* ---- at the desk ---- */

/* Who can look after somebody is known to the engine: it has checked the person. */
static Refusal decide_hand_over(const Ask *k, const Cmd_hand_over *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!session_on(k->s, SETTING_ratio)) return R_NOT_NOW; /* all look after all */
    if (k->a->proctor == c->proctor) return R_ALREADY;
    emit(k, EVT_handed_over)->handed_over = (Evt_handed_over){c->proctor, c->note, 0};
    return ACCEPTED;
}

static Refusal decide_claim(const Ask *k, const Cmd_claim *c)
{
    if (k->a->claimed_by != c->from) return R_CLAIMED;
    if (!attempt_asks(k->a, k->s)) return R_NO_REQUEST;
    emit(k, EVT_claimed)->claimed.from = c->from;
    return ACCEPTED;
}

static Refusal decide_release(const Ask *k, const Cmd_release *c)
{
    if (!k->a->claimed_by) return R_NO_REQUEST;
    if (k->a->claimed_by != c->from) return R_CLAIMED;
    emit(k, EVT_released)->released.from = c->from;
    return ACCEPTED;
}

/* ---- flags, evidence, outcome ---- */

static bool span_of_time_valid(const Ask *k, i64 from_ms, i64 to_ms)
{
    return from_ms > 0 && from_ms <= to_ms && to_ms <= k->now_ms + EXTRA_MS_MAX;
}

static Refusal decide_flag(const Ask *k, const Cmd_flag *c)
{
    Refusal r = check_text(c->note, true);
    if (r) return r;
    if (!flag_name(c->type) || c->severity < 1 || c->severity > 4) return R_BAD_VALUE;
    if (!span_of_time_valid(k, c->from_ms, c->to_ms)) return R_BAD_VALUE;
    if (k->a->flags >= FLAGS_MAX) return R_TOO_MANY;
    emit(k, EVT_flagged)->flagged =
        (Evt_flagged){k->a->flags + 1, c->type, c->severity, c->from_ms, c->to_ms, c->note, 0};
    return ACCEPTED;
}

static Refusal decide_observe(const Ask *k, const Cmd_observe *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (!flag_name(c->type) || c->type >= FLAG_rule_breach) return R_BAD_VALUE;
    if (!span_of_time_valid(k, c->from_ms, c->to_ms)) return R_BAD_VALUE;
    if (k->a->flags >= FLAGS_DEVICE_MAX) return R_TOO_MANY;
    emit_flag(k, 1, (FlagType)c->type, c->from_ms, c->to_ms, c->note);
    return ACCEPTED;
}

static Refusal decide_decide_flag(const Ask *k, const Cmd_decide_flag *c)
{
    Refusal r = check_text(c->note, false);
    if (r) return r;
    if (c->flag == 0 || c->flag > k->a->flags) return R_FLAG_UNKNOWN;
    if (c->decision > FLAG_DISMISSED) return R_BAD_VALUE;
    if (k->role == BY_PROCTOR && c->decision == FLAG_CONFIRMED) return R_POLICY_FORBIDS;
    if (attempt_flag_decision(k->a, c->flag) == c->decision && text_blank(c->note))
        return R_ALREADY;
    emit(k, EVT_flag_decided)->flag_decided = (Evt_flag_decided){c->flag, c->decision, c->note, 0};
    return ACCEPTED;
}

static Refusal decide_give_verdict(const Ask *k, const Cmd_give_verdict *c)
{
    Refusal r = check_text(c->note, c->outcome == OUTCOME_ESCALATE);
    if (r) return r;
    if (c->outcome != OUTCOME_CLEAR && c->outcome != OUTCOME_ESCALATE) return R_BAD_VALUE;
    emit(k, EVT_verdict_given)->verdict_given = (Evt_verdict_given){c->outcome, c->note, 0};
    return ACCEPTED;
}

enum { DIGEST_BYTES = 32 };

static Refusal decide_add_media_key(const Ask *k, const Cmd_add_media_key *c)
{
    if (c->epoch == 0 || c->wrapped.len == 0) return R_BAD_VALUE;
    if (c->wrapped.len > WRAPPED_KEY_BYTES_MAX) return R_TOO_LARGE;
    emit(k, EVT_media_key_added)->media_key_added = (Evt_media_key_added){c->epoch, c->wrapped, 0};
    return ACCEPTED;
}

static Refusal decide_note_media(const Ask *k, const Cmd_note_media *c)
{
    if (c->epoch == 0 || c->digest.len != DIGEST_BYTES) return R_BAD_VALUE;
    emit(k, EVT_media_noted)->media_noted =
        (Evt_media_noted){c->epoch, c->stream, c->upto_seq, c->digest, 0};
    return ACCEPTED;
}

static Refusal decide_score(const Ask *k, const Cmd_score *c)
{
    emit(k, EVT_scored)->scored = (Evt_scored){c->points_milli, c->max_milli, c->unmarked, 0};
    return ACCEPTED;
}

/* ---- the door ---- */

static Refusal wrong_state(const Attempt *a)
{
    switch (a->state) {
    case ATTEMPT_submitted:
    case ATTEMPT_ended:
    case ATTEMPT_refused:
    case ATTEMPT_absent: return R_IS_OVER;
    case ATTEMPT_invited:
    case ATTEMPT_joined:
    case ATTEMPT_waiting: return R_TOO_EARLY;
    case ATTEMPT_none:
    case ATTEMPT_active:
    case ATTEMPT_STATES: break;
    }
    return R_NOT_NOW;
}

static Refusal decide_early(const Ask *k, const Command *c)
{
    switch ((u32)c->kind) {
        WITH(invite)
        WITH(join)
        WITH(consent)
        WITH(report_check)
        BARE(ready)
        BARE(admit)
        WITH(ask_again)
        WITH(refuse)
        BARE(begin)
        WITH(connect)
        WITH(disconnect)
        WITH(ask_takeover)
        WITH(decide_takeover)
        WITH(pair_phone)
    case CMD_miss: return emit_only(k, EVT_missed);
    }
    return R_MALFORMED;
}

static Refusal decide_under_way(const Ask *k, const Command *c)
{
    switch ((u32)c->kind) {
        WITH(answer)
        WITH(mark)
        WITH(raise_hand)
        WITH(lower_hand)
        WITH(request_pause)
        BARE(withdraw_pause)
        WITH(decide_pause)
        WITH(pause)
        WITH(resume)
        WITH(lock)
        WITH(unlock)
        WITH(lose_track)
        WITH(restore_track)
        WITH(explain)
        WITH(message)
        WITH(say)
        WITH(see)
        WITH(extend)
        WITH(hand_over)
        WITH(claim)
        WITH(release)
        WITH(submit)
        BARE(time_up)
        BARE(settle_outage)
    case CMD_ask_snapshot: return emit_only(k, EVT_snapshot_asked);
    }
    return R_MALFORMED;
}

static Refusal decide_record(const Ask *k, const Command *c)
{
    switch ((u32)c->kind) {
        WITH(flag)
        WITH(observe)
        WITH(decide_flag)
        WITH(reopen)
        WITH(add_media_key)
        WITH(note_media)
        WITH(score)
        WITH(give_verdict)
        WITH(tell_hand_in)
    case CMD_view_evidence: return emit_only(k, EVT_evidence_viewed);
    }
    return R_MALFORMED;
}

Refusal attempt_decide(const Attempt *a, const Session *s, u8 role, u64 actor, const Command *c,
                       i64 now_ms, Events *out)
{
    Ask k = {a, s, role, actor, now_ms, out};
    out->count = 0;
    if (command_is_session(c->kind) || !command_known((u32)c->kind)) return R_MALFORMED;
    if (!(command_who(c->kind) & role)) return R_NOT_ALLOWED;
    if (!(command_states(c->kind) & 1u << a->state)) return wrong_state(a);
    Refusal r = decide_early(&k, c);
    if (r == R_MALFORMED) r = attempt_decide_door(&k, c);
    if (r == R_MALFORMED) r = decide_under_way(&k, c);
    if (r == R_MALFORMED) r = decide_record(&k, c);
    if (r == R_MALFORMED) r = decide_of_staff(&k, c);
    if (r) out->count = 0;
    return r;
}
