#include "base/date.h"
#include "test/test.h"

static bool parses_to(const char *text, i64 want)
{
    i64 at = -1;
    return date_parse(span_of(text), &at) && at == want;
}

static bool refused(const char *text)
{
    i64 at = 42;
    return !date_parse(span_of(text), &at) && at == 42;
}

static Span text_of(i64 at_ms)
{
    static char out[DATE_TEXT_SIZE];
    date_text(at_ms, out);
    return span_of(out);
}

TEST("Known instants are written as UTC.")
{
    CHECK_TEXT(text_of(0), "1970-01-01T00:00:00.000Z");
    CHECK_TEXT(text_of(1), "1970-01-01T00:00:00.001Z");
    CHECK_TEXT(text_of(-1), "1969-12-31T23:59:59.999Z");
    CHECK_TEXT(text_of(951782400000), "2000-02-29T00:00:00.000Z");
    CHECK_TEXT(text_of(1795251000123), "2026-11-21T08:50:00.123Z");
    CHECK_TEXT(text_of(253402300799999), "9999-12-31T23:59:59.999Z");
    CHECK_TEXT(text_of(-62167219200000), "0000-01-01T00:00:00.000Z");
}

TEST("Absurd instants keep the form.")
{
    CHECK_EQUAL(text_of(INT64_MAX).len, 24);
    CHECK_EQUAL(text_of(INT64_MIN).len, 24);
}

TEST("What was written is read back, day by day over four centuries.")
{
    for (i64 day = -62167219200000; day < 13000000000000; day += 86400000LL * 13 + 61001) {
        i64 back;
        CHECK(date_parse(text_of(day), &back));
        CHECK_EQUAL(back, day);
    }
}

TEST("The forms of RFC 3339 are read, offsets counted in.")
{
    CHECK(parses_to("1970-01-01T00:00:00Z", 0));
    CHECK(parses_to("1970-01-01t00:00:00z", 0));
    CHECK(parses_to("1970-01-01 00:00Z", 0));
    CHECK(parses_to("1970-01-01T00:00:00.5Z", 500));
    CHECK(parses_to("1970-01-01T00:00:00.123456789Z", 123));
    CHECK(parses_to("1970-01-01T01:00:00+01:00", 0));
    CHECK(parses_to("1969-12-31T18:30:00-05:30", 0));
    CHECK(parses_to("2024-02-29T23:59:59+23:59", 1709164859000));
}

TEST("Days that do not exist are refused.")
{
    CHECK(refused("2023-02-29T00:00:00Z"));
    CHECK(refused("1900-02-29T00:00:00Z"));
    CHECK(refused("2024-02-30T00:00:00Z"));
    CHECK(refused("2024-04-31T00:00:00Z"));
    CHECK(refused("2024-13-01T00:00:00Z"));
    CHECK(refused("2024-00-01T00:00:00Z"));
    CHECK(refused("2024-01-00T00:00:00Z"));
    CHECK(refused("2024-01-01T24:00:00Z"));
    CHECK(refused("2024-01-01T00:60:00Z"));
    CHECK(refused("2024-01-01T00:00:60Z"));
}

TEST("Anything else is refused and changes nothing.")
{
    static const char *const bad[] = {
        "",
        "2024",
        "2024-01-01",
        "2024-01-01T00:00:00",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:Z",
        "2024-01-01T00:00:00Zx",
        " 2024-01-01T00:00:00Z",
        "2024-1-01T00:00:00Z",
        "2024-01-01T00:00:00+0100",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00+01:60",
        "+024-01-01T00:00:00Z",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK(refused(bad[i]));
    i64 at;
    CHECK(!date_parse(SPAN_NONE, &at));
}

TEST_MAIN()
