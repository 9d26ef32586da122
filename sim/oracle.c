/* oracle.c - decides each command again, by rules of its own: those of the tables in schema/ and of
 * docs/architecture.md. Calls nothing of the core. */
#include "sim/judge.h"

static Refusal outside(const Model *m)
{
    switch ((u32)m->state) {
    case ATTEMPT_submitted:
    case ATTEMPT_ended:
    case ATTEMPT_refused:
    case ATTEMPT_absent: return R_IS_OVER;
    case ATTEMPT_invited:
    case ATTEMPT_joined:
    case ATTEMPT_waiting: return R_TOO_EARLY;
    }
    return R_NOT_NOW;
}

static Refusal unless(bool fine, Refusal else_this)
{
    return fine ? ACCEPTED : else_this;
}

/* ---- what candidates ask ---- */

static Refusal may_write(const Judge *j, const Model *m, i64 at_ms)
{
    if (m->over) return R_IS_OVER;
    if (m->state != ATTEMPT_active) return R_TOO_EARLY;
    if (m->holds & HOLD_locked) return R_IS_LOCKED;
    if (m->holds & HOLD_system_paused) return R_IS_SYSTEM_PAUSED;
    if (m->holds & HOLD_paused) return R_IS_PAUSED;
    i64 last = account_deadline_ms(j, m, at_ms) + j->setting[SETTING_grace_ms];
    return unless(at_ms <= last, R_TOO_LATE);
}

static Refusal answer(const Judge *j, const Model *m, const Cmd_answer *c, i64 at_ms)
{
    bool away = m->state == ATTEMPT_ended && m->away &&
                at_ms <= m->over_ms + j->setting[SETTING_late_arrival_ms];
    if (c->rev > m->rev[c->item]) return away ? ACCEPTED : may_write(j, m, at_ms);
    bool same = c->rev == m->rev[c->item] && text_read(c->value) == m->text[c->item];
    return same ? R_ALREADY : R_CONFLICT;
}

static Refusal mark(const Judge *j, const Model *m, const Cmd_mark *c, i64 at_ms)
{
    Refusal r = may_write(j, m, at_ms);
    bool is_on = m->marked >> c->item & 1;
    return r ? r : unless(is_on != (c->on != 0), R_ALREADY);
}

static Refusal lose(const Judge *j, const Model *m, u8 track)
{
    u32 setting = track_setting(track);
    if (!setting || !j->setting[setting]) return R_BAD_VALUE;
    return unless(!(m->lost_tracks & track_bit(track)), R_ALREADY);
}

/* ---- the door ---- */

enum { SHOWN = 1, ALTERNATIVE, ACCEPTED_IT, AGAIN };

static bool proof_wanted(const Judge *j, u32 proof)
{
    return (proof == PROOF_room_scan && j->setting[SETTING_room_scan]) ||
           ((proof == PROOF_id_photo || proof == PROOF_face_photo) && j->setting[SETTING_id_check]);
}

static bool door_is_clear(const Judge *j, const Model *m, bool for_admission)
{
    for (u32 proof = PROOF_id_photo; proof <= PROOF_room_scan; proof++) {
        u8 state = m->proof[proof];
        bool clear =
            state == ACCEPTED_IT || (!for_admission && (state == SHOWN || state == ALTERNATIVE));
        if (proof_wanted(j, proof) && !clear) return false;
    }
    return true;
}

static bool held_by_other(const Model *m, u64 actor, i64 at_ms)
{
    return m->checkin_by && m->checkin_by != actor && at_ms - m->checkin_ms < CHECKIN_HOLD_MS;
}

static Refusal show_proof(const Judge *j, const Model *m, const Cmd_show_proof *c)
{
    if (!proof_wanted(j, c->proof)) return R_BAD_VALUE;
    if (m->disclosure != j->sitting.disclosure) return R_NO_CONSENT;
    return unless(m->proof[c->proof] != ACCEPTED_IT, R_ALREADY);
}

static Refusal declare(const Judge *j, const Model *m, u8 proof)
{
    if (!proof_wanted(j, proof)) return R_BAD_VALUE;
    return unless(m->proof[proof] != ACCEPTED_IT && m->proof[proof] != ALTERNATIVE, R_ALREADY);
}

static Refusal decide_proof(const Judge *j, const Model *m, const Cmd_decide_proof *c)
{
    u8 then = c->outcome == PROOF_IS_FINE ? ACCEPTED_IT : AGAIN;
    if (!proof_wanted(j, c->proof)) return R_BAD_VALUE;
    if (!m->proof[c->proof]) return R_PROOF_MISSING;
    return unless(m->proof[c->proof] != then, R_ALREADY);
}

static Refusal take_checkin(const Model *m, u64 actor, i64 at_ms)
{
    return unless(m->checkin_by != actor || at_ms - m->checkin_ms >= CHECKIN_HOLD_MS / 8,
                  R_ALREADY);
}

static Refusal of_proctor_at_door(const Judge *j, const Model *m, u64 actor, const Command *c,
                                  i64 at_ms)
{
    if (c->kind == CMD_admit && m->admitted) return R_ALREADY;
    if (held_by_other(m, actor, at_ms)) return R_CHECKIN_TAKEN;
    switch ((u32)c->kind) {
    case CMD_admit: return unless(door_is_clear(j, m, true), R_PROOF_MISSING);
    case CMD_take_checkin: return take_checkin(m, actor, at_ms);
    case CMD_decide_proof: return decide_proof(j, m, &c->decide_proof);
    }
    return ACCEPTED;
}

static Refusal ready(const Judge *j, const Model *m)
{
    if (m->disclosure != j->sitting.disclosure) return R_NO_CONSENT;
    for (u32 check = 1; check < 8; check++) {
        u32 setting = check_setting(check);
        if (setting && j->setting[setting] && !(m->checks >> check & 1)) return R_CHECKS_MISSING;
    }
    if (!door_is_clear(j, m, false)) return R_PROOF_MISSING;
    return unless(!j->setting[SETTING_phone] || m->phone, R_PHONE_MISSING);
}

static Refusal consent(const Judge *j, const Model *m, const Cmd_consent *c)
{
    if (c->disclosure != j->sitting.disclosure) return R_CONFLICT;
    return unless(m->disclosure != c->disclosure, R_ALREADY);
}

static Refusal ask_takeover(const Model *m, u64 device)
{
    bool leads = !m->device || m->device == device;
    return unless(!leads && m->wants_device != device, R_ALREADY);
}

static Refusal acknowledge(const Model *m, u8 step)
{
    if (!step || step > m->warnings) return R_NO_REQUEST;
    return unless(step > m->warnings_seen, R_ALREADY);
}

static Refusal of_candidate(const Judge *j, const Model *m, const Command *c, i64 at_ms)
{
    switch ((u32)c->kind) {
    case CMD_consent: return consent(j, m, &c->consent);
    case CMD_ready: return ready(j, m);
    case CMD_answer: return answer(j, m, &c->answer, at_ms);
    case CMD_mark: return mark(j, m, &c->mark, at_ms);
    case CMD_submit: return may_write(j, m, at_ms);
    case CMD_raise_hand: return unless(!m->hand, R_ALREADY);
    case CMD_request_pause: return unless(!m->asked_pause && !(m->holds & HOLD_paused), R_ALREADY);
    case CMD_withdraw_pause: return unless(m->asked_pause, R_NO_REQUEST);
    case CMD_lose_track: return lose(j, m, c->lose_track.track);
    case CMD_restore_track:
        return unless(m->lost_tracks & track_bit(c->restore_track.track), R_ALREADY);
    case CMD_explain: return unless(m->holds, R_NOT_HELD);
    case CMD_show_proof: return show_proof(j, m, &c->show_proof);
    case CMD_declare_alternative: return declare(j, m, c->declare_alternative.proof);
    case CMD_ask_takeover: return ask_takeover(m, c->ask_takeover.device);
    case CMD_acknowledge_warning: return acknowledge(m, c->acknowledge_warning.step);
    case CMD_tell_hand_in: return unless(m->device != c->tell_hand_in.device, R_NOT_NOW);
    case CMD_observe: return unless(m->flags < FLAGS_DEVICE_MAX, R_TOO_MANY);
    }
    return ACCEPTED;
}

/* ---- what others ask ---- */

static bool asks(const Judge *j, const Model *m)
{
    bool present =
        m->state == ATTEMPT_joined || m->state == ATTEMPT_waiting || m->state == ATTEMPT_active;
    bool comes_in = j->setting[SETTING_waiting_room] && m->state == ATTEMPT_waiting && !m->admitted;
    return m->hand || m->asked_pause || m->wants_device || m->unread || m->high || comes_in ||
           m->holds & HOLD_system_paused || (present && !m->connected);
}

static Refusal hand_over(const Judge *j, const Model *m, u64 proctor)
{
    if (!j->setting[SETTING_ratio]) return R_NOT_NOW;
    return unless(m->proctor != proctor, R_ALREADY); /* 0: the other one, who is always there */
}

static Refusal claim(const Judge *j, const Model *m, u64 from)
{
    if (m->claimed_by != from) return R_CLAIMED;
    return unless(asks(j, m), R_NO_REQUEST);
}

static Refusal release(const Model *m, u64 from)
{
    if (!m->claimed_by) return R_NO_REQUEST;
    return unless(m->claimed_by == from, R_CLAIMED);
}

static Refusal warn(const Model *m, u8 step)
{
    if (m->warnings == WARNINGS_MAX) return R_TOO_MANY;
    if (!step || step == m->warnings + 1) return ACCEPTED;
    return step <= m->warnings ? R_CONFLICT : R_BAD_VALUE;
}

static Refusal pause_all(const Judge *j, const Model *m)
{
    return j->sitting.incident ? unless(!(m->holds & HOLD_paused), R_ALREADY) : R_NO_INCIDENT;
}

static Refusal of_others(const Judge *j, const Model *m, u8 role, u64 actor, const Command *c,
                         i64 at_ms)
{
    switch ((u32)c->kind) {
    case CMD_pause: return unless(!(m->holds & HOLD_paused), R_ALREADY);
    case CMD_resume: return unless(m->holds & HOLD_paused, R_NOT_HELD);
    case CMD_warn: return warn(m, c->warn.step);
    case CMD_end:
        return unless(m->state != ATTEMPT_active || m->warnings || role == BY_SERVER, R_NOT_WARNED);
    case CMD_pause_for_incident: return pause_all(j, m);
    case CMD_resume_after_incident: return unless(m->holds & HOLD_incident, R_NOT_HELD);
    case CMD_lock: return unless(!(m->holds & HOLD_locked), R_ALREADY);
    case CMD_unlock: return unless(m->holds & HOLD_locked, R_NOT_HELD);
    case CMD_decide_pause: return unless(m->asked_pause, R_NO_REQUEST);
    case CMD_lower_hand: return unless(m->hand, R_NO_REQUEST);
    case CMD_extend:
        return unless(role != BY_PROCTOR || j->setting[SETTING_proctor_may_extend],
                      R_POLICY_FORBIDS);
    case CMD_reopen: return unless(j->sitting.state == SESSION_running && m->began_ms, R_NOT_NOW);
    case CMD_connect:
        if (m->device && m->device != c->connect.device) return R_OTHER_DEVICE;
        return unless(!m->connected, R_ALREADY);
    case CMD_decide_takeover:
        return unless(m->wants_device && m->wants_device == c->decide_takeover.device,
                      R_NO_REQUEST);
    case CMD_disconnect: return unless(m->connected, R_ALREADY);
    case CMD_hand_over: return hand_over(j, m, c->hand_over.proctor);
    case CMD_claim: return claim(j, m, c->claim.from);
    case CMD_release: return release(m, c->release.from);
    case CMD_pair_phone:
        if (!j->setting[SETTING_phone]) return R_POLICY_FORBIDS;
        return unless(m->phone != c->pair_phone.device, R_ALREADY);
    case CMD_release_checkin: return unless(m->checkin_by == actor, R_ALREADY);
    case CMD_ask_again:
        if (role == BY_SERVER) return ACCEPTED;
        return of_proctor_at_door(j, m, actor, c, at_ms);
    case CMD_admit:
    case CMD_refuse:
    case CMD_take_checkin:
    case CMD_decide_proof: return of_proctor_at_door(j, m, actor, c, at_ms);
    }
    return ACCEPTED;
}

/* Only a seat that is kept free can be taken; one that was given up only late, where that is allowed. */
static Refusal join(const Judge *j, const Model *m)
{
    if (m->state == ATTEMPT_invited) return ACCEPTED;
    if (m->state != ATTEMPT_absent) return R_NOT_FOUND;
    bool late = j->sitting.state == SESSION_running && j->setting[SETTING_late_entry];
    return unless(late, R_IS_OVER);
}

Refusal oracle_decide(const Judge *j, const Model *m, u8 role, u64 actor, const Command *c,
                      i64 at_ms)
{
    if (c->kind == CMD_join) return join(j, m);
    if (!(command_states(c->kind) >> m->state & 1)) return outside(m);
    return role == BY_CANDIDATE && c->kind != CMD_lower_hand
               ? of_candidate(j, m, c, at_ms)
               : of_others(j, m, role, actor, c, at_ms);
}

Refusal oracle_decide_session(const Sitting *s, const Command *c)
{
    if (!(command_states(c->kind) >> s->state & 1))
        return s->state == SESSION_ended || s->state == SESSION_cancelled ? R_IS_OVER : R_NOT_NOW;
    switch ((u32)c->kind) {
    case CMD_declare_incident: return unless(!s->incident, R_ALREADY);
    case CMD_close_incident: return unless(s->incident, R_NO_INCIDENT);
    case CMD_withdraw_end: return unless(s->end_ms, R_NO_REQUEST);
    }
    return ACCEPTED;
}

/* What was agreed to, as a number: FNV-1a over the settings that were set, 0 excepted. */
u32 oracle_disclosure(const Judge *j)
{
    u32 hash = 2166136261u;
    for (u32 i = 0; i < SETTINGS_END; i++) {
        if (j->setting[i] == setting_default(i)) continue;
        hash = (hash ^ i) * 16777619u;
        for (u32 byte = 0; byte < 8; byte++)
            hash = (hash ^ (u32)((u64)j->setting[i] >> byte * 8 & 255)) * 16777619u;
    }
    return hash ? hash : 1;
}
