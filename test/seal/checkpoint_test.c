/* Trees of hashes beyond receipts, and signed checkpoints beside foreign ones. */
#include "base/text.h"
#include "seal/checkpoint.h"
#include "seal/internal.h"
#include "seal/merkle.h"
#include "test/test.h"

static u8 public_key[SEAL_SIGN_PUBLIC_BYTES], secret[SEAL_SIGN_SECRET_BYTES];

static void from_base64url(const char *text, u8 *out, size_t size)
{
    size_t len = 0;
    CHECK(text_from_base64url(span_of(text), out, size, &len) && len == size);
}

/* The example of the description of signed notes, with the key that its authors give. */
TEST("A signed note of others is read.")
{
    u8 key[33];
    Span text, name = SPAN("example.com/foo");
    Span note = SPAN("This is an example message.\n\n\xe2\x80\x94 example.com/foo "
                     "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuw"
                     "HjG1Yu72IneyaQM=\n");
    from_base64url("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", key, sizeof key);
    CHECK_EQUAL(key[0], 1); /* Ed25519 */
    CHECK_EQUAL(note_check(note, name, key + 1, &text), OK);
    CHECK_TEXT(text, "This is an example message.\n");
    CHECK_EQUAL(note_check(note, SPAN("example.com/fop"), key + 1, &text), ERR_FORMAT);
    CHECK_EQUAL(note_check(note, name, public_key, &text), ERR_CRYPTO);
}

static void checkpoint_make(Buf *out)
{
    Checkpoint c = {.origin = SPAN("invigil/test/1"), .size = 17};
    memset(c.root, 0xfb, sizeof c.root); /* has + and / in base64 */
    buf_init(out, 4096);
    checkpoint_sign(&c, secret, out);
    CHECK(!out->failed);
}

TEST("A checkpoint says what was signed; each changed bit is found, and nothing may follow.")
{
    Buf text;
    Checkpoint c;
    checkpoint_make(&text);
    CHECK_EQUAL(checkpoint_check(buf_view(&text), public_key, &c), OK);
    CHECK_TEXT(c.origin, "invigil/test/1");
    CHECK(c.size == 17 && c.root[0] == 0xfb && c.root[31] == 0xfb);
    for (size_t bit = 0; bit < text.len * 8; bit++) {
        text.ptr[bit / 8] ^= (u8)(1 << bit % 8);
        CHECK(checkpoint_check(buf_view(&text), public_key, &c) != OK);
        text.ptr[bit / 8] ^= (u8)(1 << bit % 8);
    }
    for (size_t len = 0; len < text.len; len++)
        CHECK(checkpoint_check((Span){text.ptr, len}, public_key, &c) != OK);
    buf_u8(&text, '\n');
    CHECK(checkpoint_check(buf_view(&text), public_key, &c) != OK);
    buf_done(&text);
}

/* The tree hash of RFC 6962, as it is written there. */
static void tree_hash(u8 leaf[][32], u32 n, u8 out[32])
{
    u8 left[32], right[32];
    u32 k = 1;
    if (n == 1) memcpy(out, leaf[0], 32);
    if (n == 1) return;
    while (k * 2 < n)
        k *= 2;
    tree_hash(leaf, k, left);
    tree_hash(leaf + k, n - k, right);
    merkle_node(left, right, out);
}

TEST("Every leaf of trees of 1 to 70 leaves leads to the root of RFC 6962, from its own place "
     "alone.")
{
    static u8 leaf[70][32];
    Merkle t = {0};
    Buf path;
    buf_init(&path, 4096);
    for (u32 size = 1; size <= 70; size++) {
        u8 root[32], hash[32];
        merkle_leaf((Span){(u8 *)&size, sizeof size}, leaf[size - 1]);
        merkle_reset(&t);
        for (u32 i = 0; i < size; i++)
            CHECK_EQUAL(merkle_add(&t, leaf[i]), OK);
        merkle_build(&t);
        tree_hash(leaf, size, root);
        CHECK(!memcmp(merkle_root(&t), root, 32));
        for (u32 i = 0; i < size; i++) {
            buf_reset(&path);
            merkle_path(&t, i, &path);
            memcpy(hash, leaf[i], 32);
            CHECK(merkle_path_root(i, size, buf_view(&path), hash) && !memcmp(hash, root, 32));
            memcpy(hash, leaf[i], 32);
            u32 other = (i + 1) % size;
            bool same =
                merkle_path_root(other, size, buf_view(&path), hash) && !memcmp(hash, root, 32);
            CHECK(!same || other == i);
        }
        CHECK(!merkle_path_root(size, size, SPAN_NONE, hash));
    }
    buf_done(&path);
    merkle_done(&t);
}

/* Of the empty leaf, as in the tests of Certificate Transparency. */
TEST("An empty leaf has the hash that others publish.")
{
    u8 hash[32];
    char text[65];
    merkle_leaf(SPAN(""), hash);
    text_hex((Span){hash, 32}, text, sizeof text);
    CHECK(!strcmp(text, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"));
}

int main(void)
{
    if (seal_init()) return 1;
    seal_sign_keys(public_key, secret);
    return test_run_all();
}
