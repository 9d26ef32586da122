#include "app/who.h"

/* The roles that somebody has towards a session. */
static u32 roles_in_session(const Engine *e, const Asker *who, u64 session)
{
    if (!engine_session(e, session)) return 0;
    u32 roles = who->roles & (BY_PLANNER | BY_ADMINISTRATOR);
    return roles | (engine_assigned(e, session, who->user) & who->roles);
}

/* A proctor who shares the candidates with others and does not lead. */
static bool shares(const Engine *e, const Asker *who, u64 session)
{
    const Session *s = engine_session(e, session);
    if (!s || !session_on(s, SETTING_ratio)) return false;
    u32 assigned = engine_assigned(e, session, who->user);
    return assigned & who->roles & BY_PROCTOR && !(assigned & ASSIGNED_LEAD);
}

/* Of somebody else's candidate nothing is seen. Who reviews as well does so when the exam is over. */
static u32 roles_lost(const Engine *e, const Asker *who, const Attempt *a)
{
    bool open_to_all = !a->proctor && attempt_is_present(a);
    if (open_to_all || a->proctor == who->user || !shares(e, who, a->session)) return 0;
    return attempt_is_over(a) ? BY_PROCTOR : BY_PROCTOR | BY_REVIEWER;
}

static u32 roles_in_attempt(const Engine *e, const Asker *who, u64 attempt)
{
    const Attempt *a = engine_attempt(e, attempt);
    if (!a) return 0;
    bool own = who->attempt == attempt && attempt != 0;
    u32 roles = roles_in_session(e, who, a->session) & ~roles_lost(e, who, a);
    return (own ? who->roles & (BY_CANDIDATE | BY_PHONE) : 0) | roles;
}

bool who_sees_all(const Engine *e, const Asker *who, u64 session)
{
    return who->roles & (BY_PLANNER | BY_ADMINISTRATOR) || !shares(e, who, session);
}

/* Of several roles the one closest to the exam: what a proctor does counts as the proctor's. */
static u8 closest(u32 roles)
{
    static const u8 order[] = {BY_CANDIDATE, BY_PROCTOR,       BY_REVIEWER, BY_GRADER,
                               BY_PLANNER,   BY_ADMINISTRATOR, BY_PHONE,    BY_SERVER};
    for (size_t i = 0; i < sizeof order; i++)
        if (roles & order[i]) return order[i];
    return 0;
}

u8 who_may(const Engine *e, const Asker *who, u32 allowed, ObjectKind kind, u64 object)
{
    switch (kind) {
    case OBJECT_NONE: return closest(who->roles & allowed);
    case OBJECT_SESSION: return closest(roles_in_session(e, who, object) & allowed);
    case OBJECT_ATTEMPT: return closest(roles_in_attempt(e, who, object) & allowed);
    case OBJECT_ASSESSMENT: return closest(who->roles & (BY_PLANNER | BY_ADMINISTRATOR) & allowed);
    }
    return 0;
}

/* Joining is asked before there is anything of one's own: the code was checked by the caller. */
static u8 may_join(const Engine *e, const Asker *who, u64 target, u64 session)
{
    if (!(who->roles & BY_CANDIDATE)) return 0;
    const Attempt *a = engine_attempt(e, target);
    if (target) return a && attempt_awaits(a) ? BY_CANDIDATE : 0;
    return engine_session(e, session) ? BY_CANDIDATE : 0;
}

/* One goes and comes for oneself; a lead also sends others. */
static bool may_for_person(const Engine *e, const Asker *who, const Command *c, u64 session)
{
    u64 user = c->kind == CMD_step_away   ? c->step_away.user
               : c->kind == CMD_step_back ? c->step_back.user
                                          : who->user;
    return user == who->user || engine_assigned(e, session, who->user) & ASSIGNED_LEAD;
}

u8 who_may_command(const Engine *e, const Asker *who, const Command *c, u64 target, u64 session)
{
    u32 allowed = command_who(c->kind);
    if (who->roles & BY_SERVER) return allowed & BY_SERVER ? BY_SERVER : 0;
    if (c->kind == CMD_join) return may_join(e, who, target, session);
    if (c->kind == CMD_invite) return who_may(e, who, allowed, OBJECT_SESSION, session);
    if (c->kind == CMD_create_session) return who_may(e, who, allowed, OBJECT_NONE, 0);
    if (!may_for_person(e, who, c, target)) return 0;
    if (command_is_session(c->kind)) return who_may(e, who, allowed, OBJECT_SESSION, target);
    u8 role = who_may(e, who, allowed, OBJECT_ATTEMPT, target);
    const Attempt *a = engine_attempt(e, target);
    bool forbidden = c->kind == CMD_extend && role == BY_PROCTOR && a &&
                     !session_on(engine_session(e, a->session), SETTING_proctor_may_extend);
    /* A proctor who is also a planner extends as the planner. */
    if (forbidden && who->roles & (BY_PLANNER | BY_ADMINISTRATOR))
        return who_may(e, who, allowed & ~(u32)BY_PROCTOR, OBJECT_ATTEMPT, target);
    return role;
}

Refusal who_refusal(const Engine *e, const Asker *who, const Command *c)
{
    (void)e;
    if (!who->user && !who->attempt && !who->roles) return R_NOT_SIGNED_IN;
    /* Somebody who could never do this is told so; whether the object exists is not. */
    return command_who(c->kind) & who->roles ? R_NOT_FOUND : R_NOT_ALLOWED;
}
