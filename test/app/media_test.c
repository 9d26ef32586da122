#include "app/media.h"
#include "app/ranges.h"
#include "test/app/hall.h"

enum { EPOCH = 4711, KEY = 1 };

static u32 stored, stored_late;
static Err store_answer;

static Err store(void *ctx, u64 session, u64 attempt, const MediaHeader *h, bool late, Span record)
{
    (void)ctx, (void)session, (void)attempt, (void)h, (void)record;
    if (store_answer) return store_answer;
    stored++;
    stored_late += late;
    return OK;
}

static Span record_of(u8 kind, u8 stream, u8 flags, u32 seq, u32 key_seq)
{
    static u8 bytes[8][MEDIA_HEADER_BYTES + 32];
    static u32 next;
    Buf b;
    buf_init(&b, 256);
    buf_u8(&b, 1);
    buf_u8(&b, kind);
    buf_u8(&b, stream);
    buf_u8(&b, flags);
    buf_u32(&b, seq);
    buf_u64(&b, 1000);
    buf_u32(&b, key_seq);
    buf_u32(&b, 32);
    buf_u64(&b, EPOCH);
    buf_u32(&b, 100000);
    buf_u32(&b, 0);
    for (int i = 0; i < 32; i++)
        buf_u8(&b, (u8)i);
    u8 *out = bytes[next++ % 8];
    memcpy(out, b.ptr, b.len);
    buf_done(&b);
    return (Span){out, MEDIA_HEADER_BYTES + 32};
}

static Span frame(u8 stream, u32 seq, bool key)
{
    return record_of(0, stream, key ? KEY : 0, seq, key ? seq : 0);
}

/* The device's end: counts what it is told. */
typedef struct Device {
    u32 acks, haves, wants, refusals;
    Msg_want want;
    u32 upto;
} Device;

static bool device_send(void *ctx, bool is_media, Span message)
{
    Device *d = ctx;
    Message m;
    CHECK(!is_media);
    CHECK_EQUAL(message_decode(message, &m), OK);
    d->acks += m.kind == MSG_record_ack;
    d->refusals += m.kind == MSG_refused;
    if (m.kind == MSG_media_have) {
        d->haves++;
        d->upto = m.media_have.upto_seq;
    }
    if (m.kind == MSG_want) {
        d->wants++;
        d->want = m.want;
    }
    return true;
}

/* A viewer's end; a slow one takes no media. */
typedef struct Eye {
    u32 pictures;
    u32 last_seq;
    bool slow;
} Eye;

static bool eye_send(void *ctx, bool is_media, Span message)
{
    Eye *eye = ctx;
    Message m;
    MediaHeader h;
    CHECK_EQUAL(message_decode(message, &m), OK);
    if (m.kind != MSG_media) return true;
    CHECK_EQUAL(media_parse(m.media.record, &h), OK);
    if (is_media && eye->slow) return false;
    eye->pictures++;
    eye->last_seq = h.seq;
    return true;
}

typedef struct Studio {
    Hall *h;
    Media *m;
    u64 attempt;
    Device device;
    MediaSource *source;
} Studio;

static Studio *studio_open(void)
{
    static Studio s;
    s = (Studio){.h = hall_open()};
    stored = stored_late = 0;
    store_answer = OK;
    s.attempt = hall_join(s.h, "Ada", true);
    MediaPorts ports = {.engine = s.h->engine, .store = store};
    s.m = media_open(&ports);
    CHECK(s.m);
    s.source = media_source_open(s.m, s.attempt, device_send, &s.device);
    CHECK(s.source);
    return &s;
}

static void studio_close(Studio *s)
{
    media_source_close(s->source);
    media_close(s->m);
    hall_close(s->h);
}

static void watch(MediaViewer *v, u64 attempt, u8 low, u8 full)
{
    Buf b;
    buf_init(&b, 64);
    buf_u64(&b, attempt);
    buf_u8(&b, low);
    buf_u8(&b, full);
    media_viewer_watch(v, buf_view(&b));
    buf_done(&b);
}

TEST("Only whole, well formed records are taken.")
{
    Studio *s = studio_open();
    u8 bytes[MEDIA_HEADER_BYTES + 32];
    MediaHeader h;
    Span good = frame(0, 0, true);
    CHECK_EQUAL(media_parse(good, &h), OK);
    CHECK_EQUAL(media_parse((Span){good.ptr, good.len - 1}, &h), ERR_FORMAT);
    for (size_t i = 0; i < MEDIA_HEADER_BYTES;
         i++) { /* version, stream, lengths, the zero at the end */
        memcpy(bytes, good.ptr, sizeof bytes);
        bytes[i] ^= 0x80;
        bool matters = i == 0 || i == 1 || i == 2 || (i >= 20 && i < 24) || i >= 36 || i == 31 ||
                       i == 30 || (i >= 16 && i < 20);
        if (matters) CHECK_EQUAL(media_parse((Span){bytes, sizeof bytes}, &h), ERR_FORMAT);
    }
    media_source_record(s->source, 1, (Span){bytes, 10}, 0);
    CHECK(s->device.refusals == 1 && stored == 0);
    studio_close(s);
}

TEST("A record is stored once, however often it is sent, also out of order.")
{
    Studio *s = studio_open();
    media_source_record(s->source, 1, frame(0, 0, true), 0);
    media_source_record(s->source, 1, frame(0, 3, true), 0); /* live goes on after an outage */
    media_source_record(s->source, 0x83, frame(0, 1, false), 0);
    media_source_record(s->source, 0x83, frame(0, 1, false), 0);
    media_source_record(s->source, 0x83, frame(0, 2, false), 0);
    media_source_record(s->source, 1, frame(0, 3, true), 0);
    CHECK(stored == 4 && stored_late == 2);
    CHECK_EQUAL(s->device.acks, 6);
    media_durable(s->m, s->attempt, EPOCH, 0, 0);
    CHECK_EQUAL(s->device.upto, 0);
    media_durable(s->m, s->attempt, EPOCH, 0, 3);
    CHECK_EQUAL(s->device.upto, 0);
    media_durable(s->m, s->attempt, EPOCH, 0, 1);
    media_durable(s->m, s->attempt, EPOCH, 0, 2);
    CHECK_EQUAL(s->device.upto, 3);
    studio_close(s);
}

TEST("What the packs hold already is not stored again after a restart.")
{
    Studio *s = studio_open();
    for (u32 i = 0; i < 5; i++)
        media_have(s->m, s->attempt, EPOCH, 0, i);
    media_source_hello(s->source, EPOCH);
    CHECK(s->device.haves == 1 && s->device.upto == 4);
    media_source_record(s->source, 1, frame(0, 4, false), 0);
    CHECK_EQUAL(stored, 0);
    media_source_record(s->source, 1, frame(0, 5, false), 0);
    CHECK_EQUAL(stored, 1);
    studio_close(s);
}

TEST("When the disk is busy or full the device is told, and may send again.")
{
    Studio *s = studio_open();
    store_answer = ERR_BUSY;
    media_source_record(s->source, 1, frame(0, 0, true), 0);
    CHECK(s->device.refusals == 1 && s->device.acks == 0);
    store_answer = OK;
    media_source_record(s->source, 1, frame(0, 0, true), 0);
    CHECK(stored == 1 && s->device.acks == 1);
    studio_close(s);
}

TEST("A viewer gets what it asked for, from the last key frame on, live and not late.")
{
    Studio *s = studio_open();
    Eye eye = {0};
    media_source_record(s->source, 1, frame(0, 0, true), 0);
    media_source_record(s->source, 1, frame(0, 1, false), 0);
    MediaViewer *v = media_viewer_open(s->m, PROCTOR_ID, eye_send, &eye);
    watch(v, s->attempt, 0, 1);
    CHECK(eye.pictures == 2 && eye.last_seq == 1);
    CHECK(s->device.want.streams_full == 1 && s->device.want.watchers == 1);
    media_source_record(s->source, 1, frame(1, 0, true), 0); /* the screen was not asked for */
    CHECK_EQUAL(eye.pictures, 2);
    media_source_record(s->source, 1, frame(0, 2, false), 0);
    media_source_record(s->source, 0x83, frame(0, 3, false), 0);
    CHECK_EQUAL(eye.pictures, 3);
    watch(v, s->attempt, 2, 0);
    CHECK(s->device.want.streams_full == 0 && s->device.want.streams_low == 2);
    CHECK(s->device.want.key_frames);
    media_viewer_close(v);
    CHECK_EQUAL(s->device.want.watchers, 0);
    studio_close(s);
}

TEST("The pictures of a device that is gone are not shown as live, and not kept.")
{
    Studio *s = studio_open();
    Eye eye = {0};
    media_source_record(s->source, 1, frame(0, 0, true), 0);
    media_source_close(s->source);
    MediaViewer *v = media_viewer_open(s->m, PROCTOR_ID, eye_send, &eye);
    watch(v, s->attempt, 0, 1);
    CHECK_EQUAL(eye.pictures, 0);
    s->source = media_source_open(s->m, s->attempt, device_send, &s->device);
    CHECK(s->device.want.key_frames && s->device.want.streams_full == 1);
    media_source_record(s->source, 1, frame(0, 1, true), 0);
    CHECK_EQUAL(eye.pictures, 1);
    media_viewer_close(v);
    studio_close(s);
}

TEST("Keys that were never used cost nothing, and one candidate has so many of them at most.")
{
    Studio *s = studio_open();
    for (u64 id = 1; id <= 2 * MEDIA_EPOCHS_MAX; id++)
        media_source_hello(s->source, EPOCH + id);
    for (u64 id = 1; id <= MEDIA_EPOCHS_MAX; id++) {
        Span record = frame(0, 0, true);
        ((u8 *)(uintptr_t)record.ptr)[29] = (u8)id; /* its key's number */
        ((u8 *)(uintptr_t)record.ptr)[30] = (u8)(id >> 8);
        media_source_record(s->source, 1, record, 0);
    }
    CHECK(stored == MEDIA_EPOCHS_MAX && s->device.refusals == 0);
    media_source_record(s->source, 1, frame(0, 0, true), 0);
    CHECK(stored == MEDIA_EPOCHS_MAX && s->device.refusals == 1);
    studio_close(s);
}

static Span sound(u8 stream, u32 seq)
{
    enum { KIND_AUDIO = 1 };
    Span record = frame(stream, seq, true);
    ((u8 *)(uintptr_t)record.ptr)[1] = KIND_AUDIO;
    return record;
}

TEST("Sound comes to whoever asks for it, the loudness alone or all of it, and to nobody else.")
{
    enum { MICROPHONE = 9, LEVELS = STREAM_LOW + MICROPHONE, SOUND_BIT = 0x80 };
    Studio *s = studio_open();
    Eye eye = {0};
    MediaViewer *v = media_viewer_open(s->m, PROCTOR_ID, eye_send, &eye);
    watch(v, s->attempt, 3, 7);
    media_source_record(s->source, 0, sound(MICROPHONE, 0), 0);
    media_source_record(s->source, 0, sound(LEVELS, 0), 0);
    CHECK_EQUAL(eye.pictures, 0);
    watch(v, s->attempt, SOUND_BIT, 0);
    media_source_record(s->source, 0, sound(MICROPHONE, 1), 0);
    media_source_record(s->source, 0, sound(LEVELS, 1), 0);
    CHECK_EQUAL(eye.pictures, 1);
    watch(v, s->attempt, 0, SOUND_BIT);
    CHECK(s->device.want.streams_full == SOUND_BIT && s->device.want.streams_low == 0);
    media_source_record(s->source, 0, sound(MICROPHONE, 2), 0);
    CHECK_EQUAL(eye.pictures, 2);
    media_viewer_close(v);
    studio_close(s);
}

TEST("A slow viewer loses pictures up to the next key frame, and its neighbour none.")
{
    Studio *s = studio_open();
    Eye slow = {0}, quick = {0};
    MediaViewer *a = media_viewer_open(s->m, PROCTOR_ID, eye_send, &slow);
    MediaViewer *b = media_viewer_open(s->m, OTHER_ID, eye_send, &quick);
    watch(a, s->attempt, 0, 1);
    watch(b, s->attempt, 0, 1);
    CHECK_EQUAL(s->device.want.watchers, 2);
    media_source_record(s->source, 1, frame(0, 0, true), 0);
    slow.slow = true;
    media_source_record(s->source, 1, frame(0, 1, false), 0);
    slow.slow = false;
    media_source_record(s->source, 1, frame(0, 2, false), 0);
    CHECK(slow.last_seq == 0 && quick.last_seq == 2);
    media_source_record(s->source, 1, frame(0, 3, true), 0);
    CHECK(slow.last_seq == 3 && quick.pictures == 4);
    media_viewer_close(a);
    media_viewer_close(b);
    studio_close(s);
}

TEST("A set of numbers knows its holes, and refuses too many of them.")
{
    Ranges r = {0};
    for (u32 i = 0; i < 200; i += 2) {
        Err err = ranges_add(&r, i);
        CHECK_EQUAL(err, i / 2 < RANGES_MAX ? OK : ERR_LIMIT);
    }
    CHECK(ranges_has(&r, 4) && !ranges_has(&r, 5));
    CHECK_EQUAL(ranges_complete(&r), 1);
    for (u32 i = 1; i < 20; i += 2)
        CHECK_EQUAL(ranges_add(&r, i), OK);
    CHECK_EQUAL(ranges_complete(&r), 21);
    CHECK_EQUAL(ranges_add(&r, 7), OK);
    ranges_done(&r);
    CHECK_EQUAL(ranges_add(&r, 5), OK);
    CHECK_EQUAL(ranges_complete(&r), 0);
    ranges_done(&r);
}

TEST_MAIN()
