/* The stores when each of their own allocations fails in turn. (SQLite's: fault_test.c.) What was said to
 * be stored is there afterwards. */
#include "store/log_internal.h"
#include "store/pack_internal.h"
#include "store/people.h"
#include "test/failing.h"
#include "test/store/kit.h"
#include "test/test.h"

static Maker maker; /* made before anything fails */

static Err log_work(u64 *durable)
{
    char why[300] = "";
    Log *log = log_open(in_folder("log.db"), NULL, why, sizeof why);
    if (!log) {
        if (!strstr(why, "out of memory")) return ERR_BROKEN; /* it must say so */
        return ERR_MEMORY;
    }
    Err err = log_append(log, maker.records, 30);
    if (!err) *durable = 30;
    if (!err) err = log_check(log, why, sizeof why);
    log_close(log);
    return err;
}

TEST("Each allocation of the log and its check fails in turn.")
{
    Err err = OK;
    maker_batch(&maker, 30);
    for (long n = 1; failing_from(n); n++) {
        u64 durable = 0;
        long armed = failing_left;
        failing_left = 0;
        folder_new();
        failing_left = armed;
        err = log_work(&durable);
        bool hit = failing_hit;
        failing_left = 0;
        if (hit) CHECK_EQUAL(err, ERR_MEMORY);
        Log *log = log_open(in_folder("log.db"), NULL, NULL, 0);
        CHECK(log);
        CHECK(log_last_seq(log) >= durable);
        log_close(log);
        failing_hit = hit;
    }
    CHECK_EQUAL(err, OK);
    maker_done(&maker);
}

static void wake_nobody(void *ctx)
{
    (void)ctx;
}

static Err packs_work(u32 *stored)
{
    char why[300] = "";
    u8 record[100] = {1};
    Packs *p = packs_open(in_folder("evidence"), wake_nobody, NULL, why, sizeof why);
    if (!p) return why[0] ? ERR_MEMORY : ERR_BROKEN;
    Err err = packs_append(p, 5, &(PackEntry){.attempt = 1}, (Span){record, sizeof record});
    packs_close(p);
    if (!err) *stored = 1;
    return err;
}

static u32 packs_count(void)
{
    char why[300];
    Arena a;
    PackEntry *list;
    u32 count = 0;
    arena_init(&a, 1 << 20);
    Packs *p = packs_open(in_folder("evidence"), wake_nobody, NULL, why, sizeof why);
    CHECK(p);
    CHECK_EQUAL(packs_index(p, 5, 1, &a, &list, &count), OK);
    packs_close(p);
    arena_done(&a);
    return count;
}

TEST("Each allocation of the evidence store fails in turn: it starts again and goes on.")
{
    u32 stored = 0;
    long n = 1;
    for (; failing_from(n); n++) {
        long armed = failing_left;
        failing_left = 0;
        folder_new();
        failing_left = armed;
        stored = 0;
        Err err = packs_work(&stored);
        bool hit = failing_hit;
        failing_left = 0;
        if (!hit) CHECK_EQUAL(err, OK);
        CHECK(packs_count() <= 1);
        failing_hit = hit;
    }
    CHECK_EQUAL(stored, 1);
    CHECK_EQUAL(packs_count(), 1);
    CHECK(n > 5);
}

TEST("Each allocation of a user's row fails in turn.")
{
    Err err = OK;
    folder_new();
    for (long n = 1; failing_from(n); n++) {
        char why[300];
        Arena a;
        User have;
        arena_init(&a, 1 << 16);
        People *p = people_open(in_folder("people.db"), why, sizeof why);
        err = p ? fact_set(p, "name", SPAN("value")) : ERR_MEMORY;
        Span value;
        if (!err) err = fact_get(p, "name", &a, &value);
        if (!err && people_by_id(p, 1, &a, &have) != ERR_MISSING) err = ERR_BROKEN;
        people_close(p);
        arena_done(&a);
        if (failing_hit) CHECK_EQUAL(err, ERR_MEMORY);
    }
    CHECK_EQUAL(err, OK);
}

int main(void)
{
    return seal_init() ? 1 : test_run_all();
}
