/* Receipts: every leaf of trees of many sizes verifies, and nothing that was changed does. */
#include "seal/internal.h"
#include "seal/merkle.h"
#include "test/test.h"

static u8 public_key[32], secret[64];

static ReceiptBody body_make(u32 i)
{
    ReceiptBody b = {
        .attempt = 100 + i, .item = i % 7 + 1, .rev = i + 1, .stored_ms = 1763700000000 + i};
    write_u32(b.answer_hash, i * 17);
    write_u32(b.chain_hash + 5, i * 31);
    return b;
}

static void tree_fill(ReceiptTree *t, u32 size)
{
    receipt_tree_reset(t);
    for (u32 i = 0; i < size; i++) {
        ReceiptBody b = body_make(i);
        u32 index = UINT32_MAX;
        CHECK_EQUAL(receipt_tree_add(t, &b, &index), OK);
        CHECK_EQUAL(index, i);
    }
    CHECK_EQUAL(receipt_tree_sign(t, secret), OK);
}

static void check_leaf(const ReceiptTree *t, u32 i)
{
    Buf out;
    ReceiptBody have, want = body_make(i);
    buf_init(&out, 4096);
    receipt_write(t, i, &out);
    CHECK_EQUAL(receipt_check(buf_view(&out), public_key, &have), OK);
    CHECK_EQUAL(have.attempt, want.attempt);
    CHECK_EQUAL(have.item, want.item);
    CHECK_EQUAL(have.rev, want.rev);
    CHECK_EQUAL(have.stored_ms, want.stored_ms);
    CHECK(!memcmp(have.answer_hash, want.answer_hash, 32));
    CHECK(!memcmp(have.chain_hash, want.chain_hash, 32));
    buf_done(&out);
}

TEST("Every leaf of trees of 1 to 20 and of 257 leaves has a receipt that verifies.")
{
    ReceiptTree *t = receipt_tree_open();
    CHECK(t);
    for (u32 size = 1; size <= 20; size++) {
        tree_fill(t, size);
        for (u32 i = 0; i < size; i++)
            check_leaf(t, i);
    }
    tree_fill(t, 257);
    for (u32 i = 0; i < 257; i++)
        check_leaf(t, i);
    receipt_tree_close(t);
}

TEST("A receipt with any flipped byte fails.")
{
    ReceiptTree *t = receipt_tree_open();
    CHECK(t);
    static const u32 sizes[] = {1, 2, 3, 5, 6, 7, 8, 13, 20, 257};
    for (size_t s = 0; s < COUNT_OF(sizes); s++) {
        tree_fill(t, sizes[s]);
        Buf out;
        ReceiptBody b;
        buf_init(&out, 4096);
        receipt_write(t, sizes[s] * 2 / 3, &out);
        for (size_t i = 0; i < out.len; i++) {
            for (u8 bit = 1; bit; bit = (u8)(bit << 3)) {
                out.ptr[i] ^= bit;
                CHECK(receipt_check(buf_view(&out), public_key, &b) != OK);
                out.ptr[i] ^= bit;
            }
        }
        CHECK_EQUAL(receipt_check(buf_view(&out), public_key, &b), OK);
        buf_done(&out);
    }
    receipt_tree_close(t);
}

TEST("A receipt claims one place in the tree only.")
{
    ReceiptTree *t = receipt_tree_open();
    CHECK(t);
    for (u32 size = 1; size <= 20; size++) {
        tree_fill(t, size);
        for (u32 i = 0; i < size; i++) {
            Buf out;
            ReceiptBody b;
            buf_init(&out, 4096);
            receipt_write(t, i, &out);
            for (u32 other = 0; other < size + 2; other++) {
                write_u32(out.ptr + 93, other);
                CHECK_EQUAL(receipt_check(buf_view(&out), public_key, &b) == OK, other == i);
            }
            buf_done(&out);
        }
    }
    receipt_tree_close(t);
}

TEST("A receipt that is cut short or followed by something is no receipt.")
{
    ReceiptTree *t = receipt_tree_open();
    CHECK(t);
    tree_fill(t, 11);
    Buf out;
    ReceiptBody b;
    buf_init(&out, 8192);
    receipt_write(t, 5, &out);
    for (size_t len = 0; len < out.len; len++)
        CHECK(receipt_check((Span){out.ptr, len}, public_key, &b) != OK);
    size_t whole = out.len;
    for (int i = 0; i < 3000; i++)
        buf_u8(&out, 0);
    for (size_t len = whole + 1; len <= out.len; len += 31)
        CHECK(receipt_check((Span){out.ptr, len}, public_key, &b) != OK);
    buf_done(&out);
    receipt_tree_close(t);
}

TEST("A receipt of another server is not genuine.")
{
    u8 other_public[32], other_secret[64];
    seal_sign_keys(other_public, other_secret);
    ReceiptTree *t = receipt_tree_open();
    CHECK(t);
    tree_fill(t, 4);
    Buf out;
    ReceiptBody b;
    buf_init(&out, 4096);
    receipt_write(t, 2, &out);
    CHECK_EQUAL(receipt_check(buf_view(&out), other_public, &b), ERR_CRYPTO);
    buf_done(&out);
    receipt_tree_close(t);
}

/* The definition of RFC 6962, as it is written there. */
static void tree_hash(u8 leaf[][32], u32 n, u8 out[32])
{
    if (n == 1) {
        memcpy(out, leaf[0], 32);
        return;
    }
    u32 k = 1;
    while (k * 2 < n)
        k *= 2;
    u8 left[32], right[32];
    tree_hash(leaf, k, left);
    tree_hash(leaf + k, n - k, right);
    merkle_node(left, right, out);
}

TEST("The signed root is the tree hash of RFC 6962.")
{
    ReceiptTree *t = receipt_tree_open();
    CHECK(t);
    for (u32 size = 1; size <= 40; size++) {
        tree_fill(t, size);
        u8 leaf[40][32], root[32], message[19 + 4 + 32];
        Buf out;
        buf_init(&out, 4096);
        for (u32 i = 0; i < size; i++) {
            buf_reset(&out);
            receipt_write(t, i, &out);
            merkle_leaf((Span){out.ptr, 93}, leaf[i]);
        }
        tree_hash(leaf, size, root);
        memcpy(message, "invigil receipt v1\n", 19);
        write_u32(message + 19, size);
        memcpy(message + 23, root, 32);
        CHECK(seal_verify(public_key, (Span){message, sizeof message}, out.ptr + out.len - 64));
        buf_done(&out);
    }
    receipt_tree_close(t);
}

TEST("A tree without leaves signs nothing, and can be used again.")
{
    ReceiptTree *t = receipt_tree_open();
    CHECK(t);
    CHECK_EQUAL(receipt_tree_sign(t, secret), ERR_MISSING);
    tree_fill(t, 300);
    tree_fill(t, 2);
    check_leaf(t, 1);
    receipt_tree_close(t);
}

int main(void)
{
    if (seal_init()) return 1;
    seal_sign_keys(public_key, secret);
    return test_run_all();
}
