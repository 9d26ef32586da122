/* Evidence packs when each allocation fails in turn: a fault is told; a good pack is never called bad, nor a
 * bad one good. */
#include "test/failing.h"
#include "test/report/pack_kit.h"
#include "test/test.h"

static KitKeys keys;

static Err verify_under(Span pack, EvidenceSum *sum)
{
    KitSaid said = {.first = ""};
    EvidenceWatch watch = {kit_wrong, kit_gap, &said};
    return evidence_verify(pack, keys.public_key, &watch, sum);
}

TEST("Verifying a good pack says that memory ran out, or that it holds.")
{
    Buf pack = kit_pack(&keys, 3, 5, true);
    EvidenceSum sum;
    long n = 1;
    for (; failing_from(n); n++) {
        Err err = verify_under(buf_view(&pack), &sum);
        if (failing_hit) CHECK_EQUAL(err, ERR_MEMORY);
        else CHECK_EQUAL(err, OK);
        CHECK_EQUAL(sum.wrong, 0);
    }
    CHECK(n > 8);
    buf_done(&pack);
}

/* One stream of each kind, and a recording. */
static Err make_small(Kit *k, const char *path)
{
    static const u32 wanted[] = {1, 2, 3}; /* of the kit's streams, in the pack's order */
    Merkle tree = {0};
    u8 leaf[SEAL_HASH_BYTES];
    Err err = OK;
    EvidenceMaker *m = evidence_make_open(path);
    if (!m) return ERR_MEMORY;
    for (u32 i = 0; !err && i < COUNT_OF(wanted); i++) {
        const KitStream *s = &k->streams[wanted[i]];
        evidence_leaf(s->stream, s->ver, s->head, leaf);
        err = merkle_add(&tree, leaf);
        if (!err) err = evidence_make_stream(m, s->stream, buf_view(&s->events), i);
    }
    u64 attempt = k->streams[wanted[2]].stream;
    Span events = buf_view(&k->streams[wanted[2]].events);
    EvidenceRecord r = {.epoch = 1, .bytes = 41};
    if (!err) err = evidence_make_media(m, attempt, false);
    if (!err) err = evidence_make_record(m, &r, SPAN("a record that is not in the pack itself"));
    if (!err) err = evidence_make_media_end(m, events);
    if (!err) merkle_build(&tree);
    EvidenceFacts facts = {.program = SPAN("0"),
                           .organization = SPAN(""),
                           .subject = attempt,
                           .last_event = k->seq,
                           .heads = &tree,
                           .sign_secret = keys.secret};
    if (!err) err = evidence_make_end(m, &facts);
    evidence_make_close(m);
    merkle_done(&tree);
    return err;
}

static u64 wrong_in(const char *path)
{
    static u8 bytes[1 << 16];
    EvidenceSum sum;
    FILE *f = fopen(path, "rb");
    size_t n = f ? fread(bytes, 1, sizeof bytes, f) : 0;
    if (f) fclose(f);
    CHECK_EQUAL(verify_under((Span){bytes, n}, &sum), OK);
    return sum.wrong;
}

TEST("Making a pack says that memory ran out, or the pack holds.")
{
    char path[96];
    Kit k;
    long n = 1;
    snprintf(path, sizeof path, "/tmp/invigil-pack-alloc-%d", (int)getpid());
    kit_exam(&k, 1, 2);
    for (; failing_from(n); n++) {
        unlink(path);
        Err err = make_small(&k, path);
        failing_left = 0;
        if (failing_hit) CHECK(err == ERR_MEMORY || err == ERR_LIMIT);
        else CHECK_EQUAL(err, OK);
    }
    CHECK_EQUAL(wrong_in(path), 0);
    CHECK(n > 10);
    unlink(path);
    kit_done(&k);
}

TEST("A file that is there already is not written over.")
{
    char path[96];
    snprintf(path, sizeof path, "/tmp/invigil-pack-there-%d", (int)getpid());
    FILE *f = fopen(path, "wb");
    CHECK(f && fclose(f) == 0);
    CHECK(evidence_make_open(path) == NULL);
    unlink(path);
}

int main(void)
{
    if (seal_init()) return 1;
    keys = kit_keys(1);
    return test_run_all();
}
