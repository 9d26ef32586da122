/* Files are read while memory runs out: every allocation of the readers fails once. */
#include "test/failing.h"
#include "test/test.h"

#include "link/html.h"
#include "link/roster.h"

static const char gift_text[] =
    "::t::Use a <b>pencil</b>\nor ink.\n\n[html]<p>x</p>{=[plain]a < b#[markdown]*f* ~b####c}\n\n"
    "Q{#1:2 ~#no}\n\nQ{=x}\n\nQ{T#a#b}\n\nbad{#x}";
static const char aiken_text[] = "Q <b>x</b>\ny\nA. a\nB. b\nANSWER: A\n\nbad\nANSWER: A";

static void import_with_failures(const char *text, ImportFormat format, u32 items)
{
    for (int n = 1; failing_from(n); n++) {
        Arena a;
        Import in = {.refusal = 12345};
        arena_init(&a, 64 * 1024 * 1024);
        Err err = import_read(&a, span_of(text), SPAN("f.txt"), format, &in);
        bool hit = failing_hit;
        failing_left = 0;
        u32 have = in.paper.item_count, errors = in.error_count;
        u16 refusal = in.refusal;
        arena_done(&a);
        CHECK(err == OK || (hit && err == ERR_MEMORY));
        if (err) CHECK_EQUAL(refusal, 12345);
        if (!err) CHECK_EQUAL(have, items);
        if (!err) CHECK_EQUAL(errors, 1);
    }
}

TEST("A question file is read whole or not at all, whichever allocation fails.")
{
    import_with_failures(gift_text, IMPORT_GIFT, 4);
    import_with_failures(aiken_text, IMPORT_AIKEN, 1);
}

TEST("A roster is read whole or not at all, whichever allocation fails.")
{
    for (int n = 1; failing_from(n); n++) {
        Arena a;
        Roster list = {.refusal = 12345};
        arena_init(&a, 64 * 1024 * 1024);
        Err err =
            roster_read(&a, SPAN("name,email,x\n\"A\"\"a\",c@d.org\nB,c@d.org\nb,bad\n"), &list);
        bool hit = failing_hit;
        failing_left = 0;
        u32 rows = list.row_count, ok = list.ok_count;
        arena_done(&a);
        CHECK(err == OK || (hit && err == ERR_MEMORY));
        if (!err) CHECK(rows == 3 && ok == 1);
    }
}

TEST("Question text is written whole or not at all, whichever allocation fails.")
{
    static const Span text = {(const u8 *)"*a* <b>c</b> ![x](data:image/png;base64,AAAA)", 45};
    for (int n = 1; failing_from(n); n++) {
        Arena a;
        Buf out;
        arena_init(&a, 1024 * 1024);
        buf_init(&out, 100000);
        Err err = html_tree(&a, text, FORMAT_MARKDOWN, &out);
        bool hit = failing_hit;
        failing_left = 0;
        size_t len = out.len;
        buf_done(&out);
        arena_done(&a);
        CHECK(err == OK || (hit && err == ERR_MEMORY));
        CHECK(err ? len == 0 : len > 60);
    }
}

TEST_MAIN()
