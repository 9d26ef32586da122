#include "base/clock.h"
#include "test/test.h"

enum { BOOT_MS = 5000, WALL_MS = 1700000000 };

TEST("The first look takes the system's clock as it is.")
{
    Clock c = {0};
    CHECK_EQUAL(clock_now_ms(&c, BOOT_MS, WALL_MS), WALL_MS);
    CHECK_EQUAL(clock_now_ms(&c, BOOT_MS + 250, WALL_MS + 250), WALL_MS + 250);
}

TEST("A step of the system's clock, forth or back, moves the time of no exam by more than a "
     "thousandth.")
{
    static const i64 steps[] = {3600000, -3600000};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        Clock c = {0};
        i64 before = clock_now_ms(&c, BOOT_MS, WALL_MS);
        for (i64 passed = 100; passed <= 600000; passed += 100) {
            i64 now = clock_now_ms(&c, BOOT_MS + passed, WALL_MS + steps[i] + passed);
            CHECK(now >= before);
            before = now;
        }
        i64 moved = before - WALL_MS - 600000;
        CHECK(moved == (steps[i] > 0 ? 600 : -600));
    }
}

TEST("A clock that was set goes on from there, and follows the system's from there on.")
{
    Clock c = {0};
    clock_set(&c, BOOT_MS, WALL_MS - 60000);
    CHECK_EQUAL(clock_now_ms(&c, BOOT_MS, WALL_MS), WALL_MS - 60000);
    CHECK_EQUAL(clock_now_ms(&c, BOOT_MS + 1000, WALL_MS + 1000), WALL_MS - 60000 + 1001);
}

TEST("A small step is caught up with, and no further.")
{
    Clock c = {0};
    clock_now_ms(&c, BOOT_MS, WALL_MS);
    for (i64 passed = 1000; passed <= 600000; passed += 1000)
        clock_now_ms(&c, BOOT_MS + passed, WALL_MS + 40 + passed);
    CHECK_EQUAL(clock_now_ms(&c, BOOT_MS + 600000, WALL_MS + 600040), WALL_MS + 600040);
}

TEST_MAIN()
