/* Evidence packs: a good one holds, and each byte that is not as it was is found (E15). */
#include "test/report/pack_kit.h"
#include "test/test.h"

static KitKeys keys, other_keys;

static bool says(Span pack, const KitKeys *k, const char *file, const char *words)
{
    KitSaid s = kit_verify(pack, k);
    bool fine = s.sum.wrong && strstr(s.first, words) && strstr(s.file, file);
    if (!fine) printf("  %llu wrong: %s: %s\n", (unsigned long long)s.sum.wrong, s.file, s.first);
    return fine;
}

TEST("Good packs hold, with records and without, from none to many attempts.")
{
    for (u32 i = 0; i < 40; i++) {
        Buf pack = kit_pack(&keys, i % 14, i * 3, i & 1);
        KitSaid s = kit_verify(buf_view(&pack), &keys);
        if (s.sum.wrong) printf("  %s: %s\n", s.file, s.first);
        CHECK_EQUAL(s.sum.wrong, 0);
        CHECK_EQUAL(s.sum.attempts, i % 14);
        CHECK_EQUAL(s.sum.streams, 2 + i % 14);
        CHECK_EQUAL(s.sum.events, 3 + (5 + i * 3) * (i % 14));
        CHECK_EQUAL(s.sum.records, 5 * (i % 14));
        CHECK_EQUAL(s.sum.gaps, i % 14);
        CHECK_EQUAL(s.sum.has_records, i & 1);
        CHECK_EQUAL(kit_verify(buf_view(&pack), NULL).sum.wrong, 0);
        buf_done(&pack);
    }
}

/* Written once by the kit and never again: packs lie in drawers for years. */
TEST("A pack that was made in the first form holds for ever.")
{
    Buf pack;
    buf_init(&pack, KIT_BYTES_MAX);
    FILE *f = fopen("test/report/golden/form-1.zip", "rb");
    CHECK(f && buf_reserve(&pack, 1 << 16));
    pack.len = fread(pack.ptr, 1, 1 << 16, f);
    fclose(f);
    KitSaid s = kit_verify(buf_view(&pack), &keys);
    if (s.sum.wrong) printf("  %s: %s\n", s.file, s.first);
    CHECK_EQUAL(s.sum.wrong, 0);
    CHECK_EQUAL(s.sum.attempts, 2);
    buf_done(&pack);
}

TEST("A gap is named with its reason.")
{
    Buf pack = kit_pack(&keys, 1, 1, false);
    KitSaid s = kit_verify(buf_view(&pack), &keys);
    CHECK(s.gap.missing && s.gap.first == 3 && s.gap.last == 5);
    CHECK_EQUAL(s.gap.to_ms - s.gap.from_ms, 400);
    CHECK(!strcmp(s.gap.why, "no reason is on record"));
    buf_done(&pack);
}

static void tracks_none(void *ctx, const EvidenceTrack *t)
{
    (void)ctx, (void)t;
}

static void gap_copy(void *ctx, u64 stream, const EvidenceGap *g)
{
    (void)stream;
    *(EvidenceGap *)ctx = *g;
}

static void gap_only(void *ctx, const EvidenceGap *g)
{
    gap_copy(ctx, 0, g);
}

/* Two records of a stream, `apart_ms` from each other, on a device whose clock is an hour behind. */
static EvidenceGap gap_between(u32 second, i64 apart_ms, const Event *a, const Event *b)
{
    Kit k = {.now_ms = 1790000000000};
    Buf index;
    EvidenceGap g = {.why = ""};
    EvidenceRecord r = {.epoch = 1, .at_us = 1789996400000000, .received_ms = 1790000000000};
    buf_init(&index, 4096);
    evidence_record_write(&r, &index);
    r.seq = second;
    r.at_us += (u64)apart_ms * 1000;
    r.received_ms += apart_ms + 77;
    evidence_record_write(&r, &index);
    kit_say(&k, 1, *a);
    k.now_ms = 1790000000000 + apart_ms;
    kit_say(&k, 1, *b);
    EvidenceTracks each = {tracks_none, gap_only, &g};
    CHECK_EQUAL(evidence_tracks(buf_view(&index), buf_view(&k.streams[0].events), &each), OK);
    buf_done(&index);
    kit_done(&k);
    return g;
}

TEST("Reasons are looked up on the server's clock, connection before track.")
{
    Event lost = {.kind = EVT_disconnected, .disconnected = {1, 1790000000500, 0}};
    Event back = {.kind = EVT_connected};
    Event cut = {.kind = EVT_track_lost, .track_lost = {0, 0}};
    Event other = {.kind = EVT_track_lost, .track_lost = {1, 0}};
    Event mended = {.kind = EVT_track_restored};
    EvidenceGap g = gap_between(9, 5000, &lost, &back);
    CHECK(g.missing && g.first == 1 && g.last == 8 && !strcmp(g.why, "no connection"));
    CHECK_EQUAL(g.from_ms, 1790000000000);
    g = gap_between(1, 5000, &cut, &mended);
    CHECK(!g.missing && !strcmp(g.why, "the track was interrupted"));
    g = gap_between(1, 5000, &other, &mended);
    CHECK(!strcmp(g.why, "no reason is on record"));
    CHECK(!strcmp(gap_between(1, 2000, &lost, &back).why, "")); /* no gap */
}

TEST("Another server's pack, or one that somebody signed anew, is not this server's.")
{
    Buf pack = kit_pack(&other_keys, 2, 3, true), again;
    ZipMembers z;
    u64 at;
    CHECK(says(buf_view(&pack), &keys, "manifest.json", "another server's key"));
    CHECK_EQUAL(kit_verify(buf_view(&pack), NULL).sum.wrong, 0); /* it says whose it claims to be */
    CHECK_EQUAL(zip_read(buf_view(&pack), &z, &at), OK);
    buf_init(&again, KIT_BYTES_MAX);
    CHECK(kit_sign(z.list, z.count, &keys, &again)); /* the kit can; so the next test is fair */
    CHECK_EQUAL(kit_verify(buf_view(&again), &keys).sum.wrong, 0);
    zip_members_done(&z);
    buf_done(&pack);
    buf_done(&again);
}

/* Replaces one file of a pack and lets the server itself sign that. */
static bool signed_says(Span pack, const char *name, Span content, const char *file,
                        const char *words)
{
    ZipMembers z;
    u64 at;
    Buf again;
    bool found = false;
    if (zip_read(pack, &z, &at)) return false;
    for (u32 i = 0; i < z.count; i++)
        if (span_equal(z.list[i].name, span_of(name))) {
            z.list[i].content = content;
            found = true;
        }
    buf_init(&again, KIT_BYTES_MAX);
    bool fine = found && kit_sign(z.list, z.count, &keys, &again) &&
                says(buf_view(&again), &keys, file, words);
    zip_members_done(&z);
    buf_done(&again);
    return fine;
}

static Span member(Span pack, const char *name)
{
    ZipMembers z;
    u64 at;
    Span found = SPAN_NONE;
    if (zip_read(pack, &z, &at)) return found;
    for (u32 i = 0; i < z.count; i++)
        if (span_equal(z.list[i].name, span_of(name))) found = z.list[i].content;
    zip_members_done(&z);
    return found;
}

TEST("A server that signs a pack which contradicts itself is found out, too.")
{
    Buf pack = kit_pack(&keys, 2, 3, true), changed;
    Span p = buf_view(&pack);
    const char *events = "streams/attempt-10.events", *index = "media/attempt-10.index";
    Span stored = member(p, events), entries = member(p, index);
    buf_init(&changed, KIT_BYTES_MAX);
    buf_span(&changed, stored);
    changed.ptr[stored.len - 1] ^= 1;
    CHECK(signed_says(p, events, buf_view(&changed), events, "was changed"));
    CHECK(signed_says(p, events, (Span){stored.ptr, stored.len - 1}, events, "no whole event"));
    CHECK(signed_says(p, events, SPAN_NONE, events, "ends with version 0"));
    CHECK(signed_says(p, events, member(p, "streams/attempt-11.events"), events, "was changed"));
    CHECK(signed_says(p, "streams/attempt-10.json", SPAN("[]"), "streams/attempt-10.json",
                      "does not say what the stored bytes say"));
    CHECK(signed_says(p, "media/attempt-10.json", SPAN("[]\n"), "media/attempt-10.json",
                      "does not say"));
    CHECK(signed_says(p, index, (Span){entries.ptr, entries.len - 1}, index, "not whole"));
    CHECK(signed_says(p, index, (Span){entries.ptr, entries.len - EVIDENCE_RECORD_BYTES},
                      "media/attempt-10.records", "behind its last record"));
    CHECK(signed_says(p, "media/attempt-10.records", member(p, "media/attempt-11.records"),
                      "media/attempt-10.records", "not the one that was stored"));
    buf_reset(&changed);
    buf_put(&changed, entries.ptr + EVIDENCE_RECORD_BYTES, EVIDENCE_RECORD_BYTES);
    buf_put(&changed, entries.ptr, EVIDENCE_RECORD_BYTES);
    CHECK(signed_says(p, index, buf_view(&changed), index, "not in order"));
    buf_done(&changed);
    buf_done(&pack);
}

/* ---- mutations ---- */

static u64 state;

static u32 below(u32 end)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (u32)(state >> 33) % end;
}

/* Somewhere in the file: flipped bits, bytes cut out, put in, doubled, moved. */
static void mutate_bytes(Span pack, Buf *out)
{
    size_t at = below((u32)pack.len), len = 1 + below(below(2) ? 8 : 400);
    len = MIN_OF(len, pack.len - at);
    Span head = {pack.ptr, at}, piece = {pack.ptr + at, len};
    Span tail = {piece.ptr + len, pack.len - at - len};
    u32 how = below(6);
    if (how == 1) { /* cut off */
        buf_span(out, head);
        return;
    }
    buf_span(out, head);
    if (how == 0) {
        buf_span(out, piece);
        out->ptr[at + below((u32)len)] ^= (u8)(1 + below(255));
    } else if (how == 3) {
        buf_span(out, piece);
        buf_span(out, piece);
    } else if (how != 2) { /* 2: left out; 4: written over; 5: put in */
        if (how == 5) buf_span(out, piece);
        for (size_t i = 0; i < len; i++)
            buf_u8(out, (u8)below(256));
    }
    buf_span(out, tail);
}

/* Whole files, in a zip that is right in itself: swapped, dropped, doubled, named otherwise, replayed from
 * another pack of the same server, changed inside. */
static void mutate_members(const ZipMembers *z, const ZipMembers *older, Buf *out)
{
    ZipMember list[128];
    Buf changed;
    u32 n = z->count, i = below(n), j = below(n), k = below(older->count);
    memcpy(list, z->list, n * sizeof *list);
    buf_init(&changed, KIT_BYTES_MAX);
    switch (below(7)) {
    case 0:
        list[i] = z->list[j];
        list[j] = z->list[i];
        break;
    case 1: memmove(list + i, list + i + 1, (--n - i) * sizeof *list); break;
    case 2: list[n++] = z->list[i]; break;
    case 3: list[i].name = z->list[j].name; break;
    case 4: list[i].content = z->list[j].content; break;
    case 5: list[below(n)] = older->list[k]; break;
    case 6:
        buf_span(&changed, list[i].content);
        if (changed.len) changed.ptr[below((u32)changed.len)] ^= (u8)(1 + below(255));
        else buf_u8(&changed, 0);
        list[i].content = buf_view(&changed);
        break;
    }
    kit_zip(list, n, out);
    buf_done(&changed);
}

/* As many as the environment asks for; the unit stage takes a few thousand. */
static u32 mutations(void)
{
    const char *asked = getenv("INVIGIL_MUTATIONS");
    return asked ? (u32)strtoul(asked, NULL, 10) : 4000;
}

TEST("Of thousands of mutated packs each is found, with the key and without.")
{
    Buf pack = kit_pack(&keys, 2, 4, true), older = kit_pack(&keys, 2, 3, true), out;
    ZipMembers z, before;
    u64 at;
    u32 same = 0;
    state = 20261128;
    CHECK_EQUAL(zip_read(buf_view(&pack), &z, &at), OK);
    CHECK_EQUAL(zip_read(buf_view(&older), &before, &at), OK);
    buf_init(&out, KIT_BYTES_MAX);
    for (u32 i = 0; i < mutations(); i++) {
        u64 seed = state;
        buf_reset(&out);
        if (below(2)) mutate_bytes(buf_view(&pack), &out);
        else mutate_members(&z, &before, &out);
        CHECK(!out.failed);
        if (span_equal(buf_view(&out), buf_view(&pack))) { /* swapped with itself */
            same++;
            continue;
        }
        KitSaid s = kit_verify(buf_view(&out), i & 1 ? &keys : NULL);
        if (!s.sum.wrong)
            printf("  mutation %u, state %llu, was not found\n", i, (unsigned long long)seed);
        CHECK(s.sum.wrong);
    }
    printf("  %u mutations, %u of them changed nothing\n", mutations(), same);
    zip_members_done(&z);
    zip_members_done(&before);
    buf_done(&out);
    buf_done(&pack);
    buf_done(&older);
}

TEST("Each single bit of a pack counts.")
{
    Buf pack = kit_pack(&keys, 0, 0, false);
    for (size_t i = 0; i < pack.len; i++) {
        u8 bit = (u8)(1 << i % 8);
        pack.ptr[i] ^= bit;
        CHECK(kit_verify(buf_view(&pack), &keys).sum.wrong);
        pack.ptr[i] ^= bit;
    }
    CHECK_EQUAL(kit_verify(buf_view(&pack), &keys).sum.wrong, 0);
    buf_done(&pack);
}

int main(void)
{
    if (seal_init()) return 1;
    keys = kit_keys(1);
    other_keys = kit_keys(2);
    return test_run_all();
}
