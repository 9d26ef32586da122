/* receipt.c - one signature for all answers of a transaction: a Merkle tree with RFC 6962 hashing.
 *
 * RFC 6962 splits n leaves at the largest power of two below n. That is the same as pairing each level
 * from the left and carrying a last odd node up unchanged, which is how the levels are kept here. */
#include "seal/internal.h"

#include <stdlib.h>

enum {
    BODY_BYTES = 93,
    LEVELS_MAX = 33,
    HEAD_BYTES = BODY_BYTES + 8, /* and index, size */
    RECEIPT_BYTES_MAX = HEAD_BYTES + LEVELS_MAX * SEAL_HASH_BYTES + SEAL_SIGNATURE_BYTES,
};

typedef u8 Hash[SEAL_HASH_BYTES];

struct ReceiptTree {
    u32 count, cap;
    u8 (*body)[BODY_BYTES];
    Hash *node; /* level 0, then level 1 ...; a tree of n leaves has fewer than 2n + 32 nodes */
    u32 start[LEVELS_MAX], width[LEVELS_MAX], levels;
    u8 signature[SEAL_SIGNATURE_BYTES];
    bool is_signed;
};

static const char SIGNED_HEAD[] = "invigil receipt v1\n";
enum { SIGNED_BYTES = sizeof SIGNED_HEAD - 1 + 4 + SEAL_HASH_BYTES };

void merkle_leaf(Span bytes, u8 out[SEAL_HASH_BYTES])
{
    u8 in[1 + BODY_BYTES] = {0x00};
    ASSERT(bytes.len <= BODY_BYTES);
    memcpy(in + 1, bytes.ptr, bytes.len);
    seal_sha256((Span){in, 1 + bytes.len}, out);
}

void merkle_node(const u8 left[SEAL_HASH_BYTES], const u8 right[SEAL_HASH_BYTES],
                 u8 out[SEAL_HASH_BYTES])
{
    u8 in[1 + 2 * SEAL_HASH_BYTES] = {0x01};
    memcpy(in + 1, left, SEAL_HASH_BYTES);
    memcpy(in + 1 + SEAL_HASH_BYTES, right, SEAL_HASH_BYTES);
    seal_sha256((Span){in, sizeof in}, out);
}

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
    free(t->node);
    free(t);
}

void receipt_tree_reset(ReceiptTree *t)
{
    t->count = t->levels = 0;
    t->is_signed = false;
}

static Err tree_grow(ReceiptTree *t)
{
    if (t->cap > UINT32_MAX / 4) return ERR_LIMIT;
    u32 cap = t->cap ? t->cap * 2 : 64;
    void *body = realloc(t->body, (size_t)cap * sizeof *t->body);
    if (!body) return ERR_MEMORY;
    t->body = body;
    void *node = realloc(t->node, ((size_t)cap * 2 + LEVELS_MAX) * sizeof *t->node);
    if (!node) return ERR_MEMORY;
    t->node = node;
    t->cap = cap;
    return OK;
}

Err receipt_tree_add(ReceiptTree *t, const ReceiptBody *body, u32 *index)
{
    ASSERT(!t->is_signed);
    if (t->count == t->cap) {
        Err err = tree_grow(t);
        if (err) return err;
    }
    body_write(body, t->body[t->count]);
    merkle_leaf((Span){t->body[t->count], BODY_BYTES}, t->node[t->count]);
    *index = t->count++;
    return OK;
}

static void tree_level(ReceiptTree *t)
{
    u32 below = t->start[t->levels - 1], width = t->width[t->levels - 1];
    u32 here = below + width;
    for (u32 i = 0; i + 1 < width; i += 2)
        merkle_node(t->node[below + i], t->node[below + i + 1], t->node[here + i / 2]);
    if (width & 1) memcpy(t->node[here + width / 2], t->node[below + width - 1], SEAL_HASH_BYTES);
    t->start[t->levels] = here;
    t->width[t->levels++] = (width + 1) / 2;
}

Err receipt_tree_sign(ReceiptTree *t, const u8 secret_key[SEAL_SIGN_SECRET_BYTES])
{
    if (!t->count) return ERR_MISSING;
    t->start[0] = 0;
    t->width[0] = t->count;
    t->levels = 1;
    while (t->width[t->levels - 1] > 1)
        tree_level(t);
    u8 message[SIGNED_BYTES];
    receipt_signed(t->count, t->node[t->start[t->levels - 1]], message);
    seal_sign(secret_key, (Span){message, sizeof message}, t->signature);
    t->is_signed = true;
    return OK;
}

void receipt_write(const ReceiptTree *t, u32 index, Buf *out)
{
    ASSERT(t->is_signed && index < t->count);
    buf_put(out, t->body[index], BODY_BYTES);
    buf_u32(out, index);
    buf_u32(out, t->count);
    u32 at = index;
    for (u32 level = 0; level + 1 < t->levels; level++, at /= 2) {
        u32 beside = at ^ 1;
        if (beside < t->width[level])
            buf_put(out, t->node[t->start[level] + beside], SEAL_HASH_BYTES);
    }
    buf_put(out, t->signature, SEAL_SIGNATURE_BYTES);
}

/* The root that leaf and path lead to; false: the path has not the length that the place in the tree asks. */
static bool path_root(u32 index, u32 size, Span path, Hash root)
{
    for (u32 at = index, width = size; width > 1; at /= 2, width = width / 2 + (width & 1)) {
        if ((at ^ 1) >= width) continue;
        if (path.len < SEAL_HASH_BYTES) return false;
        Hash up;
        if (at & 1) merkle_node(path.ptr, root, up);
        else merkle_node(root, path.ptr, up);
        memcpy(root, up, SEAL_HASH_BYTES);
        path = (Span){path.ptr + SEAL_HASH_BYTES, path.len - SEAL_HASH_BYTES};
    }
    return path.len == 0;
}

Err receipt_check(Span receipt, const u8 public_key[SEAL_SIGN_PUBLIC_BYTES], ReceiptBody *body)
{
    if (receipt.len < HEAD_BYTES + SEAL_SIGNATURE_BYTES || receipt.len > RECEIPT_BYTES_MAX)
        return ERR_FORMAT;
    const u8 *p = receipt.ptr;
    u32 index = read_u32(p + BODY_BYTES), size = read_u32(p + BODY_BYTES + 4);
    if (memcmp(p, "INVR\1", 5) || index >= size) return ERR_FORMAT;
    Hash root;
    merkle_leaf((Span){p, BODY_BYTES}, root);
    Span path = {p + HEAD_BYTES, receipt.len - HEAD_BYTES - SEAL_SIGNATURE_BYTES};
    if (!path_root(index, size, path, root)) return ERR_FORMAT;
    u8 message[SIGNED_BYTES];
    receipt_signed(size, root, message);
    if (!seal_verify(public_key, (Span){message, sizeof message}, path.ptr + path.len))
        return ERR_CRYPTO;
    body_read(p, body);
    return OK;
}
