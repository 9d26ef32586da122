/* media.h - encrypted media records: in, stored, out to those who watch. Sees only headers.
 *
 * Record (little endian, 40 bytes, then ciphertext with its 16 byte tag):
 *   0 u8 version=1  1 u8 kind (0 video 1 audio 2 still 3 event 4 config 5 call 6 end)  2 u8 stream
 *   3 u8 flags (bit 0 key frame, bit 1 heartbeat, bit 2 discontinuity)
 *   4 u32 seq, gapless from 0 per epoch and stream   8 u64 capture time, us since 1970
 *   16 u32 seq of the key frame that it needs        20 u32 length of what follows the header
 *   24 u64 epoch, random below 2^53 per page load    32 u32 duration us   36 u32 0
 * Streams 0-15 are full tracks (schema/tracks.def), 16 + n the low layer of n, 32 events, 33 stills.
 * The server checks form, order and size, refuses doubles, keeps the last group of pictures of each
 * stream for watchers who join, appends to the pack, relays the same bytes. Late records (sent after
 * an outage) are stored, not relayed. A slow watcher loses video up to the next key frame. */
#ifndef INVIGIL_MEDIA_H
#define INVIGIL_MEDIA_H

#include "app/engine.h"

enum { MEDIA_HEADER_BYTES = 40, STREAM_LOW = 16, STREAM_EVENTS = 32, STREAM_STILLS = 33 };

typedef struct MediaHeader {
    u8 kind, stream, flags;
    u32 seq, key_seq, len, duration_us;
    u64 at_us, epoch;
} MediaHeader;

/* ERR_FORMAT unless the span is exactly one well formed record. */
Err media_parse(Span record, MediaHeader *out) MUST_CHECK;

typedef struct Media Media;
typedef struct MediaSource MediaSource; /* a candidate's connection */
typedef struct MediaViewer MediaViewer; /* a staff connection */

typedef struct MediaPorts {
    const Engine *engine;
    /* Stores; ERR_BUSY: the device shall wait and send again; ERR_FULL: no space, events only. */
    Err (*store)(void *ctx, u64 session, u64 attempt, const MediaHeader *h, bool late, Span record);
    void *ctx;
} MediaPorts;

/* Sends one message; media may be dropped (false). */
typedef bool MediaSend(void *ctx, bool is_media, Span message);

Media *media_open(const MediaPorts *ports);
void media_close(Media *m);
/* At start: what the packs hold already, so that nothing is stored twice. */
void media_have(Media *m, u64 attempt, u64 epoch, u8 stream, u32 seq);

MediaSource *media_source_open(Media *m, u64 attempt, MediaSend *send, void *ctx);
/* The attempt's phone: its own pictures in epochs of its own, and nothing of the other device's. */
MediaSource *media_phone_open(Media *m, u64 attempt, MediaSend *send, void *ctx);
void media_source_close(MediaSource *s);
/* The device names an epoch and asks what is there: answers media_have messages. */
void media_source_hello(MediaSource *s, u64 epoch);
/* One record. Acknowledges with record_ack once it is queued for the disk. A malformed one is
 * answered with `refused` and not stored. */
void media_source_record(MediaSource *s, u8 lane, Span record, i64 now_ms);
/* The packs report: these are durable now. */
void media_durable(Media *m, u64 attempt, u64 epoch, u8 stream, u32 seq);

/* How many records of a stream are durable from number 0 on without a hole. */
u32 media_complete(const Media *m, u64 attempt, u64 epoch, u8 stream);

MediaViewer *media_viewer_open(Media *m, u64 user, MediaSend *send, void *ctx);
void media_viewer_close(MediaViewer *v);
/* Replaces what this viewer watches: u64 attempt, u8 low streams, u8 full streams, repeated; of the bits
 * the last is for all streams of sound (7 and above).
 * The caller has asked who_may for each attempt. Sources are told what is wanted (`want`), and how
 * many people watch. */
void media_viewer_watch(MediaViewer *v, Span wants);
/* This viewer may not see the attempt any more. */
void media_viewer_drop(MediaViewer *v, u64 attempt);
u32 media_watchers(const Media *m, u64 attempt); /* people who see this attempt now */

#endif
