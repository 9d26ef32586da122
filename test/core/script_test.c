/* script_test.c - runs test/core/ *.txt: each file is a sentence and the actions that show it.
 *
 *   A pause stops the candidate's clock.        first line: what is shown
 *   set waiting_room 0                           a setting, before the start
 *   limit 60m                                    the time limit (default 60m)
 *   active 0s                                    joins, checks, starts: ACTIVE at that time
 *   waiting 0s                                   the same up to WAITING; joined 0s: up to the checks
 *   10m proctor pause reason="Fire drill" -> paused ACTIVE
 *   10m candidate answer item=1 rev=1 value=x -> IS_PAUSED
 *   20m left 50m                                 time left; also: told T, shows HOLD, credit T, extra T, open N
 *   30m time                                     lets the server do what is due; "-> events STATE" as above
 *
 * WHO: candidate, proctor (user 7), colleague (another one), reviewer, planner, administrator, server. Times: 1h2m3s or 250ms. A session
 * command goes to the session, any other to the attempt. At the end all events are replayed and the
 * state must be the same, byte for byte. */
#include "core/core.h"

#include "base/arena.h"
#include "base/text.h"
#include "test/test.h"

#include <dirent.h>
#include <sys/stat.h>

enum { EPOCH_MS = 1000000, EVENTS_KEPT = 4096 };

typedef struct Script {
    const char *path;
    u32 line;
    Attempt a;
    ItemState items[ITEMS_MAX + 1];
    Session s;
    u64 actor; /* who asks now */
    Arena memory;
    Event kept[EVENTS_KEPT]; /* with their texts in memory */
    u32 kept_count;
} Script;

static Script script;

_Noreturn static void script_fail(const char *what, Span where)
{
    printf("  %s:%u: %s: %.*s\n", script.path, script.line, what, SPAN_ARG(where));
    longjmp(test_out, 1);
}

/* ---- words ---- */

static Span next_word(Span *line)
{
    Span s = text_trim(*line);
    size_t n = 0;
    bool quoted = false;
    for (; n < s.len && (quoted || s.ptr[n] != ' '); n++)
        quoted ^= s.ptr[n] == '"';
    *line = (Span){s.ptr + n, s.len - n};
    return (Span){s.ptr, n};
}

static i64 parse_time(Span s)
{
    i64 total = 0;
    for (size_t i = 0; i < s.len;) {
        size_t from = i;
        u64 n;
        while (i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9')
            i++;
        if (!text_to_u64((Span){s.ptr + from, i - from}, &n)) script_fail("not a time", s);
        Span rest = {s.ptr + i, s.len - i};
        bool ms = text_starts(rest, SPAN("ms"));
        i64 unit = ms                   ? 1
                   : rest.len == 0      ? 0
                   : rest.ptr[0] == 's' ? 1000
                   : rest.ptr[0] == 'm' ? 60000
                   : rest.ptr[0] == 'h' ? 3600000
                                        : 0;
        if (!unit) script_fail("a time needs h, m, s or ms", s);
        total += (i64)n * unit;
        i += ms ? 2 : 1;
    }
    return total;
}

static u8 parse_role(Span s)
{
    static const struct {
        const char *name;
        u8 role;
    } roles[] = {{"candidate", BY_CANDIDATE}, {"proctor", BY_PROCTOR},
                 {"colleague", BY_PROCTOR},   {"reviewer", BY_REVIEWER},
                 {"planner", BY_PLANNER},     {"administrator", BY_ADMINISTRATOR},
                 {"server", BY_SERVER}};
    for (size_t i = 0; i < COUNT_OF(roles); i++)
        if (span_equal(s, span_of(roles[i].name))) return roles[i].role;
    return 0;
}

/* ---- fields: name=value, by the tables ---- */

static Span unquote(Span s)
{
    bool quoted = s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"';
    return quoted ? (Span){s.ptr + 1, s.len - 2} : s;
}

static bool find_field(Span fields, const char *name, Span *value)
{
    for (Span left = fields; text_trim(left).len;) {
        Span word = next_word(&left), key, v;
        if (text_cut(word, '=', &key, &v) && span_equal(key, span_of(name))) {
            *value = unquote(v);
            return true;
        }
    }
    return false;
}

/* A number, a length of time, or with '@' an instant of the script. */
static i64 parse_number(Span s)
{
    i64 n;
    if (s.len && s.ptr[0] == '@') return EPOCH_MS + parse_time((Span){s.ptr + 1, s.len - 1});
    if (text_to_i64(s, &n)) return n;
    return parse_time(s);
}

static void set_u8(u8 *out, Span s)
{
    *out = (u8)parse_number(s);
}
static void set_u16(u16 *out, Span s)
{
    *out = (u16)parse_number(s);
}
static void set_u32(u32 *out, Span s)
{
    *out = (u32)parse_number(s);
}
static void set_u64(u64 *out, Span s)
{
    *out = (u64)parse_number(s);
}
static void set_i64(i64 *out, Span s)
{
    *out = parse_number(s);
}
static void set_str(str *out, Span s)
{
    *out = s;
}
static void set_blob(blob *out, Span s)
{
    *out = s;
}

static Command parse_command(Span name, Span fields)
{
    Command c = {.kind = 0};
    Span value;
#define F(type, field)                                                                             \
    if (find_field(fields, #field, &value)) set_##type(&m->field, value);
#define C(id, cmd, who, states, rows)                                                              \
    if (span_equal(name, span_of(#cmd))) {                                                         \
        Cmd_##cmd *m = &c.cmd;                                                                     \
        (void)m;                                                                                   \
        c.kind = CMD_##cmd;                                                                        \
        rows                                                                                       \
    }
#define E(id, cmd, leads, audience, rows)
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
#undef F
    (void)value;
    if (!c.kind) script_fail("no such command", name);
    return c;
}

/* ---- doing ---- */

/* Keeps the event with copies of its texts, so that it can be replayed. */
static void keep_event(const Event *e)
{
    Buf bytes;
    if (script.kept_count == EVENTS_KEPT) script_fail("too many events", SPAN_NONE);
    buf_init(&bytes, EVENT_BYTES_MAX);
    event_encode(&bytes, e);
    Span kept = arena_copy(&script.memory, buf_view(&bytes));
    buf_done(&bytes);
    if (!kept.ptr || event_decode(kept, &script.kept[script.kept_count++]))
        script_fail("event does not survive its own codec", span_of(event_name(e->kind)));
}

static void apply(const Event *e)
{
    if ((u32)e->kind > 1000) session_apply(&script.s, e);
    else attempt_apply(&script.a, &script.s, e);
}

static const char *state_name(void)
{
    static const char *names[] = {"NONE",      "INVITED", "JOINED",  "WAITING", "ACTIVE",
                                  "SUBMITTED", "ENDED",   "REFUSED", "ABSENT"};
    return names[script.a.state];
}

/* Asks and applies; writes "event,event STATE" or the refusal's name. */
static void ask(u8 role, const Command *c, i64 now_ms, char *out, size_t size)
{
    static Events events;
    Refusal r;
    if (command_is_session(c->kind)) {
        r = session_decide(&script.s, role, c, now_ms, &events.event[0]);
        events.count = 1;
    } else r = attempt_decide(&script.a, &script.s, role, script.actor, c, now_ms, &events);
    if (r) {
        snprintf(out, size, "%s", refusal_name(r));
        return;
    }
    size_t n = 0;
    for (u32 i = 0; i < events.count; i++) {
        Event *e = &events.event[i];
        e->at_ms = now_ms;
        e->role = role;
        e->actor = script.actor;
        keep_event(e);
        apply(&script.kept[script.kept_count - 1]);
        n += (size_t)snprintf(out + n, size - n, "%s%s", i ? "," : "", event_name(e->kind));
    }
    snprintf(out + n, size - n, " %s", state_name());
}

static void must(const char *text, u8 role, Span fields, i64 now_ms)
{
    char got[512];
    Command c = parse_command(span_of(text), fields);
    ask(role, &c, now_ms, got, sizeof got);
    if (!strchr(got, ' ')) script_fail(got, span_of(text));
}

static void create_session(void)
{
    if (script.s.state == SESSION_none)
        must("create_session", BY_PLANNER,
             SPAN("name=Test assessment=1 item_count=5 code=TEST opens_ms=1 starts_ms=1 "
                  "duration_ms=60m"),
             EPOCH_MS);
}

/* From nothing to what is shown at the door. */
static void do_joined(i64 now_ms)
{
    char fields[64];
    create_session();
    must("join", BY_CANDIDATE, SPAN("name=Ada factor_permille=1000"), now_ms);
    must("connect", BY_SERVER, SPAN("device=1"), now_ms);
    snprintf(fields, sizeof fields, "disclosure=%u", session_disclosure(&script.s));
    must("consent", BY_CANDIDATE, span_of(fields), now_ms);
    for (u32 i = 1; i <= 7; i++) {
        snprintf(fields, sizeof fields, "check=%u outcome=1", i);
        must("report_check", BY_CANDIDATE, span_of(fields), now_ms);
    }
    if (session_on(&script.s, SETTING_phone))
        must("pair_phone", BY_SERVER, SPAN("device=7"), now_ms);
}

static void do_waiting(i64 now_ms)
{
    do_joined(now_ms);
    must("ready", BY_CANDIDATE, SPAN_NONE, now_ms);
}

static void do_active(i64 now_ms)
{
    do_waiting(now_ms);
    if (session_on(&script.s, SETTING_waiting_room)) must("admit", BY_PROCTOR, SPAN_NONE, now_ms);
    must("start_session", BY_PROCTOR, SPAN_NONE, now_ms);
    must("begin", BY_SERVER, SPAN_NONE, now_ms);
}

/* Everything that is due by now, as the engine would do it, each at its own instant or now. */
static void do_due(i64 now_ms, char *out, size_t size)
{
    Command c;
    snprintf(out, size, "nothing %s", state_name());
    while (session_due(&script.s, now_ms, &c))
        ask(BY_SERVER, &c, now_ms, out, size);
    while (attempt_due(&script.a, &script.s, now_ms, &c))
        ask(BY_SERVER, &c, now_ms, out, size);
}

static void expect_text(const char *got, Span want)
{
    if (!span_equal(span_of(got), text_trim(want))) {
        printf("  %s:%u: is \"%s\", wanted \"%.*s\"\n", script.path, script.line, got,
               SPAN_ARG(text_trim(want)));
        longjmp(test_out, 1);
    }
}

static void expect_number(const char *what, i64 got, i64 want)
{
    if (got == want) return;
    printf("  %s:%u: %s is %lld ms, wanted %lld ms\n", script.path, script.line, what,
           (long long)got, (long long)want);
    longjmp(test_out, 1);
}

static bool look(Span what, Span value, i64 now_ms)
{
    static const char *holds[] = {"none", "paused", "system_paused", "", "locked"};
    const Attempt *a = &script.a;
    if (span_equal(what, SPAN("left")))
        expect_number("left", attempt_left_ms(a, &script.s, now_ms), parse_time(value));
    else if (span_equal(what, SPAN("told")))
        expect_number("told", attempt_told_left_ms(a, &script.s, now_ms), parse_time(value));
    else if (span_equal(what, SPAN("credit")))
        expect_number("credit", a->credit_ms, parse_time(value));
    else if (span_equal(what, SPAN("extra")))
        expect_number("extra", a->extra_ms, parse_time(value));
    else if (span_equal(what, SPAN("open")))
        expect_number("open flags", a->flags_open, parse_number(value));
    else if (span_equal(what, SPAN("answered")))
        expect_number("answered", a->answered, parse_number(value));
    else if (span_equal(what, SPAN("shows"))) expect_text(holds[attempt_shown_hold(a)], value);
    else if (span_equal(what, SPAN("clock")))
        expect_text(attempt_clock_runs(a, &script.s) ? "runs" : "stands", value);
    else if (span_equal(what, SPAN("wake"))) {
        i64 wake = attempt_wake_ms(a, &script.s);
        if (span_equal(value, SPAN("never"))) expect_number("wake", wake, NEVER_MS);
        else expect_number("wake", wake - EPOCH_MS, parse_time(value));
    } else return false;
    return true;
}

static void do_setting(Span line)
{
    Span name = next_word(&line), value = next_word(&line);
    u32 id;
    char fields[64];
    if (!setting_by_name(name, &id)) script_fail("no such setting", name);
    if (script.s.setting[id] == parse_number(value)) return;
    snprintf(fields, sizeof fields, "setting=%u value=%lld", id, (long long)parse_number(value));
    must("configure", BY_PLANNER, span_of(fields), EPOCH_MS);
}

static void do_timed(Span first, Span line)
{
    char got[512];
    i64 now_ms = EPOCH_MS + parse_time(first);
    Span who = next_word(&line), rest = line, action = line, want = SPAN_NONE;
    for (size_t i = 0; i + 1 < rest.len; i++) {
        if (rest.ptr[i] != '-' || rest.ptr[i + 1] != '>') continue;
        action = (Span){rest.ptr, i};
        want = (Span){rest.ptr + i + 2, rest.len - i - 2};
    }
    if (span_equal(who, SPAN("time"))) do_due(now_ms, got, sizeof got);
    else if (look(who, text_trim(action), now_ms)) return;
    else {
        u8 role = parse_role(who);
        if (!role) script_fail("neither a role nor a thing to look at", who);
        Span name = next_word(&action);
        Command c = parse_command(name, action);
        script.actor = role == BY_PROCTOR ? (span_equal(who, SPAN("colleague")) ? 8 : 7) : 0;
        ask(role, &c, now_ms, got, sizeof got);
    }
    if (want.len) expect_text(got, want);
    else script_fail("a line needs \"-> events STATE\" or \"-> REFUSAL\"", line);
}

static void run_line(Span line)
{
    Span rest = line, first = next_word(&rest);
    if (!first.len || first.ptr[0] == '#') return;
    if (span_equal(first, SPAN("limit"))) {
        char fields[96];
        create_session();
        snprintf(fields, sizeof fields, "opens_ms=1 starts_ms=1 duration_ms=%lld",
                 (long long)parse_time(text_trim(rest)));
        must("reschedule", BY_PLANNER, span_of(fields), EPOCH_MS);
    } else if (span_equal(first, SPAN("joined"))) do_joined(EPOCH_MS + parse_time(text_trim(rest)));
    else if (span_equal(first, SPAN("set"))) create_session(), do_setting(rest);
    else if (span_equal(first, SPAN("waiting"))) do_waiting(EPOCH_MS + parse_time(text_trim(rest)));
    else if (span_equal(first, SPAN("active"))) do_active(EPOCH_MS + parse_time(text_trim(rest)));
    else do_timed(first, rest);
}

/* replay = live */
static void check_replay(void)
{
    static Attempt a;
    static ItemState items[ITEMS_MAX + 1];
    static Session s;
    memset(items, 0, sizeof items);
    session_init(&s, script.s.id);
    attempt_init(&a, script.a.id, script.a.session, items, ITEMS_MAX);
    for (u32 i = 0; i < script.kept_count; i++) {
        const Event *e = &script.kept[i];
        if ((u32)e->kind > 1000) session_apply(&s, e);
        else attempt_apply(&a, &s, e);
    }
    CHECK(memcmp(items, script.items, sizeof items) == 0);
    a.item = script.a.item;
    CHECK(memcmp(&a, &script.a, sizeof a) == 0);
    CHECK(memcmp(&s, &script.s, sizeof s) == 0);
}

static void run_script(const char *path, Span text)
{
    Span line, rest = text;
    arena_done(&script.memory);
    memset(&script, 0, sizeof script);
    script.path = path;
    arena_init(&script.memory, 1 << 24);
    session_init(&script.s, 1);
    attempt_init(&script.a, 1, 1, script.items, ITEMS_MAX);
    for (script.line = 1; rest.len; script.line++) {
        if (!text_cut(rest, '\n', &line, &rest)) {
            line = rest;
            rest = SPAN_NONE;
        }
        if (script.line > 1) run_line(line);
    }
    check_replay();
}

/* ---- files ---- */

static Span read_file(const char *path)
{
    static u8 bytes[65536];
    FILE *f = fopen(path, "rb");
    CHECK(f);
    size_t n = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    CHECK(n < sizeof bytes);
    return (Span){bytes, n};
}

static int only_scripts(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 4 && strcmp(d->d_name + n - 4, ".txt") == 0;
}

int main(int count, char **args)
{
    const char *folder = count > 1 ? args[1] : "test/core";
    struct dirent **names;
    int n = scandir(folder, &names, only_scripts, alphasort), passed = 0, failed = 0;
    for (int i = 0; i < n; i++) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (setjmp(test_out) == 0) {
            Span text = read_file(path), sentence, rest;
            text_cut(text, '\n', &sentence, &rest);
            run_script(path, text);
            printf("ok   %.*s\n", SPAN_ARG(sentence));
            passed++;
        } else {
            printf("FAIL %s\n", path);
            failed++;
        }
        free(names[i]);
    }
    if (n > 0) free(names);
    arena_done(&script.memory);
    if (n <= 0) failed++, printf("no scripts in %s\n", folder);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
