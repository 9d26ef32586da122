/* real.c - the real program, ill-treated while candidates write. What was acknowledged is compared with
 * what is stored, every time. tools/crash.mjs makes the session and calls this.
 *
 *   real kill PROGRAM DATA CODE DISCLOSURE ITEMS KEY KILLS SEED   ends it with SIGKILL, KILLS times
 *   real stop PROGRAM DATA CODE DISCLOSURE ITEMS KEY SECONDS SEED   stops it for so long with SIGSTOP
 *   real jump PROGRAM DATA CODE DISCLOSURE ITEMS KEY LIMIT_MS SEED   lets the system's clock jump by an hour,
 *        there and back and across two restarts, in an exam of LIMIT_MS with GRACE_MS of grace. The clock is
 *        libfaketime's, whose library is named by INVIGIL_CLOCK_LIBRARY; INVIGIL_CLOCK_FILE is written.
 *
 * Prints one JSON object, then "N passed, N failed". Only loopback; bounded by the arguments. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#include "base/date.h"
#include "base/text.h"
#include "test/real/book.h"

enum {
    CANDIDATES = 40,
    KILLS_MAX = 100000,
    SECONDS_MAX = 120,
    LIMIT_MS_MAX = 60000,
    PATIENCE_MS = 15000,
    LOAD_MS = 80,  /* of writing between being back and the next kill, at most */
    EARLY_MS = 60, /* a kill while it starts comes within this time */
    EARLY_ONE_IN = 5,
    STOPPING_MS = 8000,
    SETTLE_MS = 400,
    CREDIT_SLACK_MS = 1500, /* coming back is a part of the outage */
    GRACE_MS = 3000,
    JUMP_SLACK_MS = 600,
    JUMP_S = 3600,
};

typedef struct Real {
    RealServer server;
    Devices all;
    u64 passed;
} Real;

static Real real;

static u64 after_ms(u64 ms)
{
    return now_ns() + ms * 1000000;
}

static void turn_until(u64 until_ns)
{
    while (now_ns() < until_ns)
        devices_turn(&real.all);
}

static bool is_back(void)
{
    return devices_live(&real.all) == real.all.count && real.all.fresh > 0;
}

/* Everybody is in the exam, and something was acknowledged since `fresh` was 0. */
static void wait_back(void)
{
    u64 until = after_ms(PATIENCE_MS);
    while (!is_back()) {
        devices_turn(&real.all);
        if (now_ns() > until)
            real_fail(&real.all, "only %u candidates are back after %d s, %llu acknowledgements",
                      devices_live(&real.all), PATIENCE_MS / 1000,
                      (unsigned long long)real.all.fresh);
    }
}

/* As an operator does: SIGTERM while candidates write. */
static void stop_gracefully(void)
{
    int status = 0;
    u64 until = after_ms(STOPPING_MS);
    real.all.may_be_cut = true;
    server_signal(&real.server, SIGTERM);
    real.server.listening = false; /* nobody comes back */
    while (!server_ended(&real.server, &status)) {
        devices_turn(&real.all);
        if (now_ns() > until) real_fail(&real.all, "it does not stop on SIGTERM");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        real_fail(&real.all, "on SIGTERM it ends with status %d", status);
    devices_drain(&real.all);
    book_compare(&real.all);
    real.passed++;
}

/* ---- kill ---- */

static int by_number(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

typedef struct Recoveries {
    double *ms;
    u32 count;
    u64 since_ns; /* of the newest kill, the time of comparing left out */
} Recoveries;

static void recovery_note(Recoveries *r)
{
    r->ms[r->count++] = (double)(now_ns() - r->since_ns) / 1e6;
}

static double recovery_part(const Recoveries *r, double part)
{
    return r->count ? r->ms[(u32)((double)(r->count - 1) * part)] : 0;
}

static void kill_once(Recoveries *r)
{
    Prng *chance = &real.all.chance;
    bool early = r->since_ns && prng_once_in(chance, EARLY_ONE_IN);
    if (!early) wait_back();
    if (!early && r->since_ns) recovery_note(r);
    turn_until(now_ns() + prng_below(chance, (u64)(early ? EARLY_MS : LOAD_MS) * 1000000));
    u64 killed_ns = now_ns();
    if (!server_kill(&real.server)) real_fail(&real.all, "it had ended by itself");
    devices_drain(&real.all);
    u64 compare_ns = now_ns();
    book_compare(&real.all);
    r->since_ns = killed_ns + (now_ns() - compare_ns);
    real.all.fresh = 0;
    real.passed++;
    server_start(&real.server);
}

static void run_kills(u32 kills)
{
    Recoveries r = {.ms = calloc(kills + 1, sizeof *r.ms)};
    if (!r.ms) abort();
    u64 start_ns = now_ns();
    for (u32 k = 0; k < kills; k++)
        kill_once(&r);
    wait_back();
    recovery_note(&r);
    stop_gracefully();
    qsort(r.ms, r.count, sizeof *r.ms, by_number);
    printf("{\"kills\":%u,\"acknowledged\":%llu,\"stored\":%llu,\"sent_again\":%llu,\"lost\":0,"
           "\"recoveries\":%u,\"recovery_p50_ms\":%.1f,\"recovery_p99_ms\":%.1f,"
           "\"recovery_worst_ms\":%.1f,\"seconds\":%.1f}\n",
           kills, (unsigned long long)real.all.promises, (unsigned long long)book_answers(),
           (unsigned long long)real.all.resent, r.count, recovery_part(&r, 0.5),
           recovery_part(&r, 0.99), recovery_part(&r, 1), (double)(now_ns() - start_ns) / 1e9);
    free(r.ms);
}

/* ---- stop ---- */

typedef struct Credits {
    i64 ms[DEVICES_MAX + 1]; /* for lost connections, by candidate */
} Credits;

static void credit_note(void *ctx, Device *d, u64 ver, const Event *e)
{
    Credits *c = ctx;
    (void)ver;
    if (e->kind == EVT_credited && e->credited.cause == STOP_outage)
        c->ms[d->number] += e->credited.ms;
}

/* Every second device takes itself for disconnected and tries again; the others wait. */
static void stay_stopped(u32 seconds)
{
    u64 until = after_ms((u64)seconds * 1000);
    server_signal(&real.server, SIGSTOP);
    turn_until(after_ms(SETTLE_MS));
    for (u32 i = 0; i < real.all.count; i += 2)
        device_cut(&real.all.d[i]);
    turn_until(until);
    real.all.fresh = 0;
    server_signal(&real.server, SIGCONT);
}

static void run_stop(u32 seconds)
{
    Credits c = {.ms = {0}};
    real.all.on_event = credit_note;
    real.all.ctx = &c;
    real.all.may_be_cut = true;
    wait_back();
    turn_until(after_ms(SETTLE_MS));
    stay_stopped(seconds);
    u64 since_ns = now_ns();
    wait_back();
    double back_ms = (double)(now_ns() - since_ns) / 1e6;
    turn_until(after_ms(SETTLE_MS));
    i64 least = INT64_MAX, most = 0, stopped = (i64)seconds * 1000;
    for (u32 i = 1; i <= real.all.count; i++) {
        least = MIN_OF(least, c.ms[i]);
        most = MAX_OF(most, c.ms[i]);
    }
    if (least < stopped - SETTLE_MS || most > stopped + CREDIT_SLACK_MS)
        real_fail(&real.all, "a stop of %lld ms gives back from %lld to %lld ms",
                  (long long)stopped, (long long)least, (long long)most);
    real.passed++;
    stop_gracefully();
    printf("{\"stopped_ms\":%lld,\"given_back_least_ms\":%lld,\"given_back_most_ms\":%lld,"
           "\"back_ms\":%.0f,\"acknowledged\":%llu,\"sent_again\":%llu,\"lost\":0}\n",
           (long long)stopped, (long long)least, (long long)most, back_ms,
           (unsigned long long)real.all.promises, (unsigned long long)real.all.resent);
}

/* ---- jump ---- */

/* Measured by the clock of this program, which nobody sets. */
typedef struct Sitting {
    u64 began_ns, ended_ns;
    i64 credit_ms;
    u32 on_time, late;
} Sitting;

typedef struct Jumps {
    Sitting s[DEVICES_MAX + 1];
    u64 limit_ms;
} Jumps;

static i64 since_deadline_ms(const Jumps *j, const Sitting *s)
{
    return (i64)((now_ns() - s->began_ns) / 1000000) - (i64)j->limit_ms - s->credit_ms;
}

static void answer_note(const Jumps *j, Sitting *s, const Device *d, bool late)
{
    i64 over_ms = since_deadline_ms(j, s);
    if (late ? over_ms < -JUMP_SLACK_MS : over_ms > JUMP_SLACK_MS)
        real_fail(&real.all, "candidate %u: %lld ms after the end of time an answer is %s",
                  d->number, (long long)over_ms, late ? "late" : "not late");
    if (late) s->late++;
    else s->on_time++;
}

static void end_note(const Jumps *j, Sitting *s, const Device *d)
{
    i64 over_ms = since_deadline_ms(j, s) - GRACE_MS;
    if (over_ms < -JUMP_SLACK_MS || over_ms > JUMP_SLACK_MS)
        real_fail(&real.all, "candidate %u: the exam ends %lld ms after its time", d->number,
                  (long long)over_ms);
    s->ended_ns = now_ns();
}

static void sitting_note(void *ctx, Device *d, u64 ver, const Event *e)
{
    Jumps *j = ctx;
    Sitting *s = &j->s[d->number];
    (void)ver;
    if (e->kind == EVT_began) s->began_ns = now_ns();
    if (e->kind == EVT_credited) s->credit_ms += e->credited.ms;
    if (e->kind == EVT_answered) answer_note(j, s, d, e->answered.late);
    if (e->kind == EVT_ended) end_note(j, s, d);
}

static void clock_jump(int seconds)
{
    FILE *f = fopen(real.server.clock_file, "w");
    if (!f || fprintf(f, "%+d", seconds) < 0 || fclose(f) != 0) abort();
}

/* So that this test cannot pass with a clock that nobody misled. */
static void check_misled(int seconds)
{
    char want[DATE_TEXT_SIZE];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    date_text(((i64)now.tv_sec + seconds) * 1000, want);
    const char *at = strstr(real.server.said, "fact=stopping");
    while (at && at > real.server.said && strncmp(at, "at=", 3) != 0)
        at--;
    if (!at || strncmp(at + 3, want, strlen("2026-01-01T00")) != 0)
        real_fail(&real.all, "the server's clock is not misled: it should be %s", want);
}

static void run_jumps(u64 limit_ms)
{
    static Jumps j;
    j.limit_ms = limit_ms;
    real.all.on_event = sitting_note;
    real.all.ctx = &j;
    wait_back();
    u64 start_ns = now_ns();
    for (int part = 1; part <= 4; part++) {
        turn_until(start_ns + limit_ms * (u64)part * 1000000 / 6);
        clock_jump(part == 2 ? 0 : part == 3 ? -JUMP_S : JUMP_S);
        if (part < 3)
            continue; /* then it starts with a clock that is an hour behind, and one ahead */
        kill_once(&(Recoveries){.ms = NULL});
        wait_back();
    }
    u64 until = start_ns + (limit_ms + GRACE_MS + PATIENCE_MS) * 1000000;
    u32 over = 0;
    while (over < real.all.count && now_ns() < until) {
        devices_turn(&real.all);
        for (u32 i = over = 0; i < real.all.count; i++)
            over += real.all.d[i].over && j.s[i + 1].ended_ns;
    }
    u32 on_time = UINT32_MAX, late = UINT32_MAX;
    for (u32 i = 1; i <= real.all.count; i++) {
        on_time = MIN_OF(on_time, j.s[i].on_time);
        late = MIN_OF(late, j.s[i].late);
    }
    if (over < real.all.count || !on_time || !late)
        real_fail(&real.all, "%u exams have ended; at least %u answers were in time, %u late", over,
                  on_time, late);
    real.passed++;
    stop_gracefully();
    check_misled(JUMP_S);
    printf(
        "{\"jumps\":4,\"acknowledged\":%llu,\"on_time_least\":%u,\"late_least\":%u,\"lost\":0}\n",
        (unsigned long long)real.all.promises, on_time, late);
}

/* ---- arguments ---- */

static u64 number(char **args, int at, u64 least, u64 most)
{
    u64 v = 0;
    if (text_to_u64(span_of(args[at]), &v) && v >= least && v <= most) return v;
    fprintf(stderr,
            "real: argument %d must be a number from %llu to %llu; see the head of "
            "test/real/real.c\n",
            at, (unsigned long long)least, (unsigned long long)most);
    exit(2);
}

static void real_init(char **args)
{
    size_t len = 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    if (seal_init() != OK) abort();
    server_init(&real.server, args[2], args[3]);
    real.server.clock_library = getenv("INVIGIL_CLOCK_LIBRARY");
    real.server.clock_file = getenv("INVIGIL_CLOCK_FILE");
    devices_init(&real.all, &real.server, CANDIDATES, number(args, 9, 0, UINT32_MAX));
    real.all.code = args[4];
    real.all.disclosure = (u32)number(args, 5, 0, UINT32_MAX);
    real.all.items = (u32)number(args, 6, DEVICE_IN_FLIGHT, DEVICE_ITEMS_MAX);
    if (text_from_base64url(span_of(args[7]), real.all.sign_public, SEAL_SIGN_PUBLIC_BYTES, &len) &&
        len == SEAL_SIGN_PUBLIC_BYTES) {
        return;
    }
    fprintf(stderr, "real: argument 7 must be the server's public key in base64url\n");
    exit(2);
}

int main(int count, char **args)
{
    Span what = count > 1 ? span_of(args[1]) : SPAN_NONE;
    if (count != 10) {
        fprintf(stderr, "real: see the head of test/real/real.c for the arguments\n");
        return 2;
    }
    real_init(args);
    server_start(&real.server);
    if (span_equal(what, SPAN("kill"))) run_kills((u32)number(args, 8, 1, KILLS_MAX));
    else if (span_equal(what, SPAN("stop"))) run_stop((u32)number(args, 8, 1, SECONDS_MAX));
    else if (real.server.clock_file) run_jumps(number(args, 8, 1000, LIMIT_MS_MAX));
    printf("%llu passed, 0 failed\n", (unsigned long long)real.passed);
    return 0;
}
