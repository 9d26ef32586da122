#include "app/share.h"

static const Staff *staff_find(const SessionBox *b, u64 user)
{
    for (u32 i = 0; i < b->staff_count; i++)
        if (b->staff[i].user == user) return &b->staff[i];
    return NULL;
}

static bool is_there(const Staff *s)
{
    return s && s->roles & BY_PROCTOR && !s->away;
}

static bool is_lead(const Staff *s)
{
    return s && s->roles & ASSIGNED_LEAD;
}

/* The one with the fewest candidates, leads only when there is nobody else; 0: nobody is there. */
static u64 share_pick(const SessionBox *b, u64 but_not)
{
    const Staff *best = NULL;
    for (u32 i = 0; i < b->staff_count; i++) {
        const Staff *s = &b->staff[i];
        if (!is_there(s) || s->user == but_not) continue;
        bool fewer = best && is_lead(best) == is_lead(s) && s->load < best->load;
        if (!best || (is_lead(best) && !is_lead(s)) || fewer) best = s;
    }
    return best ? best->user : 0;
}

void share_attempt(Engine *e, AttemptBox *b)
{
    const SessionBox *s = state_session(&e->state, b->a.session);
    if (!session_on(&s->s, SETTING_ratio) || !attempt_is_present(&b->a) || b->set_aside) return;
    if (b->a.proctor && is_there(staff_find(s, b->a.proctor))) return;
    u64 user = share_pick(s, 0);
    if (!user || user == b->a.proctor) return;
    Event given = {.kind = EVT_handed_over, .handed_over = {user, SPAN_NONE, 0}};
    event_sign(e, &given, BY_SERVER, 0, 0);
    if (engine_append(e, b->stream.id, &given)) e->broken = true;
}

/* ---- checks ---- */

static Refusal check_away(const SessionBox *b, u64 user)
{
    const Staff *s = staff_find(b, user);
    if (!s || !(s->roles & BY_PROCTOR)) return R_NOT_FOUND;
    if (s->away) return R_ALREADY;
    return s->load && !share_pick(b, user) ? R_NOBODY_THERE : ACCEPTED;
}

static Refusal check_back(const SessionBox *b, u64 user)
{
    const Staff *s = staff_find(b, user);
    return s && s->away ? ACCEPTED : R_ALREADY;
}

/* Where somebody leads, the others do not end what is not theirs alone. */
static Refusal check_end(const SessionBox *b, u64 user)
{
    if (!session_on(&b->s, SETTING_ratio) || is_lead(staff_find(b, user))) return ACCEPTED;
    for (u32 i = 0; i < b->staff_count; i++)
        if (is_lead(&b->staff[i])) return R_POLICY_FORBIDS;
    return ACCEPTED;
}

Refusal share_choose(const SessionBox *b, const Attempt *a, Command *c)
{
    if (c->kind != CMD_hand_over || !session_on(&b->s, SETTING_ratio)) return ACCEPTED;
    if (!c->hand_over.proctor) c->hand_over.proctor = share_pick(b, a->proctor);
    return is_there(staff_find(b, c->hand_over.proctor)) ? ACCEPTED : R_NOBODY_THERE;
}

Refusal share_check_session(const SessionBox *b, u64 user, u8 role, const Command *c)
{
    if (role != BY_PROCTOR) return ACCEPTED;
    if (c->kind == CMD_step_away) return check_away(b, c->step_away.user);
    if (c->kind == CMD_step_back) return check_back(b, c->step_back.user);
    return c->kind == CMD_end_session ? check_end(b, user) : ACCEPTED;
}
