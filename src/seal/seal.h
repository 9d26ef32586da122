/* seal.h - hashes, signatures, passwords, key wraps and receipts. The only room that includes a crypto
 * library (libsodium, OpenSSL's EVP). The byte forms of keys and wraps are shared with
 * web/lib/keys.ts and written down in docs/reference/keys.md. */
#ifndef INVIGIL_SEAL_H
#define INVIGIL_SEAL_H

#include "base/base.h"
#include "base/buf.h"

enum {
    SEAL_HASH_BYTES = 32,
    SEAL_SIGN_PUBLIC_BYTES = 32,
    SEAL_SIGN_SECRET_BYTES = 64,
    SEAL_SIGNATURE_BYTES = 64,
    SEAL_BOX_KEY_BYTES = 32,        /* X25519, public and private */
    SEAL_PASSWORD_TEXT_BYTES = 128, /* "$argon2id$..." with its closing zero */
    SEAL_TOKEN_BYTES = 32,
};

Err seal_init(void)
    MUST_CHECK; /* once, before anything else; ERR_CRYPTO: the library is unusable */
void seal_random(void *out, size_t len);
void seal_wipe(void *p, size_t len);
void seal_sha256(Span in, u8 out[SEAL_HASH_BYTES]);
/* The running digest of records: digest = SHA-256(digest, hash of the next record); 32 zeros before the first. */
void seal_fold(u8 digest[SEAL_HASH_BYTES], const u8 hash[SEAL_HASH_BYTES]);
/* The chain of a stream: SHA-256(before, stream u64 LE, ver u64 LE, event). */
void seal_chain(const u8 before[SEAL_HASH_BYTES], u64 stream, u64 ver, Span event,
                u8 out[SEAL_HASH_BYTES]);

/* ---- passwords (Argon2id, interactive cost; slow on purpose: call on a worker thread) ---- */
Err seal_password_hash(Span password, char out[SEAL_PASSWORD_TEXT_BYTES]) MUST_CHECK;
bool seal_password_fits(Span password, const char *stored);

/* ---- the server's signing key (Ed25519) ---- */
void seal_sign_keys(u8 public_key[SEAL_SIGN_PUBLIC_BYTES], u8 secret_key[SEAL_SIGN_SECRET_BYTES]);
void seal_sign(const u8 secret_key[SEAL_SIGN_SECRET_BYTES], Span message,
               u8 signature[SEAL_SIGNATURE_BYTES]);
bool seal_verify(const u8 public_key[SEAL_SIGN_PUBLIC_BYTES], Span message,
                 const u8 signature[SEAL_SIGNATURE_BYTES]);

/* ---- receipts ----
 * A receipt says: the server had stored this answer durably. All answers of one transaction are
 * leaves of one Merkle tree (RFC 6962 hashing) whose root is signed once.
 * body = "INVR" version u8=1, attempt u64, item u32, rev u32, stored_ms i64, SHA-256(answer) 32, chain
 * hash of the event 32 = 93 bytes; receipt = body, index u32, size u32, path (32 each, lowest first),
 * signature over "invigil receipt v1\n" + size u32 + root. Integers little endian. */
typedef struct ReceiptBody {
    u64 attempt;
    u32 item, rev;
    i64 stored_ms;
    u8 answer_hash[SEAL_HASH_BYTES];
    u8 chain_hash[SEAL_HASH_BYTES];
} ReceiptBody;

typedef struct ReceiptTree ReceiptTree;
ReceiptTree *receipt_tree_open(void); /* reusable; NULL: out of memory */
void receipt_tree_close(ReceiptTree *t);
void receipt_tree_reset(ReceiptTree *t);
/* Adds a leaf; its index comes back. */
Err receipt_tree_add(ReceiptTree *t, const ReceiptBody *body, u32 *index) MUST_CHECK;
/* Builds the tree and signs its root: after the last add, before the first write. */
Err receipt_tree_sign(ReceiptTree *t, const u8 secret_key[SEAL_SIGN_SECRET_BYTES]) MUST_CHECK;
/* Appends the whole receipt of one leaf. */
void receipt_write(const ReceiptTree *t, u32 index, Buf *out);
/* OK: genuine, and *body tells what it says. ERR_FORMAT: no receipt. ERR_CRYPTO: not of this server. */
Err receipt_check(Span receipt, const u8 public_key[SEAL_SIGN_PUBLIC_BYTES],
                  ReceiptBody *body) MUST_CHECK;

/* ---- wraps ----
 * To a public key: ephemeral X25519; key = HKDF-SHA-256(shared secret, salt = ephemeral public ||
 * recipient public, info = "invigil wrap v1"); AES-256-GCM, zero nonce (the key is used once), AAD =
 * `context`. Form: version u8=1, ephemeral public 32, ciphertext with its 16 byte tag.
 * By passphrase: version u8=1, salt 16, ops u32, mem_kib u32, nonce 12, ciphertext+tag; key =
 * Argon2id13(passphrase, salt, ops, mem), AAD = `context`. */
void seal_box_keys(u8 public_key[SEAL_BOX_KEY_BYTES], u8 private_key[SEAL_BOX_KEY_BYTES]);
Err seal_wrap_to(const u8 public_key[SEAL_BOX_KEY_BYTES], Span context, Span secret,
                 Buf *out) MUST_CHECK;
Err seal_unwrap(const u8 private_key[SEAL_BOX_KEY_BYTES], Span context, Span wrapped,
                Buf *out) MUST_CHECK;
Err seal_wrap_passphrase(Span passphrase, Span context, Span secret, Buf *out) MUST_CHECK;
Err seal_unwrap_passphrase(Span passphrase, Span context, Span wrapped, Buf *out) MUST_CHECK;

#endif
