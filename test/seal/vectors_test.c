/* Known bytes of every key form, for all who make or read them in another language. The file
 * test/seal/vectors.json is what this program computes from fixed inputs; the browser side's tests read
 * the same file. INVIGIL_WRITE_VECTORS=1 writes it: only for a new form, never to change an old one. */
#include "base/text.h"
#include "seal/internal.h"
#include "seal/media_key.h"
#include "test/test.h"

static const char PATH[] = "test/seal/vectors.json";
static Buf json;

static void put_hex(const char *name, const void *bytes, size_t len)
{
    buf_print(&json, "    \"%s\": \"", name);
    for (size_t i = 0; i < len; i++)
        buf_print(&json, "%02x", ((const u8 *)bytes)[i]);
    buf_text(&json, "\",\n");
}

static void put_buf(const char *name, const Buf *b)
{
    put_hex(name, b->ptr, b->len);
}

static void put_number(const char *name, u64 v)
{
    buf_print(&json, "    \"%s\": %llu,\n", name, (unsigned long long)v);
}

static void put_text(const char *name, const char *text)
{
    buf_print(&json, "    \"%s\": \"%s\",\n", name, text);
}

static void part_begin(const char *name)
{
    buf_print(&json, "  \"%s\": {\n", name);
}

static void part_end(bool last)
{
    json.len -= 2; /* the comma of the last field */
    buf_print(&json, "\n  }%s\n", last ? "" : ",");
}

static void fill(u8 *out, size_t len, u8 first)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (u8)(first + i);
}

typedef struct Identity {
    u8 private_halves[64]; /* X25519, then the Ed25519 seed */
    u8 box_public[32], sign_public[32];
} Identity;

static Identity identity_make(u8 first)
{
    Identity id;
    u8 secret[64];
    fill(id.private_halves, 64, first);
    box_public_from(id.private_halves, id.box_public);
    sign_keys_from(id.private_halves + 32, id.sign_public, secret);
    return id;
}

static void identity_part(void)
{
    Identity id = identity_make(0x10);
    PassphraseCost cost = {.ops = 2, .mem_kib = 1024};
    fill(cost.salt, sizeof cost.salt, 0xa0);
    fill(cost.nonce, sizeof cost.nonce, 0xc0);
    static const char passphrase[] = "gr\xc3\xbcner Tee um vier";
    Buf wrapped;
    buf_init(&wrapped, 1000);
    CHECK_EQUAL(wrap_passphrase_with(&cost, span_of(passphrase), SPAN("invigil identity v1"),
                                     (Span){id.private_halves, 64}, &wrapped),
                OK);
    part_begin("identity");
    put_text("passphrase", passphrase);
    put_text("context", "invigil identity v1");
    put_hex("salt", cost.salt, sizeof cost.salt);
    put_number("ops", cost.ops);
    put_number("memKib", cost.mem_kib);
    put_hex("nonce", cost.nonce, sizeof cost.nonce);
    put_hex("boxPrivate", id.private_halves, 32);
    put_hex("signSeed", id.private_halves + 32, 32);
    put_hex("boxPublic", id.box_public, 32);
    put_hex("signPublic", id.sign_public, 32);
    put_buf("wrapped", &wrapped);
    part_end(false);
    buf_done(&wrapped);
}

static void wrap_part(const char *name, const Identity *to, const Buf *context, Span secret)
{
    u8 ephemeral[32], ephemeral_public[32];
    fill(ephemeral, 32, (u8)(0x30 + secret.ptr[0]));
    box_public_from(ephemeral, ephemeral_public);
    Buf wrapped;
    buf_init(&wrapped, 1000);
    CHECK_EQUAL(wrap_to_with(to->box_public, ephemeral, buf_view(context), secret, &wrapped), OK);
    part_begin(name);
    put_hex("recipientPrivate", to->private_halves, 32);
    put_hex("recipientPublic", to->box_public, 32);
    put_hex("ephemeralPrivate", ephemeral, 32);
    put_hex("ephemeralPublic", ephemeral_public, 32);
    put_buf("context", context);
    put_hex("secret", secret.ptr, secret.len);
    put_buf("wrapped", &wrapped);
    part_end(false);
    buf_done(&wrapped);
}

static void session_part(void)
{
    Identity staff = identity_make(0x10), session = identity_make(0x55);
    Buf context;
    buf_init(&context, 100);
    buf_text(&context, "invigil session key v1");
    buf_put(&context, session.box_public, 32);
    wrap_part("sessionKey", &staff, &context, (Span){session.private_halves, 32});
    buf_done(&context);
}

static const u64 ATTEMPT = 4711, EPOCH = 0x001a2b3c4d5e6f70;

static void media_part(void)
{
    Identity session = identity_make(0x55);
    u8 secret[32], key[32], header[40] = {1, 0, 1, 1};
    fill(secret, 32, 0xe0);
    Buf context, record;
    buf_init(&context, 100);
    buf_init(&record, 1000);
    buf_text(&context, "invigil media key v1");
    buf_u64(&context, ATTEMPT);
    buf_u64(&context, EPOCH);
    wrap_part("mediaKey", &session, &context, (Span){secret, 32});
    static const char plain[] = "one encoded picture";
    write_u32(header + 4, 258);
    write_u64(header + 8, 1763716800000000);
    write_u32(header + 16, 250);
    write_u32(header + 20, (u32)strlen(plain) + 16);
    write_u64(header + 24, EPOCH);
    write_u32(header + 32, 200000);
    CHECK_EQUAL(media_key(secret, EPOCH, 1, key), OK);
    CHECK_EQUAL(media_seal(key, header, span_of(plain), &record), OK);
    part_begin("mediaRecord");
    put_number("attempt", ATTEMPT);
    put_number("epoch", EPOCH);
    put_number("stream", 1);
    put_number("seq", 258);
    put_hex("secret", secret, 32);
    put_hex("key", key, 32);
    put_hex("header", header, sizeof header);
    put_text("plain", plain);
    put_buf("record", &record);
    part_end(false);
    buf_done(&context);
    buf_done(&record);
}

static void receipt_part(void)
{
    u8 seed[32], public_key[32], secret[64];
    fill(seed, 32, 0x70);
    sign_keys_from(seed, public_key, secret);
    ReceiptTree *t = receipt_tree_open();
    CHECK(t);
    ReceiptBody b[5];
    u32 index;
    for (u32 i = 0; i < COUNT_OF(b); i++) {
        char answer[20];
        b[i] = (ReceiptBody){
            .attempt = ATTEMPT + i, .item = 3, .rev = i + 1, .stored_ms = 1763716800123};
        snprintf(answer, sizeof answer, "answer %u", i);
        seal_sha256(span_of(answer), b[i].answer_hash);
        fill(b[i].chain_hash, 32, (u8)(i * 32));
        CHECK_EQUAL(receipt_tree_add(t, &b[i], &index), OK);
    }
    CHECK_EQUAL(receipt_tree_sign(t, secret), OK);
    Buf receipt;
    buf_init(&receipt, 1000);
    receipt_write(t, 3, &receipt);
    part_begin("receipt");
    put_hex("serverPublic", public_key, 32);
    put_number("attempt", b[3].attempt);
    put_number("item", b[3].item);
    put_number("rev", b[3].rev);
    put_number("storedMs", (u64)b[3].stored_ms);
    put_text("answer", "answer 3");
    put_hex("chainHash", b[3].chain_hash, 32);
    put_number("index", 3);
    put_number("size", COUNT_OF(b));
    put_buf("receipt", &receipt);
    part_end(false);
    buf_done(&receipt);
    receipt_tree_close(t);
}

static void chain_part(void)
{
    u8 before[32], hash[32];
    fill(before, 32, 1);
    u64 stream = (u64)2 << 50 | ATTEMPT;
    seal_chain(before, stream, 12, SPAN("event bytes"), hash);
    part_begin("chain");
    put_hex("before", before, 32);
    put_number("stream", stream);
    put_number("ver", 12);
    put_text("event", "event bytes");
    put_hex("hash", hash, 32);
    part_end(true);
}

static void vectors_make(void)
{
    buf_init(&json, 100000);
    buf_text(&json, "{\n");
    identity_part();
    session_part();
    media_part();
    receipt_part();
    chain_part();
    buf_text(&json, "}\n");
    CHECK(!json.failed);
}

TEST("The key forms are byte for byte what test/seal/vectors.json says.")
{
    vectors_make();
    if (getenv("INVIGIL_WRITE_VECTORS")) {
        FILE *f = fopen(PATH, "w");
        CHECK(f);
        CHECK(fwrite(json.ptr, 1, json.len, f) == json.len);
        fclose(f);
    }
    static char stored[100000];
    FILE *f = fopen(PATH, "r");
    if (!f) printf("  %s is not here: run from the project's folder\n", PATH);
    CHECK(f);
    size_t len = fread(stored, 1, sizeof stored, f);
    fclose(f);
    CHECK_EQUAL(len, json.len);
    CHECK(!memcmp(stored, json.ptr, len));
    buf_done(&json);
}

int main(void)
{
    return seal_init() ? 1 : test_run_all();
}
