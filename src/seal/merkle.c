#include "seal/merkle.h"

#include <stdlib.h>

void merkle_leaf(Span bytes, u8 out[SEAL_HASH_BYTES])
{
    u8 in[1 + MERKLE_LEAF_BYTES_MAX] = {0x00};
    ASSERT(bytes.len <= MERKLE_LEAF_BYTES_MAX);
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

void merkle_done(Merkle *t)
{
    free(t->node);
    *t = (Merkle){0};
}

void merkle_reset(Merkle *t)
{
    t->count = t->levels = 0;
}

Err merkle_add(Merkle *t, const u8 leaf[SEAL_HASH_BYTES])
{
    ASSERT(!t->levels);
    if (t->count == t->cap) {
        if (t->cap > UINT32_MAX / 4) return ERR_LIMIT;
        u32 cap = t->cap ? t->cap * 2 : 64;
        void *node = realloc(t->node, ((size_t)cap * 2 + MERKLE_LEVELS_MAX) * sizeof *t->node);
        if (!node) return ERR_MEMORY;
        t->node = node;
        t->cap = cap;
    }
    memcpy(t->node[t->count++], leaf, SEAL_HASH_BYTES);
    return OK;
}

static void level_add(Merkle *t)
{
    u32 below = t->start[t->levels - 1], width = t->width[t->levels - 1];
    u32 here = below + width;
    for (u32 i = 0; i + 1 < width; i += 2)
        merkle_node(t->node[below + i], t->node[below + i + 1], t->node[here + i / 2]);
    if (width & 1) memcpy(t->node[here + width / 2], t->node[below + width - 1], SEAL_HASH_BYTES);
    t->start[t->levels] = here;
    t->width[t->levels++] = (width + 1) / 2;
}

void merkle_build(Merkle *t)
{
    ASSERT(t->count);
    t->start[0] = 0;
    t->width[0] = t->count;
    t->levels = 1;
    while (t->width[t->levels - 1] > 1)
        level_add(t);
}

const u8 *merkle_root(const Merkle *t)
{
    ASSERT(t->levels);
    return t->node[t->start[t->levels - 1]];
}

void merkle_path(const Merkle *t, u32 index, Buf *out)
{
    ASSERT(t->levels && index < t->count);
    u32 at = index;
    for (u32 level = 0; level + 1 < t->levels; level++, at /= 2) {
        u32 beside = at ^ 1;
        if (beside < t->width[level])
            buf_put(out, t->node[t->start[level] + beside], SEAL_HASH_BYTES);
    }
}

bool merkle_path_root(u64 index, u64 size, Span path, u8 hash[SEAL_HASH_BYTES])
{
    if (index >= size) return false;
    for (u64 at = index, width = size; width > 1; at /= 2, width = width / 2 + (width & 1)) {
        if ((at ^ 1) >= width) continue;
        if (path.len < SEAL_HASH_BYTES) return false;
        u8 up[SEAL_HASH_BYTES];
        if (at & 1) merkle_node(path.ptr, hash, up);
        else merkle_node(hash, path.ptr, up);
        memcpy(hash, up, SEAL_HASH_BYTES);
        path = (Span){path.ptr + SEAL_HASH_BYTES, path.len - SEAL_HASH_BYTES};
    }
    return path.len == 0;
}
