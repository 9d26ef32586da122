/* feed.h - numbered streams to whoever watches: what a reconnecting browser missed is sent again, what
 * is too far back starts anew from a snapshot.
 *
 * Two kinds: a stream (one attempt or session, numbered by its versions; candidates follow their own
 * attempt and its session) and a session's feed for staff (rows of all attempts and activity under one
 * running number, rows of one attempt merged to at most 10 a second). A snapshot lies between
 * feed_reset and feed_ready; what is in it carries older numbers. Of another proctor's candidates a watcher
 * gets nothing (who.h) but that the numbers are not for it, or that a candidate is gone. Rows and events are never
 * dropped; a watcher that cannot take them is cut and comes back. Knows no socket: it sends through
 * FeedSend. Loop thread only. */
#ifndef INVIGIL_FEED_H
#define INVIGIL_FEED_H

#include "app/engine.h"

typedef struct Feeds Feeds;
typedef struct Watcher Watcher; /* one connection */

/* Sends one encoded message (wire.def); false: the watcher is gone or cannot take more. */
typedef bool FeedSend(void *ctx, Span message);

Feeds *feeds_open(const Engine *e,
                  u64 feed_id /* random per start, so that numbers are not mixed up */);
void feeds_close(Feeds *f);
Watcher *feed_join(Feeds *f, const Asker *who, FeedSend *send, void *ctx); /* NULL: out of memory */
void feed_leave(Feeds *f, Watcher *w);
/* Start following; who_may has been asked by the caller. Sends what was missed at once. */
void feed_follow_stream(Feeds *f, Watcher *w, u64 stream, u64 seen_ver, bool to_staff);
void feed_follow_session(Feeds *f, Watcher *w, u64 session, u64 feed_id, u64 seen_seq);
/* Somebody had these (u64 each) in sight: tells those who follow the session and see them. */
void feed_looked(Feeds *f, u64 session, u64 user, i64 at_ms, Span attempts);
/* From the engine's callbacks. */
void feed_event(Feeds *f, u64 stream, u64 ver, const Event *e, Span encoded);
void feed_row(Feeds *f, u64 session, const Row *row);
/* Sends merged rows that are due; returns when to be called next, NEVER_MS: when something comes. */
i64 feed_flush(Feeds *f, i64 now_ms);

#endif
