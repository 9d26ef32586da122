/* receipt.c - one signature for all answers of a transaction: the root of a tree of hashes. */
#include "seal/internal.h"
#include "seal/merkle.h"

#include <stdlib.h>

enum {
    BODY_BYTES = 93,
    HEAD_BYTES = BODY_BYTES + 8, /* and index, size */
    RECEIPT_BYTES_MAX = HEAD_BYTES + MERKLE_LEVELS_MAX * SEAL_HASH_BYTES + SEAL_SIGNATURE_BYTES,
};

struct ReceiptTree {
    u32 cap; /* of bodies; there are as many as leaves */
    u8 (*body)[BODY_BYTES];
    Merkle tree;
    u8 signature[SEAL_SIGNATURE_BYTES];
    bool is_signed;
};

static const char SIGNED_HEAD[] = "invigil receipt v1\n";
enum { SIGNED_BYTES = sizeof SIGNED_HEAD - 1 + 4 + SEAL_HASH_BYTES };

/* What is signed: the size too, so that an index and a path cannot be read in a tree of another form. */
static void receipt_signed(u32 size, const u8 *root, u8 out[SIGNED_BYTES])
{
    size_t head = sizeof SIGNED_HEAD - 1;
    memcpy(out, SIGNED_HEAD, head);
    write_u32(out + head, size);
    memcpy(out + head + 4, root, SEAL_HASH_BYTES);
}

static void body_write(const ReceiptBody *b, u8 out[BODY_BYTES])
{
    memcpy(out, "INVR\1", 5);
    write_u64(out + 5, b->attempt);
    write_u32(out + 13, b->item);
    write_u32(out + 17, b->rev);
    write_u64(out + 21, (u64)b->stored_ms);
    memcpy(out + 29, b->answer_hash, SEAL_HASH_BYTES);
    memcpy(out + 61, b->chain_hash, SEAL_HASH_BYTES);
}

static void body_read(const u8 *in, ReceiptBody *b)
{
    b->attempt = read_u64(in + 5);
    b->item = read_u32(in + 13);
    b->rev = read_u32(in + 17);
    b->stored_ms = (i64)read_u64(in + 21);
    memcpy(b->answer_hash, in + 29, SEAL_HASH_BYTES);
    memcpy(b->chain_hash, in + 61, SEAL_HASH_BYTES);
}

ReceiptTree *receipt_tree_open(void)
{
    return calloc(1, sizeof(ReceiptTree));
}

void receipt_tree_close(ReceiptTree *t)
{
    if (!t) return;
    free(t->body);
    merkle_done(&t->tree);
    free(t);
}

void receipt_tree_reset(ReceiptTree *t)
{
    merkle_reset(&t->tree);
    t->is_signed = false;
}

static Err body_grow(ReceiptTree *t)
{
    if (t->cap > UINT32_MAX / 4) return ERR_LIMIT;
    u32 cap = t->cap ? t->cap * 2 : 64;
    void *body = realloc(t->body, (size_t)cap * sizeof *t->body);
    if (!body) return ERR_MEMORY;
    t->body = body;
    t->cap = cap;
    return OK;
}

Err receipt_tree_add(ReceiptTree *t, const ReceiptBody *body, u32 *index)
{
    u8 leaf[SEAL_HASH_BYTES];
    ASSERT(!t->is_signed);
    u32 here = t->tree.count;
    Err err = here == t->cap ? body_grow(t) : OK;
    if (err) return err;
    body_write(body, t->body[here]);
    merkle_leaf((Span){t->body[here], BODY_BYTES}, leaf);
    err = merkle_add(&t->tree, leaf);
    if (!err) *index = here;
    return err;
}

Err receipt_tree_sign(ReceiptTree *t, const u8 secret_key[SEAL_SIGN_SECRET_BYTES])
{
    if (!t->tree.count) return ERR_MISSING;
    merkle_build(&t->tree);
    u8 message[SIGNED_BYTES];
    receipt_signed(t->tree.count, merkle_root(&t->tree), message);
    seal_sign(secret_key, (Span){message, sizeof message}, t->signature);
    t->is_signed = true;
    return OK;
}

void receipt_write(const ReceiptTree *t, u32 index, Buf *out)
{
    ASSERT(t->is_signed && index < t->tree.count);
    buf_put(out, t->body[index], BODY_BYTES);
    buf_u32(out, index);
    buf_u32(out, t->tree.count);
    merkle_path(&t->tree, index, out);
    buf_put(out, t->signature, SEAL_SIGNATURE_BYTES);
}

Err receipt_check(Span receipt, const u8 public_key[SEAL_SIGN_PUBLIC_BYTES], ReceiptBody *body)
{
    if (receipt.len < HEAD_BYTES + SEAL_SIGNATURE_BYTES || receipt.len > RECEIPT_BYTES_MAX)
        return ERR_FORMAT;
    const u8 *p = receipt.ptr;
    u32 index = read_u32(p + BODY_BYTES), size = read_u32(p + BODY_BYTES + 4);
    if (memcmp(p, "INVR\1", 5) || index >= size) return ERR_FORMAT;
    u8 root[SEAL_HASH_BYTES];
    merkle_leaf((Span){p, BODY_BYTES}, root);
    Span path = {p + HEAD_BYTES, receipt.len - HEAD_BYTES - SEAL_SIGNATURE_BYTES};
    if (!merkle_path_root(index, size, path, root)) return ERR_FORMAT;
    u8 message[SIGNED_BYTES];
    receipt_signed(size, root, message);
    if (!seal_verify(public_key, (Span){message, sizeof message}, path.ptr + path.len))
        return ERR_CRYPTO;
    body_read(p, body);
    return OK;
}
