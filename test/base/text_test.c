#include "base/limits.h"
#include "base/text.h"
#include "test/test.h"

TEST("Trimming takes white space from the ends only.")
{
    CHECK_TEXT(text_trim(SPAN(" \t\r\n\v\f a b \n")), "a b");
    CHECK_TEXT(text_trim(SPAN("   ")), "");
    CHECK_EQUAL(text_trim(SPAN_NONE).len, 0);
}

TEST("Cutting splits around the first separator.")
{
    Span head = SPAN("old"), tail = SPAN("old");
    CHECK(!text_cut(SPAN("abc"), ',', &head, &tail));
    CHECK(!text_cut(SPAN_NONE, ',', &head, &tail));
    CHECK_TEXT(head, "old");
    CHECK(text_cut(SPAN("a,b,c"), ',', &head, &tail));
    CHECK_TEXT(head, "a");
    CHECK_TEXT(tail, "b,c");
    CHECK(text_cut(SPAN(","), ',', &head, &tail));
    CHECK_EQUAL(head.len + tail.len, 0);
}

TEST("Prefixes and folded comparison.")
{
    CHECK(text_starts(SPAN("abc"), SPAN("ab")));
    CHECK(text_starts(SPAN("abc"), SPAN_NONE));
    CHECK(!text_starts(SPAN("ab"), SPAN("abc")));
    CHECK(text_equal_fold(SPAN("Content-LENGTH"), SPAN("content-length")));
    CHECK(!text_equal_fold(SPAN("[a"), SPAN("{a")));
    CHECK(!text_equal_fold(SPAN("a"), SPAN("aa")));
    CHECK(text_equal_fold(SPAN_NONE, SPAN("")));
}

TEST("Well formed UTF-8 is told from what only looks like it.")
{
    CHECK(text_is_utf8(SPAN("")));
    CHECK(text_is_utf8(SPAN("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")));
    CHECK(text_is_utf8(SPAN("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF")));
    static const char *const bad[] = {
        "\x80",         "\xBF",         "\xC0\x80",         "\xC1\xBF",         "\xC2",
        "\xE0\x9F\xBF", "\xED\xA0\x80", "\xED\xBF\xBF",     "\xE2\x82",         "\xE2\x28\xA1",
        "\xF5\x80\x80", "\xFF",         "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF0\x9F\x98",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK(!text_is_utf8(span_of(bad[i])));
}

TEST("Characters are counted as code points.")
{
    CHECK_EQUAL(text_count_chars(SPAN("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")), 4);
    CHECK_EQUAL(text_count_chars(SPAN_NONE), 0);
}

TEST("A head never ends within a character.")
{
    CHECK_TEXT(text_head(SPAN("abc"), 3), "abc");
    CHECK_TEXT(text_head(SPAN("abc"), 2), "ab");
    CHECK_TEXT(text_head(SPAN("a\xC3\xA4"), 2), "a");
    CHECK_TEXT(text_head(SPAN("\xE2\x82\xAC"
                              "x"),
                         3),
               "\xE2\x82\xAC");
    CHECK_EQUAL(text_head(SPAN("\xF0\x9F\x98\x80"), 3).len, 0);
    CHECK_EQUAL(text_head(SPAN_NONE, 0).len, 0);
}

TEST("Unsigned numbers are read to the last, and nothing else is.")
{
    u64 v = 7;
    CHECK(text_to_u64(SPAN("18446744073709551615"), &v) && v == UINT64_MAX);
    CHECK(text_to_u64(SPAN("00000000000000000001"), &v) && v == 1);
    CHECK(text_to_u64(SPAN("0"), &v) && v == 0);
    v = 7;
    CHECK(!text_to_u64(SPAN("18446744073709551616"), &v));
    CHECK(!text_to_u64(SPAN("99999999999999999999"), &v));
    CHECK(!text_to_u64(SPAN("-1"), &v) && !text_to_u64(SPAN("+1"), &v));
    CHECK(!text_to_u64(SPAN("1 "), &v) && !text_to_u64(SPAN("1a"), &v));
    CHECK(!text_to_u64(SPAN(""), &v) && !text_to_u64(SPAN_NONE, &v));
    CHECK_EQUAL(v, 7);
}

TEST("Signed numbers reach both ends.")
{
    i64 v = 7;
    CHECK(text_to_i64(SPAN("9223372036854775807"), &v) && v == INT64_MAX);
    CHECK(text_to_i64(SPAN("-9223372036854775808"), &v) && v == INT64_MIN);
    CHECK(text_to_i64(SPAN("-0"), &v) && v == 0);
    v = 7;
    CHECK(!text_to_i64(SPAN("9223372036854775808"), &v));
    CHECK(!text_to_i64(SPAN("-9223372036854775809"), &v));
    CHECK(!text_to_i64(SPAN("-"), &v) && !text_to_i64(SPAN("--1"), &v));
    CHECK(!text_to_i64(SPAN_NONE, &v));
    CHECK_EQUAL(v, 7);
}

static double number(const char *text)
{
    double v = 12345;
    return text_to_double(span_of(text), &v) ? v : -12345;
}

TEST("Decimal numbers are read with point or comma.")
{
    CHECK(number("0.1") == 0.1 && number("0,1") == 0.1);
    CHECK(number("-12.75") == -12.75 && number("+3") == 3);
    CHECK(number("1e3") == 1000 && number("2.5E-2") == 0.025 && number("1e+2") == 100);
    CHECK(number(".5") == 0.5 && number("5.") == 5);
    CHECK(number("123456789012345") == 123456789012345.0);
    CHECK(number("0.000000000000000000000000001") == 1e-27);
    CHECK(number("0") == 0 && number("1e-400") == 0);
    CHECK(number("3.14159265358979") == 3.14159265358979);
}

TEST("What is no decimal number is refused.")
{
    static const char *const bad[] = {
        "",    ".",     "-",     "e5", "1e", "1e+", "1.2.3", "1,2,3",    "1.5,5", "0x10", "nan",
        "inf", "1e999", "1 000", " 1", "1 ", "--1", "1-",    "infinity", "1e1e1", "+-1",
    };
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        CHECK(number(bad[i]) == -12345);
    double v;
    CHECK(!text_to_double(SPAN_NONE, &v));
    CHECK(!text_to_double((Span){(const u8 *)"1\0", 2}, &v));
}

TEST("Hexadecimal goes out and comes back.")
{
    static const u8 bytes[] = {0, 1, 0x7F, 0x80, 0xFF};
    char out[11];
    u8 back[5];
    size_t len = 0;
    CHECK_EQUAL(text_hex((Span){bytes, 5}, out, sizeof out), 10);
    CHECK_TEXT(span_of(out), "00017f80ff");
    CHECK(text_from_hex(SPAN("00017F80fF"), back, sizeof back, &len));
    CHECK(span_equal((Span){back, len}, (Span){bytes, 5}));
    CHECK(!text_from_hex(SPAN("0"), back, sizeof back, &len));
    CHECK(!text_from_hex(SPAN("0g"), back, sizeof back, &len));
    CHECK(!text_from_hex(SPAN("000000000000"), back, sizeof back, &len));
    CHECK(text_from_hex(SPAN_NONE, back, sizeof back, &len) && len == 0);
}

TEST("Writers never write past their room, not even without any.")
{
    static const u8 bytes[] = {1, 2, 3, 4};
    for (size_t size = 0; size < 10; size++) {
        char out[16];
        memset(out, 'x', sizeof out);
        size_t n = text_hex((Span){bytes, 4}, out, size);
        CHECK(size == 0 ? n == 0 : n < size);
        CHECK_EQUAL(out[size], 'x');
        memset(out, 'x', sizeof out);
        n = text_base64url((Span){bytes, 4}, out, size);
        CHECK(size == 0 ? n == 0 : n < size);
        CHECK_EQUAL(out[size], 'x');
    }
}

TEST("Base64url goes out and comes back in every length.")
{
    u8 bytes[64], back[64];
    char out[100];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (u8)(i * 37 + 200);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        size_t len = 99, letters = text_base64url((Span){bytes, n}, out, sizeof out);
        CHECK_EQUAL(letters, (n * 4 + 2) / 3);
        CHECK(text_from_base64url((Span){(u8 *)out, letters}, back, n, &len));
        CHECK(span_equal((Span){back, len}, (Span){bytes, n}));
    }
    CHECK_EQUAL(text_base64url(SPAN("\xFB\xFF"), out, sizeof out), 3);
    CHECK_TEXT(span_of(out), "-_8");
}

TEST("Base64url with bad letters, padding, too many letters or loose bits is refused.")
{
    u8 out[3];
    size_t len;
    CHECK(!text_from_base64url(SPAN("A"), out, sizeof out, &len));
    CHECK(!text_from_base64url(SPAN("AA=="), out, sizeof out, &len));
    CHECK(!text_from_base64url(SPAN("A+AA"), out, sizeof out, &len));
    CHECK(!text_from_base64url(SPAN("AAAAA\0"), out, sizeof out, &len));
    CHECK(!text_from_base64url(SPAN("AAAAAA"), out, sizeof out, &len));
    CHECK(!text_from_base64url(SPAN("AB"), out, sizeof out, &len));
    CHECK(text_from_base64url(SPAN("AA"), out, sizeof out, &len) && len == 1);
}

TEST("Secrets are equal only as a whole.")
{
    CHECK(text_equal_secret(SPAN("abc"), SPAN("abc")));
    CHECK(!text_equal_secret(SPAN("abc"), SPAN("abd")));
    CHECK(!text_equal_secret(SPAN("abc"), SPAN("ab")));
    CHECK(text_equal_secret(SPAN_NONE, SPAN("")));
}

TEST("Spans compare by their bytes, whatever an empty one points to.")
{
    CHECK(span_equal(SPAN_NONE, SPAN("")));
    CHECK(!span_equal(SPAN("a"), SPAN("b")));
    CHECK_EQUAL(span_of(NULL).len, 0);
    CHECK_EQUAL(COUNT_OF("abc"), 4);
}

TEST("Each fault has words, and so has a number that is none.")
{
    for (int e = ERR_CRYPTO; e <= OK; e++)
        CHECK(strcmp(err_text((Err)e), "unknown fault") != 0);
    CHECK_TEXT(span_of(err_text((Err)-99)), "unknown fault");
}

TEST("Limits fit each other.")
{
    CHECK(ANSWER_BYTES_MAX < EVENT_BYTES_MAX);
    CHECK(MEDIA_RECORD_BYTES_MAX < SOCKET_MESSAGE_BYTES_MAX);
    CHECK(MEDIA_RECORD_BYTES_MAX <= MEDIA_GOP_BYTES_MAX);
    CHECK(TURN_COMMANDS_MAX <= ENGINE_QUEUE_MAX);
    CHECK(HEARTBEAT_MS * 2 < DISCONNECTED_AFTER_MS);
    CHECK(IMPORT_BYTES_MAX <= HTTP_BODY_BYTES_MAX);
    CHECK(SESSION_ATTEMPTS_MAX <= CONNECTIONS_MAX);
}

TEST_MAIN()
