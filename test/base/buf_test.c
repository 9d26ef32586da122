#include "base/buf.h"
#include "test/failing.h"
#include "test/test.h"

TEST("Pieces follow each other.")
{
    Buf b;
    buf_init(&b, 100);
    buf_text(&b, "a");
    buf_span(&b, SPAN("bc"));
    buf_span(&b, SPAN_NONE);
    buf_put(&b, "def", 2);
    buf_print(&b, "%d%%", 50);
    CHECK(!b.failed);
    CHECK_TEXT(buf_view(&b), "abcde50%");
    buf_done(&b);
}

TEST("Integers are little endian.")
{
    static const u8 want[] = {1, 3, 2, 7, 6, 5, 4, 15, 14, 13, 12, 11, 10, 9, 8};
    Buf b;
    buf_init(&b, 100);
    buf_u8(&b, 1);
    buf_u16(&b, 0x0203);
    buf_u32(&b, 0x04050607);
    buf_u64(&b, 0x08090a0b0c0d0e0f);
    CHECK(span_equal(buf_view(&b), (Span){want, sizeof want}));
    buf_done(&b);
}

TEST("A buffer holds its limit exactly; the next byte marks it.")
{
    Buf b;
    buf_init(&b, 1000);
    for (int i = 0; i < 1000; i++)
        buf_u8(&b, (u8)i);
    CHECK(!b.failed);
    CHECK_EQUAL(b.len, 1000);
    buf_u8(&b, 1);
    CHECK(b.failed);
    CHECK_EQUAL(b.len, 1000);
    buf_done(&b);
}

TEST("A printed text may fill the buffer to its limit.")
{
    Buf b;
    buf_init(&b, 300);
    buf_print(&b, "%300d", 1);
    CHECK(!b.failed);
    CHECK_EQUAL(b.len, 300);
    buf_print(&b, "%s", "");
    CHECK(!b.failed);
    buf_print(&b, "x");
    CHECK(b.failed);
    CHECK_EQUAL(b.len, 300);
    buf_done(&b);
}

TEST("After a failed append nothing is added, even what would fit.")
{
    Buf b;
    buf_init(&b, 10);
    buf_text(&b, "12345678901");
    CHECK(b.failed);
    buf_text(&b, "1");
    buf_print(&b, "%d", 1);
    CHECK_EQUAL(b.len, 0);
    CHECK(!buf_reserve(&b, 0));
    buf_reset(&b);
    buf_text(&b, "1");
    CHECK(!b.failed);
    CHECK_TEXT(buf_view(&b), "1");
    buf_done(&b);
}

TEST("An absurd size is refused and not computed with.")
{
    Buf b;
    buf_init(&b, SIZE_MAX);
    buf_text(&b, "abc");
    CHECK(!buf_reserve(&b, SIZE_MAX));
    CHECK(b.failed);
    CHECK_TEXT(buf_view(&b), "abc");
    buf_done(&b);
}

TEST("Reserved room is not counted as content, and is kept over a reset.")
{
    Buf b;
    buf_init(&b, 5000);
    CHECK(buf_reserve(&b, 4000));
    CHECK_EQUAL(b.len, 0);
    CHECK(b.cap >= 4000);
    buf_reset(&b);
    CHECK(b.cap >= 4000);
    buf_done(&b);
}

TEST("Whichever allocation fails, the buffer is marked and keeps what it had.")
{
    for (long n = 1; failing_from(n); n++) {
        Buf b;
        buf_init(&b, 1 << 20);
        size_t added = 0;
        for (int i = 0; i < 300 && !b.failed; i++) {
            buf_text(&b, "0123456789");
            if (!b.failed) added += 10;
        }
        CHECK_EQUAL(b.failed, failing_hit);
        CHECK_EQUAL(b.len, added);
        buf_done(&b);
    }
}

TEST("Done is safe on a zeroed buffer and twice.")
{
    Buf b = {0};
    buf_done(&b);
    buf_init(&b, 10);
    buf_text(&b, "x");
    buf_done(&b);
    buf_done(&b);
    buf_text(&b, "y");
    CHECK_TEXT(buf_view(&b), "y");
    buf_done(&b);
}

TEST_MAIN()
