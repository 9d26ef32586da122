#include "sim/judge.h"

#include <stdio.h>
#include <stdlib.h>

Judge *judge_open(World *w)
{
    static Judge judge;
    u64 *told = judge.told;
    u32 cap = judge.told_cap;
    memset(&judge, 0, sizeof judge);
    judge.w = w;
    judge.told = told;
    judge.told_cap = cap;
    for (u32 i = 0; i < SETTINGS_END; i++)
        judge.setting[i] = setting_default(i);
    judge.sitting.disclosure = oracle_disclosure(&judge);
    return &judge;
}

static int candidate_of(const World *w, u64 attempt)
{
    for (u32 i = 0; i < w->candidate_count; i++)
        if (w->attempts[i] == attempt) return (int)i;
    return -1;
}

/* ---- events ---- */

static u64 digest(u64 stream, u64 ver, Span event)
{
    u64 hash = (stream ^ ver << 20) * 0x9e3779b97f4a7c15u;
    for (size_t i = 0; i < event.len; i++)
        hash = (hash ^ event.ptr[i]) * 0x100000001b3u;
    return hash;
}

static void remember(Judge *j, u64 stream, u64 ver, Span encoded)
{
    if (j->told_count == j->told_cap) {
        j->told_cap = j->told_cap ? j->told_cap * 2 : TOLD_FIRST;
        j->told = realloc(j->told, j->told_cap * sizeof(u64));
        ASSERT(j->told);
    }
    j->told[j->told_count++] = digest(stream, ver, encoded);
}

static void trace_event(const World *w, u64 stream, const Event *e)
{
    if (!w->trace) return;
    Buf line;
    buf_init(&line, EVENT_BYTES_MAX);
    event_json(&line, e);
    world_trace(w, "stream %llu: %.*s", (unsigned long long)stream_object(stream),
                SPAN_ARG(buf_view(&line)));
    buf_done(&line);
}

static void session_event(Judge *j, u64 ver, const Event *e)
{
    if (ver != j->session_ver + 1)
        violation(j->w, &j->w->found.doubled, "the session's event %llu comes after %llu",
                  (unsigned long long)ver, (unsigned long long)j->session_ver);
    j->session_ver = ver;
    if (j->prior_sittings < SITTINGS_MAX) j->prior_sitting[j->prior_sittings++] = j->sitting;
    switch ((u32)e->kind) {
    case EVT_session_created: j->sitting.state = SESSION_planned; break;
    case EVT_configured:
        j->setting[e->configured.setting] = e->configured.value;
        j->sitting.disclosure = oracle_disclosure(j);
        break;
    case EVT_session_started:
        j->sitting.state = SESSION_running;
        j->sitting.started_ms = e->at_ms;
        break;
    case EVT_incident_declared: j->sitting.incident = true; break;
    case EVT_incident_closed: j->sitting.incident = false; break;
    case EVT_end_announced: j->sitting.end_ms = e->end_announced.end_ms; break;
    case EVT_end_withdrawn: j->sitting.end_ms = 0; break;
    case EVT_session_ended:
        if (e->role == BY_SERVER && (!j->sitting.end_ms || e->at_ms < j->sitting.end_ms))
            violation(j->w, &j->w->found.wrong_deadlines, "the session ends before it was said");
        j->sitting.incident = false;
        j->sitting.state = SESSION_ended;
        j->sitting.ended_ms = e->at_ms;
        break;
    }
}

/* The events of one command stand together: a command that comes again later was carried out twice. */
static void ledger_add(Judge *j, u32 candidate, u64 ver, const Event *e)
{
    u32 *count = &j->cmd_count[candidate];
    if (!e->cmd || *count == CMDS_MAX) return;
    for (u32 i = 0; i < *count; i++) {
        if (j->cmds[candidate][i].cmd != e->cmd || j->cmds[candidate][i].actor != e->actor)
            continue;
        if (i + 1 != *count || j->cmds[candidate][i].ver + 1 != ver)
            violation(j->w, &j->w->found.doubled, "candidate %u: command %llu is carried out twice",
                      candidate, (unsigned long long)e->cmd);
        j->cmds[candidate][i].ver = ver;
        return;
    }
    j->cmds[candidate][*count].cmd = e->cmd;
    j->cmds[candidate][*count].actor = e->actor;
    j->cmds[candidate][*count].at_ms = e->at_ms;
    j->cmds[candidate][(*count)++].ver = ver;
}

static void note_set_up(Model *m, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_consented: m->disclosure = e->consented.disclosure; break;
    case EVT_check_reported:
        if (e->check_reported.outcome != CHECK_FAILED)
            m->checks |= (u8)(1u << e->check_reported.check);
        break;
    case EVT_admitted: m->admitted = true; break;
    case EVT_asked_again: m->admitted = false; break;
    case EVT_connected: m->device = e->connected.device; break;
    case EVT_missed:
    case EVT_refused:
        m->hand = false;
        m->wants_device = 0;
        break;
    }
}

static void note_door(Model *m, const Event *e)
{
    enum { SHOWN = 1, ALTERNATIVE, ACCEPTED_IT, AGAIN };
    bool fine = e->kind == EVT_proof_decided && e->proof_decided.outcome == PROOF_IS_FINE;
    switch ((u32)e->kind) {
    case EVT_proof_shown: m->proof[e->proof_shown.proof] = SHOWN; break;
    case EVT_alternative_declared: m->proof[e->alternative_declared.proof] = ALTERNATIVE; break;
    case EVT_proof_decided:
        m->proof[e->proof_decided.proof] = fine ? ACCEPTED_IT : AGAIN;
        m->admitted = m->admitted && fine;
        break;
    case EVT_checkin_taken:
        m->checkin_by = e->actor;
        m->checkin_ms = e->at_ms;
        break;
    case EVT_checkin_released:
    case EVT_admitted:
    case EVT_asked_again:
    case EVT_refused:
    case EVT_began:
    case EVT_ended: m->checkin_by = 0; break;
    }
}

static void note_requests(Model *m, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_hand_raised: m->hand = true; break;
    case EVT_hand_lowered: m->hand = false; break;
    case EVT_pause_requested: m->asked_pause = true; break;
    case EVT_pause_withdrawn:
    case EVT_pause_decided:
    case EVT_incident_paused:
    case EVT_paused: m->asked_pause = false; break;
    case EVT_warned: m->warnings = e->warned.step; break;
    case EVT_warning_acknowledged: m->warnings_seen = e->warning_acknowledged.step; break;
    case EVT_marked:
        if (e->marked.on) m->marked |= (u8)(1u << e->marked.item);
        else m->marked &= (u8) ~(1u << e->marked.item);
        break;
    case EVT_track_lost: m->lost_tracks |= track_bit(e->track_lost.track); break;
    case EVT_track_restored: m->lost_tracks &= (u8)~track_bit(e->track_restored.track); break;
    case EVT_flagged: m->flags = e->flagged.flag; break;
    }
}

static bool is_outcome(EventKind kind)
{
    switch ((u32)kind) {
    case EVT_admitted:
    case EVT_asked_again:
    case EVT_refused:
    case EVT_hand_lowered:
    case EVT_pause_withdrawn:
    case EVT_pause_decided:
    case EVT_paused:
    case EVT_takeover_decided:
    case EVT_system_resumed:
    case EVT_connected:
    case EVT_messaged:
    case EVT_submitted:
    case EVT_ended:
    case EVT_released:
    case EVT_handed_over: return true;
    }
    return false;
}

static void note_desk(Model *m, const Event *e)
{
    switch ((u32)e->kind) {
    case EVT_said:
    case EVT_explained: m->unread = true; break;
    case EVT_messaged: m->unread = false; break;
    case EVT_flagged: m->high |= e->flagged.severity >= 3; break;
    case EVT_handed_over: m->proctor = e->handed_over.proctor; break;
    case EVT_claimed: m->claimed_by = e->actor; break;
    }
    if (is_outcome(e->kind)) m->claimed_by = 0;
}

static AttemptState leads_to(EventKind kind, AttemptState now)
{
    switch ((u32)kind) {
    case EVT_invited: return ATTEMPT_invited;
    case EVT_joined:
    case EVT_asked_again: return ATTEMPT_joined;
    case EVT_became_ready: return ATTEMPT_waiting;
    case EVT_began:
    case EVT_reopened: return ATTEMPT_active;
    case EVT_submitted: return ATTEMPT_submitted;
    case EVT_ended: return ATTEMPT_ended;
    case EVT_refused: return ATTEMPT_refused;
    case EVT_missed: return ATTEMPT_absent;
    }
    return now;
}

static void attempt_event(Judge *j, u32 candidate, u64 ver, const Event *e)
{
    Model *m = &j->models[candidate];
    if (j->prior_count[candidate] < PRIOR_MAX)
        j->prior[candidate][j->prior_count[candidate]++] = *m;
    if (ver != m->ver + 1)
        violation(j->w, &j->w->found.doubled, "candidate %u: event %llu comes after %llu",
                  candidate, (unsigned long long)ver, (unsigned long long)m->ver);
    m->ver = ver;
    ledger_add(j, candidate, ver, e);
    account_event(j, candidate, e);
    note_set_up(m, e);
    note_door(m, e);
    note_requests(m, e);
    note_desk(m, e);
    m->state = leads_to(e->kind, m->state);
}

static void server_event(Judge *j, const Event *e)
{
    if (e->kind != EVT_server_began) return;
    char name[16];
    snprintf(name, sizeof name, "boot %u", j->w->boot);
    bool same = span_equal(e->server_began.boot, span_of(name));
    j->start_ms = same ? e->at_ms : 0;
    j->true_start_ms = j->w->booted_ms + e->server_began.boot_ms;
    j->start_boot = j->w->boot;
}

static bool exam_runs(const Judge *j)
{
    for (u32 i = 0; i < j->w->candidate_count; i++)
        if (j->models[i].state == ATTEMPT_active) return true;
    return false;
}

/* While the machine was not booted, exams under way go on by the time that really passed. */
void judge_time(World *w, i64 server_ms)
{
    const Judge *j = w->judge;
    if (j->start_boot != w->boot || !j->start_ms || !exam_runs(j)) return;
    i64 passed = w->now_ms - j->true_start_ms, off = server_ms - j->start_ms - passed;
    if (off > passed / CLOCK_FOLLOWS_ONE_IN + 2 || -off > passed / CLOCK_FOLLOWS_ONE_IN + 2)
        violation(w, &w->found.wrong_deadlines, "a restart moves the exams by %lld ms",
                  (long long)off);
}

static void batch_begins(Judge *j)
{
    j->batch_told = false;
    j->prior_sittings = 0;
    memset(j->prior_count, 0, sizeof j->prior_count);
}

void judge_event(World *w, u64 stream, u64 ver, const Event *e, Span encoded)
{
    Judge *j = w->judge;
    if (j->batch_told) batch_begins(j);
    remember(j, stream, ver, encoded);
    trace_event(w, stream, e);
    int candidate = candidate_of(w, stream_object(stream));
    if (stream_kind(stream) == STREAM_SERVER) server_event(j, e);
    if (stream_kind(stream) == STREAM_SESSION) session_event(j, ver, e);
    if (stream_kind(stream) == STREAM_ATTEMPT && candidate >= 0)
        attempt_event(j, (u32)candidate, ver, e);
}

/* ---- replies ---- */

bool model_seen_by(const Judge *j, const Model *m, u64 proctor)
{
    bool present =
        m->state == ATTEMPT_joined || m->state == ATTEMPT_waiting || m->state == ATTEMPT_active;
    if (!j->setting[SETTING_ratio]) return true;
    return m->proctor ? m->proctor == proctor : present;
}

static u64 actor_of(const Asker *who, u64 target)
{
    return who->user ? who->user : who->roles & BY_CANDIDATE ? target : 0;
}

/* In which role somebody may ask this; 0: not at all. */
static u8 role_of(const Judge *j, const Asker *who, const Model *m, u64 target, const Command *c)
{
    u32 may = command_who(c->kind) & who->roles;
    if (may & BY_SERVER) return BY_SERVER;
    if (!model_seen_by(j, m, who->user)) may &= ~(u32)BY_PROCTOR;
    if (may & BY_CANDIDATE) return who->attempt == target ? BY_CANDIDATE : 0;
    bool forbidden = c->kind == CMD_extend && !j->setting[SETTING_proctor_may_extend];
    if (may & BY_PROCTOR && !(forbidden && may & BY_PLANNER)) return BY_PROCTOR;
    return may & BY_PLANNER ? BY_PLANNER : may & BY_ADMINISTRATOR ? BY_ADMINISTRATOR : 0;
}

static Refusal decide_again(const Judge *j, const Asker *who, const Model *m, const Command *c,
                            const Reply *r)
{
    u8 role = role_of(j, who, m, r->target, c);
    if (!role) return command_who(c->kind) & who->roles ? R_NOT_FOUND : R_NOT_ALLOWED;
    bool joins = c->kind == CMD_join; /* decided before there is a device */
    bool elsewhere = !joins && m->device && who->device && m->device != who->device;
    bool for_any = c->kind == CMD_ask_takeover || c->kind == CMD_tell_hand_in;
    if (role == BY_CANDIDATE && elsewhere && !for_any) return R_OTHER_DEVICE;
    Refusal again = oracle_decide(j, m, role, actor_of(who, r->target), c, r->at_ms);
    /* An answer that is sent again gets its receipt again. */
    return c->kind == CMD_answer && again == R_ALREADY ? ACCEPTED : again;
}

static bool justified_then(const Judge *j, const Asker *who, u32 candidate, const Command *c,
                           const Reply *r)
{
    u32 n = j->prior_count[candidate];
    if (n == PRIOR_MAX) return true; /* more events than are kept */
    for (u32 i = 0; i < n; i++)
        if (decide_again(j, who, &j->prior[candidate][i], c, r) == r->refusal) return true;
    return decide_again(j, who, &j->models[candidate], c, r) == r->refusal;
}

/* Some state that the attempt was in while the batch was decided justifies the reply. */
static bool justified(Judge *j, const Asker *who, u32 candidate, const Command *c, const Reply *r)
{
    Sitting now = j->sitting;
    bool fits = justified_then(j, who, candidate, c, r);
    for (u32 i = 0; !fits && i < j->prior_sittings; i++) {
        j->sitting = j->prior_sitting[i];
        fits = justified_then(j, who, candidate, c, r);
    }
    j->sitting = now;
    return fits;
}

static void check_session_reply(Judge *j, const Command *c, const Reply *r)
{
    bool same = c->kind == CMD_configure && j->setting[c->configure.setting] == c->configure.value;
    bool fits =
        oracle_decide_session(&j->sitting, c) == r->refusal || (same && r->refusal == R_ALREADY);
    for (u32 i = 0; !fits && i < j->prior_sittings; i++)
        fits = oracle_decide_session(&j->prior_sitting[i], c) == r->refusal;
    if (!fits)
        violation(j->w, &j->w->found.other, "the session's command %u is answered with %s",
                  (u32)c->kind, refusal_name(r->refusal));
}

static void check_stored(Judge *j, u32 candidate, const Cmd_answer *c)
{
    World *w = j->w;
    bool stored = c->rev < REVS_MAX &&
                  j->texts[candidate][c->item][c->rev] == text_read(c->value) &&
                  j->models[candidate].rev[c->item] >= c->rev;
    if (!stored)
        violation(w, &w->found.lost, "candidate %u: item %u rev %u is accepted and not stored",
                  candidate, c->item, c->rev);
}

/* Accepted: there is an event of it. True: it is older than this decision, the command came again. */
static bool check_event_of(Judge *j, const Asker *who, u32 candidate, const Reply *r)
{
    World *w = j->w;
    u64 actor = actor_of(who, r->target);
    u64 before = j->prior_count[candidate] ? j->prior[candidate][0].ver : j->models[candidate].ver;
    for (u32 i = j->cmd_count[candidate]; i > 0; i--) {
        if (j->cmds[candidate][i - 1].cmd != r->cmd || j->cmds[candidate][i - 1].actor != actor)
            continue;
        if (r->ver > j->cmds[candidate][i - 1].ver)
            violation(w, &w->found.other, "candidate %u: a reply names event %llu", candidate,
                      (unsigned long long)r->ver);
        return j->cmds[candidate][i - 1].at_ms != r->at_ms ||
               j->cmds[candidate][i - 1].ver <= before;
    }
    violation(w, &w->found.lost, "candidate %u: command %llu is accepted and has no event",
              candidate, (unsigned long long)r->cmd);
    return true;
}

/* Who asks again under the same number gets the first answer again, unless another device leads since.
 * Of two copies in one turn the first may be refused and the second not; both are told behind the event.
 * Joining stands outside: it is asked over HTTP, by whoever has a sign-in for this attempt or none. */
static void check_not_taken_back(Judge *j, const Asker *who, u32 candidate, const Command *c,
                                 const Reply *r)
{
    u64 actor = actor_of(who, r->target);
    if (!r->cmd || c->kind == CMD_join || c->kind == CMD_answer) return;
    if (r->refusal == R_OTHER_DEVICE) return;
    for (u32 i = 0; i < j->cmd_count[candidate]; i++)
        if (j->cmds[candidate][i].cmd == r->cmd && j->cmds[candidate][i].actor == actor &&
            j->cmds[candidate][i].at_ms < r->at_ms)
            violation(j->w, &j->w->found.doubled, "candidate %u: command %llu is refused after all",
                      candidate, (unsigned long long)r->cmd);
}

static void check_reply(Judge *j, const Asker *who, u32 candidate, const Command *c, const Reply *r)
{
    World *w = j->w;
    bool again = false;
    if (r->refusal == ACCEPTED && c->kind == CMD_answer) check_stored(j, candidate, &c->answer);
    else if (r->refusal) check_not_taken_back(j, who, candidate, c, r);
    else if (r->cmd) again = check_event_of(j, who, candidate, r);
    w->counts.redecided += !again;
    if (!again && !justified(j, who, candidate, c, r))
        violation(w, &w->found.other, "candidate %u: command %u is answered with %s, not with %s",
                  candidate, (u32)c->kind, refusal_name(r->refusal),
                  refusal_name(decide_again(j, who, &j->models[candidate], c, r)));
}

void judge_reply(World *w, const Asker *who, const Command *c, const Reply *r)
{
    Judge *j = w->judge;
    j->batch_told = true;
    if (command_is_session(c->kind)) {
        check_session_reply(j, c, r);
        return;
    }
    int candidate = candidate_of(w, r->target);
    world_trace(w, "reply to candidate %d, command %u: %s", candidate, (u32)c->kind,
                refusal_name(r->refusal));
    if (candidate >= 0) check_reply(j, who, (u32)candidate, c, r);
}

void judge_saved(World *w, u32 candidate, u32 item, u32 rev, u32 text)
{
    Judge *j = w->judge;
    if (j->texts[candidate][item][rev] != text)
        violation(w, &w->found.lost, "candidate %u sees item %u rev %u as saved; it is not",
                  candidate, item, rev);
    j->acked[candidate][item] = MAX_OF(j->acked[candidate][item], rev);
}

/* ---- the disk ---- */

void judge_replay(World *w)
{
    w->judge->replayed = 0;
}

/* What was told must be there as it was told; what is there beyond that was stored before the end. */
void judge_replayed(World *w, const LogRecord *r)
{
    Judge *j = w->judge;
    Event e;
    j->replayed = (u32)r->seq;
    if (r->seq > j->told_count) {
        if (event_decode(r->event, &e)) violation(w, &w->found.other, "a record cannot be read");
        else judge_event(w, r->stream, r->ver, &e, r->event);
    } else if (j->told[r->seq - 1] != digest(r->stream, r->ver, r->event))
        violation(w, &w->found.lost, "record %llu is not what was told",
                  (unsigned long long)r->seq);
}

static bool door_differs(const Attempt *a, const Model *m)
{
    bool differs = a->checkin_by != m->checkin_by;
    for (u32 proof = 0; proof < 8; proof++)
        differs |= (u32)attempt_proof(a, proof) != m->proof[proof];
    return differs;
}

/* The state that the engine drew from the log, against the one that the judge drew from the events. */
static void compare_attempt(World *w, u32 i)
{
    const Attempt *a = engine_attempt(w->engine, w->attempts[i]);
    const Model *m = &w->judge->models[i];
    if (!a || a->state != m->state || a->holds != m->holds || a->connected != m->connected ||
        a->admitted != m->admitted || a->lost_tracks != m->lost_tracks || a->version != m->ver ||
        door_differs(a, m)) {
        violation(w, &w->found.other, "candidate %u: the replayed state is another", i);
        return;
    }
    for (u32 item = 1; item <= SIM_ITEMS; item++) {
        u32 rev = w->judge->acked[i][item];
        if (a->item[item].rev < rev)
            violation(w, &w->found.lost, "candidate %u: saved item %u rev %u is gone", i, item,
                      rev);
        else if (a->item[item].rev != m->rev[item] ||
                 text_read(engine_answer(w->engine, w->attempts[i], item)) != m->text[item])
            violation(w, &w->found.lost, "candidate %u: item %u has another text", i, item);
    }
}

void judge_replay_done(World *w)
{
    Judge *j = w->judge;
    j->batch_told = true;
    if (j->replayed < j->told_count)
        violation(w, &w->found.lost, "%u events that were told are gone",
                  j->told_count - j->replayed);
    if (engine_counts(w->engine).set_aside)
        violation(w, &w->found.other, "an attempt is set aside");
    for (u32 i = 0; i < w->candidate_count; i++)
        compare_attempt(w, i);
}

/* ---- the end ---- */

static Err no_submit(void *self, const LogRecord *records, u32 count, u64 batch)
{
    (void)self, (void)records, (void)count, (void)batch;
    return ERR_BUSY;
}

static Err read_log(void *self, u64 after, Err (*each)(void *ctx, const LogRecord *r), void *ctx)
{
    return log_read(((World *)self)->log, after, each, ctx);
}

bool attempt_same(const Attempt *a, const Attempt *b)
{
    Attempt copy = *a;
    copy.item = b->item; /* what lies there is compared, not where it lies */
    return memcmp(&copy, b, sizeof copy) == 0 &&
           memcmp(a->item, b->item, (a->item_count + 1) * sizeof *a->item) == 0;
}

static void compare_replay(World *w)
{
    EnginePorts ports = {.log = {w, no_submit, read_log}, .sign_secret = w->sign_secret};
    Engine *again = engine_open(&ports);
    ASSERT(again);
    if (engine_replay(again, server_now_ms(w), NULL))
        violation(w, &w->found.lost, "the log cannot be replayed");
    for (u32 i = 0; i < w->candidate_count; i++) {
        const Attempt *live = engine_attempt(w->engine, w->attempts[i]);
        const Attempt *replayed = engine_attempt(again, w->attempts[i]);
        if (!replayed || !attempt_same(live, replayed))
            violation(w, &w->found.other, "candidate %u: replay and live state differ", i);
    }
    engine_close(again);
}

static Err read_again(void *ctx, const LogRecord *r)
{
    judge_replayed(ctx, r);
    return OK;
}

static void compare_pages(World *w)
{
    for (u32 i = 0; world_quiet(w) && i < PAGES_MAX; i++) {
        Page *p = &w->pages[i];
        if (page_is_staff(p)) staff_compare(w, p);
        else if (p->open) device_compare(w, p);
    }
}

void judge_end(World *w)
{
    char why[256];
    if (!w->log && w->found.lost) return; /* it said already that the log does not open */
    *disk_faults() = (DiskFaults){.fail_in = -1};
    compare_pages(w);
    if (!w->up) server_start(w);
    if (!w->up) return;
    server_settle(w);
    judge_replay(w);
    if (log_read(w->log, 0, read_again, w) || log_check(w->log, why, sizeof why))
        violation(w, &w->found.lost, "the chain is broken: %s", why);
    judge_replay_done(w);
    for (u32 i = 0; i < w->candidate_count; i++)
        account_end(w->judge, i);
    compare_replay(w);
}
