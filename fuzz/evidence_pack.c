/* Evidence packs: one file of a small good pack is replaced by the input. With the server's signature
 * anew, so that the fuzzer gets behind it; or without, and then it must be found. The first byte chooses. */
#include "test/report/pack_kit.h"

static KitKeys keys;
static Buf good;
static ZipMembers members;

static void good_make(void)
{
    u64 at;
    kit_must(!seal_init(), "the crypto library");
    keys = kit_keys(1);
    good = kit_pack(&keys, 1, 1, true);
    kit_must(!zip_read(buf_view(&good), &members, &at), "a good pack");
}

/* What is read as a manifest is written the same; that is checked while it is read. */
static void manifest_take(Span text)
{
    Arena a;
    EvidenceManifest m;
    arena_init(&a, KIT_BYTES_MAX);
    if (evidence_manifest_read(text, &a, &m) == OK) {
        ASSERT(m.file_count <= text.len && m.stream_count <= text.len);
    }
    arena_done(&a);
}

static void replace(u32 i, Span content, bool sign)
{
    ZipMember list[32];
    Buf out;
    ASSERT(members.count <= COUNT_OF(list));
    memcpy(list, members.list, members.count * sizeof *list);
    list[i].content = content;
    buf_init(&out, KIT_BYTES_MAX);
    bool made = !sign || kit_sign(list, members.count, &keys, &out);
    if (!sign) kit_zip(list, members.count, &out);
    if (made) {
        KitSaid s = kit_verify(buf_view(&out), &keys);
        bool same = span_equal(content, members.list[i].content);
        ASSERT(sign || same == (s.sum.wrong == 0));
    }
    buf_done(&out);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len);
int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
    if (!good.len) good_make();
    if (!len) return 0;
    u8 *bytes = malloc(len); /* of exact size, so that reading past it is seen */
    if (!bytes) return 0;
    memcpy(bytes, data + 1, len - 1);
    Span rest = {bytes, len - 1};
    u32 i = data[0] & 0x7f;
    if (i < members.count) replace(i, rest, data[0] & 0x80);
    else if (i == 0x7f) manifest_take(rest);
    else (void)kit_verify(rest, NULL);
    free(bytes);
    return 0;
}
