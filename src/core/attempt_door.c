/* attempt_door.c - what may be done at the door, before the exam: identity and room are shown, or declared
 * impossible to show; one proctor at a time looks and decides. */
#include "core/internal.h"

/* Of two proctors one checks a candidate in; who does nothing for a while lets go. */
Refusal attempt_check_checkin(const Ask *k)
{
    bool other = k->a->checkin_by && k->a->checkin_by != k->actor;
    bool fresh = k->now_ms < k->a->checkin_ms + CHECKIN_HOLD_MS;
    return k->role == BY_PROCTOR && other && fresh ? R_CHECKIN_TAKEN : ACCEPTED;
}

static bool proof_asked(const Session *s, u8 proof)
{
    u32 setting = proof_setting(proof);
    return setting && session_on(s, (Setting)setting);
}

/* Nothing is taken before consent, and what was accepted stays as it is. */
static Refusal decide_show_proof(const Ask *k, const Cmd_show_proof *c)
{
    if (!proof_asked(k->s, c->proof)) return R_BAD_VALUE;
    if (c->epoch == 0 || c->from_seq > c->upto_seq) return R_BAD_VALUE;
    if (k->a->disclosure != session_disclosure(k->s)) return R_NO_CONSENT;
    if (attempt_proof(k->a, c->proof) == PROOF_ACCEPTED) return R_ALREADY;
    emit(k, EVT_proof_shown)->proof_shown =
        (Evt_proof_shown){c->proof, c->detail, c->source, c->epoch, c->from_seq, c->upto_seq, 0};
    return ACCEPTED;
}

static Refusal decide_declare_alternative(const Ask *k, const Cmd_declare_alternative *c)
{
    Refusal r = check_text(c->reason, true);
    if (r) return r;
    if (!proof_asked(k->s, c->proof)) return R_BAD_VALUE;
    ProofState state = attempt_proof(k->a, c->proof);
    if (state == PROOF_ACCEPTED || state == PROOF_ALTERNATIVE) return R_ALREADY;
    emit(k, EVT_alternative_declared)->alternative_declared =
        (Evt_alternative_declared){c->proof, c->reason, 0};
    return ACCEPTED;
}

/* Taking it again says that one is still there; not with each click. */
static Refusal decide_take_checkin(const Ask *k)
{
    bool mine = k->a->checkin_by == k->actor;
    Refusal r = attempt_check_checkin(k);
    if (r) return r;
    if (mine && k->now_ms < k->a->checkin_ms + CHECKIN_HOLD_MS / 8) return R_ALREADY;
    return emit_only(k, EVT_checkin_taken);
}

static Refusal decide_release_checkin(const Ask *k)
{
    return k->a->checkin_by == k->actor ? emit_only(k, EVT_checkin_released) : R_ALREADY;
}

static Refusal decide_decide_proof(const Ask *k, const Cmd_decide_proof *c)
{
    bool fine = c->outcome == PROOF_IS_FINE;
    Refusal r = check_text(c->reason, !fine);
    if (!r) r = attempt_check_checkin(k);
    if (r) return r;
    if (!proof_asked(k->s, c->proof)) return R_BAD_VALUE;
    if (!fine && c->outcome != PROOF_AGAIN) return R_BAD_VALUE;
    ProofState state = attempt_proof(k->a, c->proof);
    if (state == PROOF_NONE) return R_PROOF_MISSING;
    if (state == (fine ? PROOF_ACCEPTED : PROOF_ASKED_AGAIN)) return R_ALREADY;
    emit(k, EVT_proof_decided)->proof_decided =
        (Evt_proof_decided){c->proof, c->outcome, c->reason, 0};
    return ACCEPTED;
}

static Refusal decide_note_checkin(const Ask *k, const Cmd_note_checkin *c)
{
    Refusal r = check_text(c->text, true);
    if (!r) emit(k, EVT_checkin_noted)->checkin_noted.text = c->text;
    return r;
}

Refusal attempt_decide_door(const Ask *k, const Command *c)
{
    switch ((u32)c->kind) {
        WITH(show_proof)
        WITH(declare_alternative)
        BARE(take_checkin)
        BARE(release_checkin)
        WITH(decide_proof)
        WITH(note_checkin)
    }
    return R_MALFORMED;
}
