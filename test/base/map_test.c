#include "base/map.h"
#include "test/failing.h"
#include "test/test.h"

enum { MANY = 3000 };

static int things[MANY];

TEST("A new map has nothing.")
{
    Map m = {0};
    u64 key;
    void *value;
    size_t at = 0;
    CHECK(!map_get(&m, 0));
    CHECK(!map_remove(&m, 0));
    CHECK(!map_next(&m, &at, &key, &value));
    map_done(&m);
}

TEST("Zero and the largest key are keys like others.")
{
    Map m = {0};
    CHECK_EQUAL(map_put(&m, 0, &things[0]), OK);
    CHECK_EQUAL(map_put(&m, UINT64_MAX, &things[1]), OK);
    CHECK(map_get(&m, 0) == &things[0]);
    CHECK(map_get(&m, UINT64_MAX) == &things[1]);
    CHECK(map_remove(&m, 0) == &things[0]);
    CHECK(!map_get(&m, 0));
    map_done(&m);
}

TEST("Putting a key again replaces its value and counts once.")
{
    Map m = {0};
    for (int i = 0; i < 100; i++)
        CHECK_EQUAL(map_put(&m, 5, &things[i]), OK);
    CHECK_EQUAL(m.count, 1);
    CHECK_EQUAL(m.cap, 16);
    CHECK(map_get(&m, 5) == &things[99]);
    map_done(&m);
}

TEST("Thousands of keys are put, found, removed at random; the rest stays.")
{
    Map m = {0};
    static bool there[MANY];
    u64 random = 1;
    for (int i = 0; i < 20000; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        u32 k = (u32)(random >> 33) % MANY;
        if (random >> 63) {
            CHECK(map_remove(&m, k) == (there[k] ? &things[k] : NULL));
            there[k] = false;
        } else {
            CHECK_EQUAL(map_put(&m, k, &things[k]), OK);
            there[k] = true;
        }
    }
    size_t count = 0;
    for (u32 k = 0; k < MANY; k++) {
        CHECK(map_get(&m, k) == (there[k] ? &things[k] : NULL));
        count += there[k];
    }
    CHECK_EQUAL(m.count, count);
    map_done(&m);
}

TEST("A walk meets each entry once.")
{
    Map m = {0};
    static u8 met[MANY];
    for (u32 k = 0; k < MANY; k++)
        CHECK_EQUAL(map_put(&m, k * 1000003u, &things[k]), OK);
    u64 key;
    void *value;
    for (size_t at = 0; map_next(&m, &at, &key, &value);) {
        u32 k = (u32)(key / 1000003u);
        CHECK(value == &things[k]);
        met[k]++;
    }
    for (u32 k = 0; k < MANY; k++)
        CHECK_EQUAL(met[k], 1);
    map_done(&m);
}

TEST("When the table cannot grow, the map says so and keeps all it has.")
{
    for (long n = 1; failing_from(n); n++) {
        Map m = {0};
        Err err = OK;
        u32 put = 0;
        while (put < 200 && (err = map_put(&m, put, &things[put])) == OK)
            put++;
        CHECK_EQUAL(err, failing_hit ? ERR_MEMORY : OK);
        CHECK_EQUAL(m.count, put);
        for (u32 k = 0; k < put; k++)
            CHECK(map_get(&m, k) == &things[k]);
        map_done(&m);
    }
}

TEST("Replacing a value needs no memory.")
{
    Map m = {0};
    for (u32 k = 0; k < 12; k++)
        CHECK_EQUAL(map_put(&m, k, &things[k]), OK);
    CHECK(failing_from(1));
    CHECK_EQUAL(map_put(&m, 3, &things[30]), OK);
    CHECK(!failing_from(2)); /* the allocation that was to fail never came */
    CHECK(map_get(&m, 3) == &things[30]);
    map_done(&m);
}

TEST_MAIN()
