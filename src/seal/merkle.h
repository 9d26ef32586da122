/* merkle.h - trees of hashes as in RFC 6962: one hash speaks for all leaves, and a path of few hashes
 * shows that a leaf is one of them.
 *
 * RFC 6962 splits n leaves at the largest power of two below n. That is the same as pairing each level
 * from the left and carrying a last odd node up unchanged, which is how the levels are kept here. */
#ifndef INVIGIL_MERKLE_H
#define INVIGIL_MERKLE_H

#include "seal/seal.h"

enum { MERKLE_LEAF_BYTES_MAX = 128, MERKLE_LEVELS_MAX = 33 };

/* A leaf is SHA-256(0x00, bytes), a node SHA-256(0x01, left, right). */
void merkle_leaf(Span bytes, u8 out[SEAL_HASH_BYTES]);
void merkle_node(const u8 left[SEAL_HASH_BYTES], const u8 right[SEAL_HASH_BYTES],
                 u8 out[SEAL_HASH_BYTES]);

/* Zeroed is empty. Add all leaves, build, then ask. */
typedef struct Merkle {
    u8 (*node)[SEAL_HASH_BYTES]; /* level 0, then level 1 ...; fewer than 2n + 33 for n leaves */
    u32 count, cap;
    u32 start[MERKLE_LEVELS_MAX], width[MERKLE_LEVELS_MAX], levels;
} Merkle;

void merkle_done(Merkle *t);
void merkle_reset(Merkle *t); /* empties, keeps the memory */
Err merkle_add(Merkle *t, const u8 leaf[SEAL_HASH_BYTES]) MUST_CHECK;
void merkle_build(Merkle *t); /* one leaf at least */
const u8 *merkle_root(const Merkle *t);
/* Appends the hashes beside the way from a leaf to the root, lowest first. */
void merkle_path(const Merkle *t, u32 index, Buf *out);

/* Turns the hash of a leaf into the root that its path leads to. False: the path has not the length that
 * this place in a tree of this size asks for. */
bool merkle_path_root(u64 index, u64 size, Span path, u8 hash[SEAL_HASH_BYTES]);

#endif
