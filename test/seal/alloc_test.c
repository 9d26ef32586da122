/* Receipts and wraps when each allocation fails in turn: a fault is told, nothing half is left. */
#include "seal/internal.h"
#include "test/failing.h"
#include "test/test.h"

static u8 public_key[32], secret[64];

static Err receipts_make(Buf *out)
{
    ReceiptTree *t = receipt_tree_open();
    if (!t) return ERR_MEMORY;
    Err err = OK;
    u32 index = 0;
    for (u32 i = 0; i < 200 && !err; i++)
        err = receipt_tree_add(t, &(ReceiptBody){.attempt = i}, &index);
    if (!err) err = receipt_tree_sign(t, secret);
    if (!err) receipt_write(t, index, out);
    if (!err && out->failed) err = ERR_MEMORY;
    receipt_tree_close(t);
    return err;
}

TEST("Each allocation of a receipt fails in turn: the last try gives a genuine receipt.")
{
    Err err = OK;
    Buf out;
    long n = 1;
    for (; failing_from(n); n++) {
        buf_init(&out, 4096);
        err = receipts_make(&out);
        ReceiptBody b;
        if (failing_hit) CHECK_EQUAL(err, ERR_MEMORY);
        else CHECK_EQUAL(receipt_check(buf_view(&out), public_key, &b), OK);
        buf_done(&out);
    }
    CHECK_EQUAL(err, OK);
    CHECK(n > 4);
}

TEST("Each allocation of a wrap fails in turn, and leaves the buffer as it was.")
{
    u8 box_public[32], box_private[32];
    seal_box_keys(box_public, box_private);
    Err err = OK;
    for (long n = 1; failing_from(n); n++) {
        Buf out, back;
        buf_init(&out, 4096);
        buf_init(&back, 4096);
        err = seal_wrap_to(box_public, SPAN("c"), SPAN("secret"), &out);
        if (err) CHECK_EQUAL(out.len, 0);
        else err = seal_unwrap(box_private, SPAN("c"), buf_view(&out), &back);
        if (err) CHECK_EQUAL(back.len, 0);
        else CHECK_TEXT(buf_view(&back), "secret");
        buf_done(&out);
        buf_done(&back);
    }
    CHECK_EQUAL(err, OK);
}

int main(void)
{
    if (seal_init()) return 1;
    seal_sign_keys(public_key, secret);
    return test_run_all();
}
