/* Hashes, passwords, signatures and wraps: known answers of the standards, round trips, wrong keys. */
#include "base/limits.h"
#include "base/text.h"
#include "seal/internal.h"
#include "seal/media_key.h"
#include "test/test.h"

#include <pthread.h>

static bool is_hex(const u8 *bytes, size_t len, const char *hex)
{
    char text[300];
    text_hex((Span){bytes, len}, text, sizeof text);
    bool same = !strcmp(text, hex);
    if (!same) printf("  %s\n  wanted %s\n", text, hex);
    return same;
}

TEST("SHA-256 gives the answers of its standard.")
{
    u8 h[32];
    seal_sha256(SPAN("abc"), h);
    CHECK(is_hex(h, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    seal_sha256(SPAN_NONE, h);
    CHECK(is_hex(h, 32, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
}

static void *hash_often(void *out)
{
    u8 h[32] = {0};
    for (int i = 0; i < 1000; i++)
        seal_sha256((Span){h, 32}, h);
    memcpy(out, h, 32);
    return NULL;
}

TEST("Threads that hash at the same time do not disturb each other.")
{
    pthread_t thread[4];
    u8 h[5][32];
    for (int i = 0; i < 4; i++)
        CHECK_EQUAL(pthread_create(&thread[i], NULL, hash_often, h[i]), 0);
    hash_often(h[4]);
    for (int i = 0; i < 4; i++) {
        CHECK_EQUAL(pthread_join(thread[i], NULL), 0);
        CHECK(!memcmp(h[i], h[4], 32));
    }
}

TEST("HKDF gives the first answer of RFC 5869.")
{
    u8 secret[22], salt[13], info[10], key[32];
    memset(secret, 0x0b, sizeof secret);
    for (u8 i = 0; i < sizeof salt; i++)
        salt[i] = i;
    for (u8 i = 0; i < sizeof info; i++)
        info[i] = (u8)(0xf0 + i);
    CHECK_EQUAL(hkdf((Span){secret, 22}, (Span){salt, 13}, (Span){info, 10}, key), OK);
    CHECK(is_hex(key, 32, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"));
}

TEST("AES-256-GCM gives the known answers for zero keys.")
{
    static const u8 zeros[32];
    Buf out;
    buf_init(&out, 100);
    CHECK_EQUAL(gcm_seal(zeros, zeros, SPAN_NONE, SPAN_NONE, &out), OK);
    CHECK(is_hex(out.ptr, out.len, "530f8afbc74536b9a963b4f1c4cb738b"));
    buf_reset(&out);
    CHECK_EQUAL(gcm_seal(zeros, zeros, SPAN_NONE, (Span){zeros, 16}, &out), OK);
    CHECK(is_hex(out.ptr, out.len,
                 "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"));
    buf_done(&out);
}

TEST("X25519 gives the public key of RFC 7748.")
{
    u8 private_key[32], public_key[32];
    size_t len;
    CHECK(text_from_hex(SPAN("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
                        private_key, 32, &len));
    box_public_from(private_key, public_key);
    CHECK(
        is_hex(public_key, 32, "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
}

TEST("Ed25519 gives the first answer of RFC 8032.")
{
    u8 seed[32], public_key[32], secret[64], signature[64];
    size_t len;
    CHECK(text_from_hex(SPAN("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
                        seed, 32, &len));
    sign_keys_from(seed, public_key, secret);
    CHECK(
        is_hex(public_key, 32, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"));
    seal_sign(secret, SPAN_NONE, signature);
    CHECK(is_hex(signature, 64,
                 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                 "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"));
}

TEST("Each link of a chain depends on the hash before it, the stream, the version and the event.")
{
    u8 before[32] = {0}, other[32] = {1}, base[32], h[32];
    seal_chain(before, 7, 1, SPAN("event"), base);
    u8 flat[32 + 16 + 5] = {0};
    flat[32] = 7;
    flat[40] = 1;
    memcpy(flat + 48, "event", 5);
    seal_sha256((Span){flat, sizeof flat}, h);
    CHECK(!memcmp(h, base, 32));
    seal_chain(other, 7, 1, SPAN("event"), h);
    CHECK(memcmp(h, base, 32));
    seal_chain(before, 8, 1, SPAN("event"), h);
    CHECK(memcmp(h, base, 32));
    seal_chain(before, 7, 2, SPAN("event"), h);
    CHECK(memcmp(h, base, 32));
    seal_chain(before, 7, 1, SPAN("evens"), h);
    CHECK(memcmp(h, base, 32));
}

TEST("A password fits its hash, another does not, and the hash differs each time.")
{
    char a[SEAL_PASSWORD_TEXT_BYTES], b[SEAL_PASSWORD_TEXT_BYTES];
    CHECK_EQUAL(seal_password_hash(SPAN("blue lantern"), a), OK);
    CHECK_EQUAL(seal_password_hash(SPAN("blue lantern"), b), OK);
    CHECK(!strncmp(a, "$argon2id$", 10));
    CHECK(strcmp(a, b));
    CHECK(seal_password_fits(SPAN("blue lantern"), a));
    CHECK(!seal_password_fits(SPAN("blue lanterm"), a));
    CHECK(!seal_password_fits(SPAN("blue lantern "), a));
    CHECK(!seal_password_fits(SPAN_NONE, a));
}

TEST("A stored password that is empty or garbage fits nothing.")
{
    CHECK(!seal_password_fits(SPAN("x"), ""));
    CHECK(!seal_password_fits(SPAN_NONE, ""));
    CHECK(!seal_password_fits(SPAN("x"), "$argon2id$v=19$m=1"));
    char longer[400];
    memset(longer, 'a', sizeof longer);
    longer[399] = 0;
    CHECK(!seal_password_fits(SPAN("x"), longer));
}

TEST("A signature verifies; one flipped bit of it, of the message or of the key does not.")
{
    u8 public_key[32], secret[64], signature[64], message[20] = "stored at noon";
    seal_sign_keys(public_key, secret);
    Span m = {message, sizeof message};
    seal_sign(secret, m, signature);
    CHECK(seal_verify(public_key, m, signature));
    for (size_t i = 0; i < sizeof signature; i++) {
        signature[i] ^= 1;
        CHECK(!seal_verify(public_key, m, signature));
        signature[i] ^= 1;
    }
    message[3] ^= 1;
    CHECK(!seal_verify(public_key, m, signature));
    message[3] ^= 1;
    public_key[0] ^= 1;
    CHECK(!seal_verify(public_key, m, signature));
}

/* ---- wraps ---- */

static const Span SECRET = SPAN("thirty-two bytes of session key!");

TEST("What is wrapped to a key comes back with its private half.")
{
    u8 public_key[32], private_key[32];
    seal_box_keys(public_key, private_key);
    Buf wrapped, out;
    buf_init(&wrapped, 1000);
    buf_init(&out, 1000);
    CHECK_EQUAL(seal_wrap_to(public_key, SPAN("context"), SECRET, &wrapped), OK);
    CHECK_EQUAL(wrapped.len, 1 + 32 + SECRET.len + 16);
    CHECK_EQUAL(seal_unwrap(private_key, SPAN("context"), buf_view(&wrapped), &out), OK);
    CHECK(span_equal(buf_view(&out), SECRET));
    buf_done(&wrapped);
    buf_done(&out);
}

TEST("A wrap opens with no other key, in no other context, and not when anything in it changed.")
{
    u8 public_key[32], private_key[32], other_public[32], other[32];
    seal_box_keys(public_key, private_key);
    seal_box_keys(other_public, other);
    Buf wrapped, out;
    buf_init(&wrapped, 1000);
    buf_init(&out, 1000);
    CHECK_EQUAL(seal_wrap_to(public_key, SPAN("context"), SECRET, &wrapped), OK);
    CHECK_EQUAL(seal_unwrap(other, SPAN("context"), buf_view(&wrapped), &out), ERR_CRYPTO);
    CHECK_EQUAL(seal_unwrap(private_key, SPAN("contexT"), buf_view(&wrapped), &out), ERR_CRYPTO);
    CHECK_EQUAL(seal_unwrap(private_key, SPAN_NONE, buf_view(&wrapped), &out), ERR_CRYPTO);
    for (size_t i = 0; i < wrapped.len; i++) {
        wrapped.ptr[i] ^= 1;
        CHECK(seal_unwrap(private_key, SPAN("context"), buf_view(&wrapped), &out) != OK);
        wrapped.ptr[i] ^= 1;
    }
    for (size_t len = 0; len < wrapped.len; len++)
        CHECK(seal_unwrap(private_key, SPAN("context"), (Span){wrapped.ptr, len}, &out) != OK);
    CHECK_EQUAL(out.len, 0);
    buf_done(&wrapped);
    buf_done(&out);
}

TEST("A public key of small order is refused: everybody would know the shared secret.")
{
    static const u8 zero[32];
    u8 private_key[32], public_key[32], wrap[100] = {1};
    seal_box_keys(public_key, private_key);
    Buf out;
    buf_init(&out, 1000);
    CHECK_EQUAL(seal_wrap_to(zero, SPAN("context"), SECRET, &out), ERR_CRYPTO);
    CHECK_EQUAL(seal_unwrap(private_key, SPAN("context"), (Span){wrap, sizeof wrap}, &out),
                ERR_CRYPTO);
    CHECK_EQUAL(out.len, 0);
    buf_done(&out);
}

static const PassphraseCost CHEAP = {.salt = {1, 2, 3}, .nonce = {4, 5}, .ops = 1, .mem_kib = 64};

TEST("What is wrapped by a passphrase comes back with it, and with nothing else.")
{
    Buf wrapped, out;
    buf_init(&wrapped, 1000);
    buf_init(&out, 1000);
    CHECK_EQUAL(wrap_passphrase_with(&CHEAP, SPAN("over the hill"), SPAN("c"), SECRET, &wrapped),
                OK);
    CHECK_EQUAL(wrapped.len, 1 + 16 + 4 + 4 + 12 + SECRET.len + 16);
    CHECK_EQUAL(seal_unwrap_passphrase(SPAN("over the hill"), SPAN("c"), buf_view(&wrapped), &out),
                OK);
    CHECK(span_equal(buf_view(&out), SECRET));
    buf_reset(&out);
    CHECK_EQUAL(seal_unwrap_passphrase(SPAN("over the Hill"), SPAN("c"), buf_view(&wrapped), &out),
                ERR_CRYPTO);
    CHECK_EQUAL(seal_unwrap_passphrase(SPAN("over the hill"), SPAN("d"), buf_view(&wrapped), &out),
                ERR_CRYPTO);
    for (size_t len = 0; len < wrapped.len; len++)
        CHECK(seal_unwrap_passphrase(SPAN("over the hill"), SPAN("c"), (Span){wrapped.ptr, len},
                                     &out));
    for (size_t i = 0; i < wrapped.len; i++) {
        if (i >= 17 && i < 25) continue; /* the costs: next test */
        wrapped.ptr[i] ^= 1;
        CHECK(seal_unwrap_passphrase(SPAN("over the hill"), SPAN("c"), buf_view(&wrapped), &out));
        wrapped.ptr[i] ^= 1;
    }
    CHECK_EQUAL(out.len, 0);
    buf_done(&wrapped);
    buf_done(&out);
}

TEST("A wrap that asks for absurd work is refused before the work.")
{
    u8 wrap[100] = {1};
    Buf out;
    buf_init(&out, 1000);
    static const u32 costs[][2] = {{0, 64},
                                   {1, 0},
                                   {1, 7},
                                   {UINT32_MAX, 64},
                                   {1, UINT32_MAX},
                                   {WRAP_OPS_MAX + 1, 64},
                                   {1, WRAP_MEM_KIB_MAX + 1}};
    for (size_t i = 0; i < COUNT_OF(costs); i++) {
        write_u32(wrap + 17, costs[i][0]);
        write_u32(wrap + 21, costs[i][1]);
        CHECK_EQUAL(seal_unwrap_passphrase(SPAN("x"), SPAN("c"), (Span){wrap, sizeof wrap}, &out),
                    ERR_FORMAT);
    }
    buf_done(&out);
}

TEST("The standard passphrase wrap names its cost and opens.")
{
    Buf wrapped, out;
    buf_init(&wrapped, 1000);
    buf_init(&out, 1000);
    CHECK_EQUAL(seal_wrap_passphrase(SPAN("p"), SPAN("c"), SECRET, &wrapped), OK);
    CHECK_EQUAL(read_u32(wrapped.ptr + 17), WRAP_OPS);
    CHECK_EQUAL(read_u32(wrapped.ptr + 21), WRAP_MEM_KIB);
    CHECK_EQUAL(seal_unwrap_passphrase(SPAN("p"), SPAN("c"), buf_view(&wrapped), &out), OK);
    CHECK(span_equal(buf_view(&out), SECRET));
    buf_done(&wrapped);
    buf_done(&out);
}

TEST("A wrap that does not fit its buffer leaves nothing behind.")
{
    u8 public_key[32], private_key[32];
    seal_box_keys(public_key, private_key);
    for (size_t limit = 0; limit < 1 + 32 + SECRET.len + 16; limit += 5) {
        Buf out;
        buf_init(&out, limit);
        CHECK(seal_wrap_to(public_key, SPAN("c"), SECRET, &out) != OK);
        CHECK_EQUAL(out.len, 0);
        buf_done(&out);
    }
}

/* ---- media ---- */

TEST("A media record opens with its key; with another stream, epoch, seq or header it does not.")
{
    u8 secret[32] = {9}, key[32], other[32], header[40] = {1, 0, 2, 0, 5};
    CHECK_EQUAL(media_key(secret, 77, 2, key), OK);
    Buf record, out;
    buf_init(&record, 1000);
    buf_init(&out, 1000);
    header[20] = 13 + 16;
    CHECK_EQUAL(media_seal(key, header, SPAN("encoded frame"), &record), OK);
    CHECK_EQUAL(record.len, 40 + 13 + 16);
    CHECK_EQUAL(media_unseal(key, buf_view(&record), &out), OK);
    CHECK_TEXT(buf_view(&out), "encoded frame");
    buf_reset(&out);
    CHECK_EQUAL(media_key(secret, 78, 2, other), OK);
    CHECK_EQUAL(media_unseal(other, buf_view(&record), &out), ERR_CRYPTO);
    CHECK_EQUAL(media_key(secret, 77, 3, other), OK);
    CHECK_EQUAL(media_unseal(other, buf_view(&record), &out), ERR_CRYPTO);
    for (size_t i = 0; i < record.len; i++) {
        record.ptr[i] ^= 1;
        CHECK_EQUAL(media_unseal(key, buf_view(&record), &out), ERR_CRYPTO);
        record.ptr[i] ^= 1;
    }
    for (size_t len = 0; len < record.len; len++)
        CHECK(media_unseal(key, (Span){record.ptr, len}, &out) != OK);
    buf_done(&record);
    buf_done(&out);
}

int main(void)
{
    return seal_init() ? 1 : test_run_all();
}
