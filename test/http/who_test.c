/* The walk: every route, every command and every way to watch, asked by everybody, on own, other and
 * missing objects, in every phase of a session. What must be allowed is written down here by hand,
 * apart from the tables that the program uses. One answer too many is a leak. */
#include "test/http/house.h"

static u64 checks, leaks, denials;

/* Letters for who may: c the candidate itself, p assigned proctors, r assigned reviewers, l planners,
 * a administrators, g graders, P R any proctor or reviewer, o anyone at all, s whoever is signed in. */
static bool is_nobody(Who who)
{
    return who == NOBODY || who == SUSPENDED || who == EXPIRED;
}

static bool letter_fits(char letter, Who who, char side, Who owner)
{
    switch (letter) {
    case 'o': return true;
    case 's': return !is_nobody(who);
    case 'C': return who >= CANDIDATE_A;
    case 'c': return who == owner;
    case 'p': return (who == PROCTOR_A && side == 'A') || (who == PROCTOR_B && side == 'B');
    case 'r': return (who == REVIEWER_A && side == 'A') || (who == REVIEWER_B && side == 'B');
    case 'P': return who == PROCTOR_A || who == PROCTOR_B || who == IDLE_PROCTOR;
    case 'R': return who == REVIEWER_A || who == REVIEWER_B;
    case 'l': return who == PLANNER;
    case 'a': return who == ADMINISTRATOR;
    case 'g': return who == GRADER;
    }
    return false;
}

/* side: which session the object belongs to; '-': it does not exist; '*': no object is asked for. */
static bool expected(const char *letters, Who who, char side, Who owner)
{
    if (side == '-') return false;
    for (; *letters; letters++)
        if (letter_fits(*letters, who, side, owner)) return true;
    return false;
}

static void judge(const char *what, Who who, u64 object, bool allowed, bool want)
{
    checks++;
    if (allowed == want) return;
    if (allowed) leaks++;
    else denials++;
    printf("  %s: %s by %s on %llu\n", allowed ? "LEAK" : "denied", what, who_names[who],
           (unsigned long long)object);
}

static bool refused_by_right(Span refusal)
{
    return span_equal(refusal, SPAN("NOT_SIGNED_IN")) || span_equal(refusal, SPAN("NOT_ALLOWED")) ||
           span_equal(refusal, SPAN("NOT_FOUND"));
}

/* ---- objects ---- */

typedef struct Object {
    u64 id;
    char side;
    Who owner; /* NOBODY: none */
} Object;

static Object attempts[8], sessions[6];

static void fill_objects(void)
{
    const Object a[] = {{house.attempt[CANDIDATE_A], 'A', CANDIDATE_A},
                        {house.attempt[CANDIDATE_A2], 'A', CANDIDATE_A2},
                        {house.attempt[CANDIDATE_B], 'B', CANDIDATE_B},
                        {0, '-', NOBODY},
                        {999, '-', NOBODY},
                        {(u64)1 << 49, '-', NOBODY},
                        {stream_id(STREAM_ATTEMPT, house.attempt[CANDIDATE_A]), '-', NOBODY},
                        {UINT64_MAX, '-', NOBODY}};
    const Object s[] = {{house.session_a, 'A', NOBODY},
                        {house.session_b, 'B', NOBODY},
                        {0, '-', NOBODY},
                        {999, '-', NOBODY},
                        {(u64)1 << 49, '-', NOBODY},
                        {UINT64_MAX, '-', NOBODY}};
    memcpy(attempts, a, sizeof a);
    memcpy(sessions, s, sizeof s);
}

/* ---- routes ---- */

typedef struct RouteRule {
    const char *name, *method, *path, *letters;
    char kind; /* '*' none, 's' session, 't' attempt, 'm' assessment */
} RouteRule;

static const RouteRule route_rules[] = {
    {"signin", "POST", "/api/signin", "o", '*'},
    {"signout", "POST", "/api/signout", "s", '*'},
    {"me", "GET", "/api/me", "o", '*'},
    {"server", "GET", "/api/server", "o", '*'},
    {"join_look", "POST", "/api/join/look", "o", '*'},
    {"join", "POST", "/api/join", "o", '*'},
    {"exam", "GET", "/api/exam", "C", '*'},
    {"exam_paper", "GET", "/api/exam/paper", "C", '*'},
    {"exam_answers", "GET", "/api/exam/answers", "C", '*'},
    {"exam_result", "GET", "/api/exam/result", "C", '*'},
    {"exam_phone", "POST", "/api/exam/phone", "C", '*'},
    {"phone_join", "POST", "/api/phone", "o", '*'},
    {"identity_show", "GET", "/api/identity", "PRlag", '*'},
    {"identity_set", "PUT", "/api/identity", "PRlag", '*'},
    {"staff_list", "GET", "/api/staff", "la", '*'},
    {"import_check", "POST", "/api/imports", "l", '*'},
    {"import_apply", "POST", "/api/assessments", "l", '*'},
    {"assessment_list", "GET", "/api/assessments", "la", '*'},
    {"assessment_show", "GET", "/api/assessments/%llu", "la", 'm'},
    {"session_list", "GET", "/api/sessions", "PRla", '*'},
    {"session_create", "POST", "/api/sessions", "l", '*'},
    {"session_show", "GET", "/api/sessions/%llu", "prla", 's'},
    {"session_key", "GET", "/api/sessions/%llu/key", "prl", 's'},
    {"session_attempts", "GET", "/api/sessions/%llu/attempts", "prla", 's'},
    {"session_report", "GET", "/api/sessions/%llu/report", "prla", 's'},
    {"roster_template", "GET", "/api/roster-template.csv", "la", '*'},
    {"roster_check", "POST", "/api/sessions/%llu/roster/check", "la", 's'},
    {"roster_apply", "POST", "/api/sessions/%llu/roster", "la", 's'},
    {"attempt_show", "GET", "/api/attempts/%llu", "pr", 't'},
    {"attempt_events", "GET", "/api/attempts/%llu/events", "pr", 't'},
    {"attempt_paper", "GET", "/api/attempts/%llu/paper", "r", 't'},
    {"attempt_media", "GET", "/api/attempts/%llu/media", "pr", 't'},
    {"attempt_records", "GET", "/api/attempts/%llu/records?from=0&count=1", "pr", 't'},
};

/* Bodies are refused for their form, after the permission: nothing is changed by the walk. */
static void walk_route(const RouteRule *rule, Who who, const Object *o)
{
    char path[128];
    snprintf(path, sizeof path, rule->path, (unsigned long long)o->id);
    bool get = strcmp(rule->method, "GET") == 0;
    Ask a = {.method = rule->method, .path = path, .body = get ? NULL : "[]"};
    if (strcmp(rule->name, "signout") == 0) a.origin = ""; /* who is in shall stay in */
    int status = house_ask_as(&house, who, &a);
    CHECK(status != 0 && status != 500);
    bool allowed = !refused_by_right(house_text("refusal"));
    if (a.origin) allowed = expected(rule->letters, who, o->side, o->owner) && status == 403;
    judge(rule->name, who, o->id, allowed, expected(rule->letters, who, o->side, o->owner));
}

static void walk_routes(void)
{
    const Object none = {0, '*', NOBODY};
    const Object papers[] = {{house.assessment, 'A', NOBODY}, {0, '-', NOBODY}, {999, '-', NOBODY}};
    for (size_t i = 0; i < COUNT_OF(route_rules); i++) {
        const RouteRule *rule = &route_rules[i];
        const Object *list = rule->kind == 's'   ? sessions
                             : rule->kind == 't' ? attempts
                             : rule->kind == 'm' ? papers
                                                 : &none;
        size_t count = rule->kind == 's'   ? COUNT_OF(sessions)
                       : rule->kind == 't' ? COUNT_OF(attempts)
                       : rule->kind == 'm' ? COUNT_OF(papers)
                                           : 1;
        for (Who who = 0; who < WHO_COUNT; who++)
            for (size_t n = 0; n < count; n++)
                walk_route(rule, who, &list[n]);
    }
}

/* ---- commands ---- */

typedef struct CommandRule {
    CommandKind kind;
    const char *letters; /* over the socket */
} CommandRule;

static const CommandRule command_rules[] = {
    {CMD_invite, ""},
    {CMD_join, ""},
    {CMD_create_session, ""},
    {CMD_create_assessment, ""},
    {CMD_begin, ""},
    {CMD_time_up, ""},
    {CMD_settle_outage, ""},
    {CMD_connect, ""},
    {CMD_disconnect, ""},
    {CMD_note_media, ""},
    {CMD_score, ""},
    {CMD_miss, ""},
    {CMD_consent, "c"},
    {CMD_report_check, "c"},
    {CMD_ready, "c"},
    {CMD_answer, "c"},
    {CMD_mark, "c"},
    {CMD_raise_hand, "c"},
    {CMD_request_pause, "c"},
    {CMD_withdraw_pause, "c"},
    {CMD_lose_track, "c"},
    {CMD_restore_track, "c"},
    {CMD_explain, "c"},
    {CMD_say, "c"},
    {CMD_see, "c"},
    {CMD_observe, "c"},
    {CMD_submit, "c"},
    {CMD_tell_hand_in, "c"},
    {CMD_add_media_key, "c"},
    {CMD_lower_hand, "cp"},
    {CMD_admit, "p"},
    {CMD_ask_again, "p"},
    {CMD_refuse, "p"},
    {CMD_decide_pause, "p"},
    {CMD_ask_takeover, "c"},
    {CMD_decide_takeover, "p"},
    {CMD_pair_phone, ""},
    {CMD_show_proof, "c"},
    {CMD_declare_alternative, "c"},
    {CMD_take_checkin, "p"},
    {CMD_release_checkin, "p"},
    {CMD_decide_proof, "p"},
    {CMD_note_checkin, "p"},
    {CMD_pause, "p"},
    {CMD_resume, "p"},
    {CMD_lock, "p"},
    {CMD_unlock, "p"},
    {CMD_message, "p"},
    {CMD_ask_snapshot, "p"},
    {CMD_end, "p"},
    {CMD_end_for_breach, "p"},
    {CMD_warn, "p"},
    {CMD_acknowledge_warning, "c"},
    {CMD_pause_for_incident, "lap"},
    {CMD_resume_after_incident, "lap"},
    {CMD_flag, "pr"},
    {CMD_decide_flag, "pr"},
    {CMD_view_evidence, "pr"},
    {CMD_give_verdict, "r"},
    {CMD_reopen, "a"},
    {CMD_hand_over, "p"},
    {CMD_claim, "p"},
    {CMD_release, "p"},
    {CMD_step_away, ""}, /* each for oneself, a lead for others: see share_test */
    {CMD_step_back, ""},
    {CMD_extend, "lap"}, /* proctors only where the session's policy says so: see below */
    {CMD_configure, "l"},
    {CMD_assign, "la"},
    {CMD_unassign, "la"},
    {CMD_add_key, "lapr"},
    {CMD_start_session, "pl"},
    {CMD_end_session, "pl"},
    {CMD_cancel_session, "la"},
    {CMD_reschedule, "la"},
    {CMD_declare_incident, "lap"},
    {CMD_close_incident, "lap"},
    {CMD_announce_end, "pl"},
    {CMD_withdraw_end, "pl"},
};

static void walk_command(Line *l, const CommandRule *rule, Who who)
{
    static u64 cmd = 500000;
    const Object *list = command_is_session(rule->kind) ? sessions : attempts;
    u32 count = command_is_session(rule->kind) ? COUNT_OF(sessions) : COUNT_OF(attempts);
    u64 ids[8];
    for (u32 i = 0; i < count; i++)
        ids[i] = list[i].id;
    line_command(l, ++cmd, ids, count, &(Command){.kind = rule->kind});
    for (u32 i = 0; i < count; i++) {
        do
            CHECK(line_wait(l, MSG_reply));
        while (l->m.reply.cmd != cmd);
        Refusal r = l->m.reply.refusal;
        u32 at = 0;
        while (at < count && ids[at] != l->m.reply.target)
            at++;
        CHECK(at < count);
        bool allowed =
            r != R_NOT_ALLOWED && r != R_NOT_FOUND && r != R_NOT_SIGNED_IN && r != R_POLICY_FORBIDS;
        judge(command_name(rule->kind), who, ids[at], allowed,

              expected(rule->letters, who, list[at].side, list[at].owner));
    }
}

/* ---- watching ---- */

/* Whether a message is refused: whatever else comes, the pong comes after the refusal. */
static bool is_refused(Line *l, const Message *m)
{
    Message ping = {.kind = MSG_ping};
    bool refused = false;
    CHECK(line_send(l, m) && line_send(l, &ping));
    do {
        CHECK(line_next(l));
        refused |= l->m.kind == MSG_refused;
    } while (l->m.kind != MSG_pong);
    return refused;
}

static void walk_watching(Line *l, Who who)
{
    for (size_t i = 0; i < COUNT_OF(attempts); i++) {
        const Object *o = &attempts[i];
        Message m = {.kind = MSG_follow};
        m.follow.stream = stream_id(STREAM_ATTEMPT, o->id & (((u64)1 << 50) - 1));
        if (o->id >> 50) m.follow.stream = UINT64_MAX - i;
        judge("follow attempt", who, o->id, !is_refused(l, &m),
              expected("cpr", who, o->side, o->owner));
        u8 wants[10] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1};
        for (int n = 0; n < 8; n++)
            wants[n] = (u8)(o->id >> (8 * n));
        m = (Message){.kind = MSG_watch};
        m.watch.wants = (Span){wants, sizeof wants};
        judge("watch", who, o->id, !is_refused(l, &m), expected("pr", who, o->side, o->owner));
    }
    for (size_t i = 0; i < COUNT_OF(sessions); i++) {
        const Object *o = &sessions[i];
        bool own = (o->side == 'A' && (who == CANDIDATE_A || who == CANDIDATE_A2)) ||
                   (o->side == 'B' && who == CANDIDATE_B);
        Message m = {.kind = MSG_follow_feed};
        m.follow_feed.session = o->id;
        judge("follow feed", who, o->id, !is_refused(l, &m),
              expected("prla", who, o->side, NOBODY));
        m = (Message){.kind = MSG_follow};
        m.follow.stream = stream_id(STREAM_SESSION, o->id & (((u64)1 << 50) - 1));
        if (o->id >> 50) m.follow.stream = UINT64_MAX - i;
        judge("follow session", who, o->id, !is_refused(l, &m),
              own || expected("prla", who, o->side, NOBODY));
    }
    Message hello = {.kind = MSG_media_hello};
    hello.media_hello.epoch = 77;
    judge("send media", who, 0, !is_refused(l, &hello), who >= CANDIDATE_A);
}

static void walk_sockets(void)
{
    for (Who who = 0; who < WHO_COUNT; who++) {
        Line l;
        if (is_nobody(who)) {
            CHECK_EQUAL(line_dial(&l, who, NULL), 101);
            judge("live", who, 0, line_wait(&l, MSG_welcome), false);
        } else {
            line_open(&l, who);
            walk_watching(&l, who);
            for (size_t i = 0; i < COUNT_OF(command_rules); i++)
                walk_command(&l, &command_rules[i], who);
        }
        line_close(&l);
    }
}

/* ---- the walk ---- */

TEST("Every route has a rule here.")
{
#define A(row, method, path, who, object)                                                          \
    do {                                                                                           \
        bool found = false;                                                                        \
        for (size_t i = 0; i < COUNT_OF(route_rules); i++)                                         \
            found |= strcmp(route_rules[i].name, #row) == 0;                                       \
        if (!found) printf("  %s has no rule\n", #row);                                            \
        CHECK(found);                                                                              \
    } while (0);
#include "schema/api.def"
#undef A
}

TEST("Every command has a rule here.")
{
    u32 known = 0;
    for (u32 kind = 1; kind < 4096; kind++) {
        if (!command_known(kind)) continue;
        known++;
        bool found = false;
        for (size_t i = 0; i < COUNT_OF(command_rules); i++)
            found |= command_rules[i].kind == (CommandKind)kind;
        if (!found) printf("  %s has no rule\n", command_name((CommandKind)kind));
        CHECK(found);
    }
    CHECK_EQUAL(known, COUNT_OF(command_rules));
}

#define QUIET "\"webcam\":0,\"screen\":0,\"fullscreen\":0,\"waiting_room\":0"

TEST("In a planned session everybody may do what is theirs, and nothing else.")
{
    house.assessment = house_make_assessment();
    i64 now = house_now_ms();
    house.session_a = house_make_session("SIDEA", now, QUIET, PROCTOR_A, REVIEWER_A);
    house.session_b =
        house_make_session("SIDEB", now, QUIET ",\"proctor_may_extend\":1", PROCTOR_B, REVIEWER_B);
    house_join(CANDIDATE_A, "SIDEA", "Anna");
    house_join(CANDIDATE_A2, "SIDEA", "Arne");
    house_join(CANDIDATE_B, "SIDEB", "Berta");
    fill_objects();
    walk_routes();
    walk_sockets();
    CHECK_EQUAL(leaks, 0);
    CHECK_EQUAL(denials, 0);
}

/* The walk itself started the sessions: proctors and planners may. */
TEST("In a running session it is the same.")
{
    CHECK_EQUAL(house_get(PLANNER, "/api/sessions"), 200);
    CHECK_TEXT(house_text("sessions.0.state"), "running");
    CHECK_TEXT(house_text("sessions.1.state"), "running");
    for (int round = 0; round < 2; round++) {
        walk_routes();
        walk_sockets();
    }
    CHECK_EQUAL(leaks, 0);
    CHECK_EQUAL(denials, 0);
}

static void get_ready(Who who)
{
    Line l;
    Command c = {.kind = CMD_consent};
    line_open(&l, who);
    CHECK_EQUAL(house_get(who, "/api/exam"), 200);
    c.consent.disclosure = (u32)house_number("disclosure");
    CHECK_EQUAL(line_ask(&l, house.attempt[who], &c), ACCEPTED);
    CHECK_EQUAL(line_ask(&l, house.attempt[who], &(Command){.kind = CMD_ready}), ACCEPTED);
    line_close(&l);
}

TEST("A proctor gives extra time where the session's rules say so, and only there.")
{
    static const Who askers[] = {PROCTOR_A, PROCTOR_B, PLANNER, ADMINISTRATOR};
    Command c = {.kind = CMD_extend};
    c.extend.ms = 60000;
    c.extend.reason = SPAN("The fire drill.");
    get_ready(CANDIDATE_A2);
    get_ready(CANDIDATE_B);
    for (size_t i = 0; i < COUNT_OF(askers); i++) {
        Line l;
        bool b = askers[i] == PROCTOR_B;
        u64 attempt = house.attempt[b ? CANDIDATE_B : CANDIDATE_A2];
        line_open(&l, askers[i]);
        Refusal r = line_ask(&l, attempt, &c);
        line_close(&l);
        checks++;
        CHECK_EQUAL(r, askers[i] == PROCTOR_A ? R_POLICY_FORBIDS : ACCEPTED);
    }
}

TEST("After the end it is the same.")
{
    Line l;
    line_open(&l, PLANNER);
    Command end = {.kind = CMD_end_session};
    end.end_session.reason = SPAN("The time is over.");
    CHECK_EQUAL(line_ask(&l, house.session_a, &end), ACCEPTED);
    CHECK_EQUAL(line_ask(&l, house.session_b, &end), ACCEPTED);
    line_close(&l);
    walk_routes();
    walk_sockets();
    CHECK_EQUAL(leaks, 0);
    CHECK_EQUAL(denials, 0);
}

TEST("Whatever the right, a request from another site is refused.")
{
    for (size_t i = 0; i < COUNT_OF(route_rules); i++) {
        const RouteRule *rule = &route_rules[i];
        if (strcmp(rule->method, "GET") == 0) continue;
        for (Who who = 0; who < WHO_COUNT; who++) {
            char path[128];
            snprintf(path, sizeof path, rule->path, (unsigned long long)house.session_a);
            Ask a = {.method = rule->method,
                     .path = path,
                     .body = "{}",
                     .origin = "https://example.org"};
            CHECK_REFUSAL(house_ask_as(&house, who, &a), 403, "WRONG_ORIGIN");
            checks++;
        }
    }
}

TEST("Who is taken off a session has lost it at once, over HTTP and over the socket.")
{
    Line planner, l;
    char path[64];
    line_open(&planner, PLANNER);
    Command c = {.kind = CMD_unassign};
    c.unassign.user = house.user[PROCTOR_A];
    CHECK_EQUAL(line_ask(&planner, house.session_a, &c), ACCEPTED);
    line_close(&planner);
    for (size_t i = 0; i < COUNT_OF(sessions); i++)
        if (sessions[i].side == 'A') sessions[i].side = 'x';
    for (size_t i = 0; i < COUNT_OF(attempts); i++)
        if (attempts[i].side == 'A') attempts[i].side = 'x';
    snprintf(path, sizeof path, "/api/sessions/%llu/key", (unsigned long long)house.session_a);
    CHECK_REFUSAL(house_get(PROCTOR_A, path), 404, "NOT_FOUND");
    line_open(&l, PROCTOR_A);
    walk_watching(&l, PROCTOR_A);
    for (size_t i = 0; i < COUNT_OF(command_rules); i++)
        walk_command(&l, &command_rules[i], PROCTOR_A);
    line_close(&l);
    CHECK_EQUAL(leaks, 0);
}

TEST("The walk was long enough.")
{
    printf("  %llu checks, %llu leaks, %llu wrongly denied\n", (unsigned long long)checks,
           (unsigned long long)leaks, (unsigned long long)denials);
    CHECK(checks >= 10000);
    CHECK_EQUAL(leaks, 0);
}

HOUSE_MAIN()
