/* The log on a failing disk: each write, sync, open, truncation and allocation fails in turn, and the power
 * in the middle of each. What was said to be durable is there afterwards, and the log goes on. */
#include "base/limits.h"
#include "store/log_internal.h"
#include "test/store/fault_vfs.h"
#include "test/store/kit.h"
#include "test/test.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

static const LogOptions FAULTY = {.vfs = "fault"};
static const u32 SIZES[] = {1, 3, 40, 1, 12, 25, 1, 60, 2, 9, 30, 1};

/* Opens, appends some batches with checkpoints between, closes. Returns the highest number that was
 * said to be durable. ERR_FULL and ERR_MEMORY are tried again, as the writer does. */
static u64 work(Err *stopped)
{
    char why[300];
    Maker m = {.event_bytes = 300};
    u64 durable = 0;
    *stopped = OK;
    Log *log = log_open(in_folder("log.db"), &FAULTY, why, sizeof why);
    if (!log) {
        CHECK(why[0]);
        *stopped = ERR_IO;
        return 0;
    }
    log_step_every(log, 8);
    for (u32 i = 0; i < COUNT_OF(SIZES) && !*stopped; i++) {
        const LogRecord *r = maker_batch(&m, SIZES[i]);
        Err err = log_append(log, r, SIZES[i]);
        for (int again = 0; again < 3 && (err == ERR_FULL || err == ERR_MEMORY); again++) {
            CHECK_EQUAL(log_last_seq(log), durable);
            err = log_append(log, r, SIZES[i]);
        }
        if (err) *stopped = err;
        else durable = m.seq;
        while (!err && log_step(log))
            ;
    }
    if (*stopped) CHECK(log_append(log, maker_batch(&m, 1), 1) != OK);
    log_close(log);
    maker_done(&m);
    return durable;
}

/* After the fault: the file opens, is whole, holds what was durable, and takes more. */
static void resume(u64 durable)
{
    char why[300];
    fault_arm(FAULT_NONE, 0);
    Log *log = log_open(in_folder("log.db"), &FAULTY, why, sizeof why);
    if (!log) printf("  %s\n", why);
    CHECK(log);
    Err err = log_check(log, why, sizeof why);
    if (err) printf("  %s\n", why);
    CHECK_EQUAL(err, OK);
    Reader r = {.expect.event_bytes = 300};
    CHECK_EQUAL(log_read(log, 0, reader_take, &r), OK);
    CHECK(r.count >= durable);
    CHECK_EQUAL(r.count, log_last_seq(log));
    CHECK_EQUAL(log_append(log, maker_batch(&r.expect, 5), 5), OK);
    log_close(log);
    log = log_open(in_folder("log.db"), &FAULTY, why, sizeof why);
    CHECK(log);
    CHECK_EQUAL(log_check(log, why, sizeof why), OK);
    CHECK_EQUAL(log_last_seq(log), r.count + 5);
    log_close(log);
    maker_done(&r.expect);
}

/* The n-th of a kind fails, for n = 1, 2, 3 ... until a whole run meets no fault. Returns how many were tried. */
static long each_in_turn(FaultKind kind, bool power_loss)
{
    long n = 1;
    for (;; n++) {
        Err stopped;
        folder_new();
        fault_arm(kind, n);
        u64 durable = work(&stopped);
        bool hit = fault_hit;
        if (power_loss) fault_power_loss();
        resume(durable);
        if (hit) continue;
        u64 all = 0;
        for (u32 i = 0; i < COUNT_OF(SIZES); i++)
            all += SIZES[i];
        CHECK_EQUAL(stopped, OK);
        CHECK_EQUAL(durable, all);
        return n - 1;
    }
}

TEST("Each write fails in turn: never a false promise, always a clean start after it.")
{
    CHECK(each_in_turn(FAULT_WRITE, false) > 50);
}

TEST("The disk is full at each write in turn: the batch is tried again and nothing is there twice.")
{
    CHECK(each_in_turn(FAULT_FULL, false) > 50);
}

TEST("Each sync fails in turn: what it should have made durable is not called durable.")
{
    CHECK(each_in_turn(FAULT_SYNC, true) > 15);
}

TEST("Each opening of a file fails in turn.")
{
    CHECK(each_in_turn(FAULT_OPEN, false) >= 2);
}

TEST("Each truncation fails in turn.")
{
    CHECK(each_in_turn(FAULT_TRUNCATE, false) >= 0);
}

TEST("The power fails at each operation in turn, and unsynced sectors are lost at random.")
{
    CHECK(each_in_turn(FAULT_POWER, true) > 100);
}

TEST("Each allocation of SQLite fails in turn.")
{
    CHECK(each_in_turn(FAULT_ALLOCATION, false) > 100);
}

/* ---- the writer on a failing disk ---- */

typedef struct Bell {
    pthread_mutex_t lock;
    pthread_cond_t rung;
    u32 rings;
} Bell;

static void bell_ring(void *ctx)
{
    Bell *b = ctx;
    pthread_mutex_lock(&b->lock);
    b->rings++;
    pthread_cond_signal(&b->rung);
    pthread_mutex_unlock(&b->lock);
}

static void bell_wait(Bell *b)
{
    pthread_mutex_lock(&b->lock);
    while (!b->rings)
        pthread_cond_wait(&b->rung, &b->lock);
    b->rings = 0;
    pthread_mutex_unlock(&b->lock);
}

static Log *log_faulty(void)
{
    char why[300];
    folder_new();
    fault_arm(FAULT_NONE, 0);
    Log *log = log_open(in_folder("log.db"), &FAULTY, why, sizeof why);
    CHECK(log);
    return log;
}

TEST("On a full disk the writer says so, keeps the batch, and writes it when there is room again.")
{
    Bell bell = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    Maker m = {0};
    Log *log = log_faulty();
    fault_arm(FAULT_FULL, 1);
    fault_long = true;
    Writer *w = writer_open(log, bell_ring, &bell);
    CHECK(w);
    CHECK_EQUAL(writer_submit(w, maker_batch(&m, 30), 30, 1), OK);
    bell_wait(&bell);
    Err fault;
    CHECK_EQUAL(writer_durable(w, &fault), 0);
    CHECK_EQUAL(fault, ERR_FULL);
    fault_kind = FAULT_NONE;
    bell_wait(&bell);
    CHECK_EQUAL(writer_durable(w, &fault), 1);
    CHECK_EQUAL(fault, OK);
    writer_close(w);
    CHECK_EQUAL(log_last_seq(log), 30);
    log_close(log);
    maker_done(&m);
}

TEST("A full disk does not keep the writer from closing.")
{
    Bell bell = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    Maker m = {0};
    Log *log = log_faulty();
    fault_arm(FAULT_FULL, 1);
    fault_long = true;
    Writer *w = writer_open(log, bell_ring, &bell);
    CHECK(w);
    CHECK_EQUAL(writer_submit(w, maker_batch(&m, 30), 30, 1), OK);
    writer_close(w);
    fault_arm(FAULT_NONE, 0);
    CHECK_EQUAL(log_last_seq(log), 0);
    log_close(log);
    maker_done(&m);
}

TEST("After a failed sync the writer stops, and takes nothing more.")
{
    Bell bell = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0};
    Maker m = {0};
    Log *log = log_faulty();
    fault_arm(FAULT_SYNC, 1);
    Writer *w = writer_open(log, bell_ring, &bell);
    CHECK(w);
    CHECK_EQUAL(writer_submit(w, maker_batch(&m, 30), 30, 1), OK);
    bell_wait(&bell);
    Err fault;
    CHECK_EQUAL(writer_durable(w, &fault), 0);
    CHECK_EQUAL(fault, ERR_IO);
    CHECK_EQUAL(writer_submit(w, m.records, 1, 2), ERR_IO);
    writer_close(w);
    log_close(log);
    maker_done(&m);
}

/* ---- killed ---- */

/* Appends batch after batch and tells the pipe after each durable one, until it is killed. */
static void child_write(int to)
{
    char why[300];
    Log *log = log_open(in_folder("log.db"), NULL, why, sizeof why);
    if (!log) _exit(2);
    log_step_every(log, 16);
    Reader r = {0};
    if (log_read(log, 0, reader_take, &r)) _exit(3);
    for (u32 n = 1;; n = n * 5 % 97) {
        if (log_append(log, maker_batch(&r.expect, n), n)) _exit(4);
        if (write(to, &r.expect.seq, sizeof r.expect.seq) != sizeof r.expect.seq) _exit(5);
        log_step(log);
    }
}

static u64 kill_round(u32 acks_before_kill)
{
    int pipes[2];
    u64 durable = 0;
    CHECK_EQUAL(pipe(pipes), 0);
    pid_t child = fork();
    if (!child) child_write(pipes[1]);
    close(pipes[1]);
    for (u32 i = 0; i < acks_before_kill; i++)
        CHECK_EQUAL(read(pipes[0], &durable, sizeof durable), sizeof durable);
    kill(child, SIGKILL);
    int status;
    CHECK_EQUAL(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status));
    while (read(pipes[0], &durable, sizeof durable) == sizeof durable)
        ;
    close(pipes[0]);
    return durable;
}

TEST("Killed 50 times in the middle of batches: nothing durable is missing and no chain is broken.")
{
    folder_new();
    for (u32 round = 0; round < 50; round++) {
        u64 durable = kill_round(1 + round % 7);
        char why[300];
        Log *log = log_open(in_folder("log.db"), NULL, why, sizeof why);
        CHECK(log);
        CHECK(log_last_seq(log) >= durable);
        CHECK_EQUAL(log_check(log, why, sizeof why), OK);
        Reader r = {0};
        CHECK_EQUAL(log_read(log, 0, reader_take, &r), OK);
        CHECK_EQUAL(r.count, log_last_seq(log));
        maker_done(&r.expect);
        log_close(log);
    }
}

int main(void)
{
    fault_install();
    return seal_init() ? 1 : test_run_all();
}
