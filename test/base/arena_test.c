#include "base/arena.h"
#include "test/failing.h"
#include "test/test.h"

TEST("What is pushed is zeroed and aligned for any type.")
{
    Arena a;
    arena_init(&a, 1 << 20);
    for (size_t n = 1; n < 200; n++) {
        u8 *p = arena_push(&a, n);
        CHECK(p);
        CHECK_EQUAL((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < n; i++)
            CHECK_EQUAL(p[i], 0);
        memset(p, 0xAA, n);
    }
    arena_done(&a);
}

TEST("Memory that is used again after a reset is zeroed again.")
{
    Arena a;
    arena_init(&a, 4096);
    u8 *p = arena_push(&a, 100);
    CHECK(p);
    memset(p, 0xFF, 100);
    arena_reset(&a);
    u8 *q = arena_push(&a, 100);
    CHECK(q == p);
    CHECK_EQUAL(q[0] | q[99], 0);
    arena_done(&a);
}

TEST("An arena holds its limit and not one allocation more.")
{
    Arena a;
    arena_init(&a, 64);
    CHECK(arena_push(&a, 48));
    CHECK(!arena_push(&a, 17));
    CHECK(arena_push(&a, 16));
    CHECK(!arena_push(&a, 1));
    arena_reset(&a);
    CHECK(arena_push(&a, 64));
    CHECK(!arena_push(&a, SIZE_MAX));
    CHECK(!arena_push(&a, SIZE_MAX - 8));
    arena_done(&a);
}

TEST("An arena without a limit refuses what no machine has instead of wrapping around.")
{
    Arena a;
    arena_init(&a, SIZE_MAX);
    CHECK(!arena_push(&a, SIZE_MAX));
    CHECK(!arena_push(&a, SIZE_MAX - 20));
    CHECK(arena_push(&a, 1));
    arena_done(&a);
}

TEST("Large and small pushes share an arena; a reset keeps what it can use again.")
{
    Arena a;
    arena_init(&a, 1 << 20);
    for (int i = 0; i < 3; i++) {
        CHECK(arena_push(&a, 100000));
        CHECK(arena_push(&a, 10));
        CHECK(arena_push(&a, 20000));
        arena_reset(&a);
        CHECK_EQUAL(a.used_bytes, 0);
    }
    arena_done(&a);
}

TEST("A reset gives the same blocks again, small and large ones, up to what it keeps.")
{
    Arena a;
    arena_init(&a, 1 << 24);
    u8 *first[3];
    static const size_t sizes[3] = {10000, 100000, 10000};
    for (int i = 0; i < 3; i++) {
        first[i] = arena_push(&a, sizes[i]);
        CHECK(first[i]);
    }
    arena_reset(&a);
    for (int i = 0; i < 3; i++) {
        u8 *again = arena_push(&a, sizes[i]);
        CHECK(again == first[i]);
        for (size_t k = 0; k < sizes[i]; k++)
            CHECK(!again[k]);
    }
    CHECK(arena_push(&a, ARENA_KEPT_BYTES));
    arena_reset(&a);
    CHECK(arena_push(&a, sizes[0]) == first[0]);
    arena_done(&a);
}

TEST("A copied span ends with a zero behind it, an empty one too.")
{
    Arena a;
    arena_init(&a, 4096);
    Span s = arena_copy(&a, SPAN("abc"));
    CHECK_TEXT(s, "abc");
    CHECK_EQUAL(s.ptr[3], 0);
    Span empty = arena_copy(&a, SPAN_NONE);
    CHECK(empty.ptr);
    CHECK_EQUAL(empty.len, 0);
    CHECK_EQUAL(empty.ptr[0], 0);
    arena_done(&a);
}

TEST("Printing gives the text, or nothing when it does not fit.")
{
    Arena a;
    arena_init(&a, 32);
    CHECK_TEXT(arena_print(&a, "%d %s", 7, "seats"), "7 seats");
    Span s = arena_print(&a, "%64d", 1);
    CHECK(!s.ptr);
    CHECK_EQUAL(s.len, 0);
    arena_done(&a);
}

TEST("Whichever allocation fails, the arena says so and goes on afterwards.")
{
    Arena a = {0};
    for (long n = 1; failing_from(n); n++) {
        arena_init(&a, 1 << 20);
        bool all = true;
        for (int i = 0; i < 4; i++)
            all = arena_push(&a, 20000) != NULL && all;
        CHECK_EQUAL(all, !failing_hit);
        CHECK(!failing_hit || arena_push(&a, 20000));
        arena_done(&a);
    }
}

TEST("Done is safe on a zeroed arena and twice.")
{
    Arena a = {0};
    arena_done(&a);
    arena_init(&a, 100);
    CHECK(arena_push(&a, 10));
    arena_done(&a);
    arena_done(&a);
    CHECK(arena_push(&a, 10));
    arena_done(&a);
}

TEST_MAIN()
