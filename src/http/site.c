/* Opens the parts of a running server in order, ties them together, closes them in reverse. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "http/inside.h"
#include "http/live.h"
#include "http/note.h"
#include "http/phone.h"
#include "http/room.h"
#include "http/show.h"
#include "http/sign.h"
#include "http/tally.h"

enum { SECOND_MS = 1000 };

u64 site_command_id(void)
{
    u64 id;
    seal_random(&id, sizeof id);
    return (id & (((u64)1 << 53) - 1)) | 1;
}

u64 site_random_below(u64 end)
{
    u64 v, whole = UINT64_MAX - UINT64_MAX % end;
    do {
        seal_random(&v, sizeof v);
    } while (v >= whole);
    return v % end;
}

bool site_data_path(const char *data, const char *file, char *path, size_t path_size, char *why,
                    size_t size)
{
    umask(077);
    if (mkdir(data, 0700) != 0 && errno != EEXIST) {
        snprintf(why, size, "The data directory %s cannot be made: %s.", data, strerror(errno));
        return false;
    }
    int len = snprintf(path, path_size, "%s/%s", data, file);
    if (len > 0 && (size_t)len < path_size) return true;
    snprintf(why, size, "The path of the data directory is too long.");
    return false;
}

/* ---- from the engine and the writers ---- */

static void on_event(void *ctx, u64 stream, u64 ver, const Event *e, Span encoded)
{
    Site *s = ctx;
    feed_event(s->feeds, stream, ver, e, encoded);
    if (e->kind == EVT_takeover_asked || e->kind == EVT_takeover_decided)
        live_takeover(s, stream_object(stream), e);
    if (stream_kind(stream) == STREAM_ATTEMPT) phone_hears(s, stream_object(stream));
    if (e->kind == EVT_session_ended) tally_session_over(s->tally, stream_object(stream));
    if (e->kind == EVT_handed_over) live_handed_over(s, stream_object(stream));
    if (stream_kind(stream) == STREAM_ATTEMPT) lines_event(s->lines, stream_object(stream), e);
    /* Whose rights are others from now on comes back and asks again what there is to see. */
    if (e->kind == EVT_unassigned) live_close_user(s, e->unassigned.user);
    if (e->kind == EVT_assigned) live_close_user(s, e->assigned.user);
}

static void on_row(void *ctx, u64 session, const Row *row)
{
    Site *s = ctx;
    feed_row(s->feeds, session, row);
}

static void timer_at(Timer *t, i64 at_ms, i64 now_ms)
{
    if (at_ms == NEVER_MS) timer_stop(t);
    else timer_start(t, MAX_OF(at_ms - now_ms, 1), 0);
}

static bool site_quiet(const Site *s)
{
    Err fault;
    bool stored = writer_durable(s->writer, &fault) >= engine_submitted(s->engine);
    return s->drained && !tally_busy(s->tally) && ((stored && !s->calls_open) || fault != OK);
}

static void log_faulted(Site *s, Err fault)
{
    if (fault == s->log_fault) return;
    s->log_fault = fault;
    if (fault == OK) note(NOTE_INFO, "log_writes_again", "%s", "");
    else note(NOTE_ERROR, fault == ERR_FULL ? "disk_full" : "log_failed", "err=%d", (int)fault);
    /* After a failed write the file must not be trusted: a restart replays what is durable. */
    if (fault == ERR_IO) abort();
}

static void tell_written(Site *s)
{
    Err fault = OK;
    u64 batch = writer_durable(s->writer, &fault);
    engine_durable(s->engine, batch, site_now_ms(s));
    log_faulted(s, fault);
}

static void on_written(void *ctx)
{
    Site *s = ctx;
    loop_collect(s->loop); /* what is told of a batch leaves together */
    tell_written(s);
    loop_release(s->loop);
    room_look(s);
}

static bool turn_once(Site *s, i64 now_ms)
{
    loop_collect(s->loop);
    bool decided = engine_turn(s->engine, now_ms);
    if (decided)
        tell_written(s); /* where many commands wait, the first must not wait for the last */
    loop_release(s->loop);
    return decided;
}

void site_look(Site *s)
{
    i64 now_ms = site_now_ms(s), away_ms = now_ms - s->ran_ms, ran_ms = s->ran_ms;
    s->ran_ms = now_ms;
    /* The loop runs once a second even when nothing comes. */
    if (!ran_ms || away_ms <= MAX_OF(s->disconnected_ms, (i64)2 * SECOND_MS)) return;
    note(NOTE_ERROR, "stood_still", "ms=%lld", (long long)away_ms);
    live_stood_still(s, ran_ms, now_ms);
}

static void on_turn(void *ctx, i64 now_ms)
{
    Site *s = ctx;
    site_look(s);
    while (turn_once(s, now_ms)) {
    }
    loop_collect(s->loop);
    i64 feed_ms = feed_flush(s->feeds, now_ms);
    loop_release(s->loop);
    if (engine_broken(s->engine)) { /* what is durable is sound: a restart replays it */
        note(NOTE_ERROR, "engine_broken", "%s", "out of memory in the middle of a decision");
        abort();
    }
    timer_at(s->engine_timer, engine_wake_ms(s->engine), now_ms);
    timer_at(s->feed_timer, feed_ms, now_ms);
    if (site_quiet(s)) loop_stop(s->loop);
}

static void on_timer(void *ctx)
{
    (void)ctx; /* the turn that follows does the work */
}

static void on_packed(void *ctx)
{
    Site *s = ctx;
    PackEntry entries[256];
    u32 n;
    while ((n = packs_take_durable(s->packs, entries, COUNT_OF(entries))) > 0) {
        for (u32 i = 0; i < n; i++) {
            media_durable(s->media, entries[i].attempt, entries[i].epoch, entries[i].stream,
                          entries[i].seq);
            tally_durable(s->tally, &entries[i]);
        }
    }
}

static void wake_written(void *ctx)
{
    Site *s = ctx;
    loop_wake(s->written);
}

static void wake_packed(void *ctx)
{
    Site *s = ctx;
    loop_wake(s->packed);
}

static Err store_record(void *ctx, u64 session, u64 attempt, const MediaHeader *h, bool late,
                        Span record)
{
    Site *s = ctx;
    PackEntry e = {.attempt = attempt,
                   .epoch = h->epoch,
                   .at_us = h->at_us,
                   .seq = h->seq,
                   .key_seq = h->key_seq,
                   .bytes = (u32)record.len,
                   .stream = h->stream,
                   .kind = h->kind,
                   .flags = h->flags,
                   .late = late,
                   .received_ms = site_now_ms(s)};
    return packs_append(s->packs, session, &e, record);
}

static void on_second(void *ctx)
{
    Site *s = ctx;
    i64 now_ms = site_now_ms(s);
    site_look(s);
    live_sweep(s, now_ms);
    lines_flush(s->lines, live_tell_place, s);
    room_look(s);
    if (now_ms < s->purge_ms) return;
    s->purge_ms = now_ms + SIGNIN_PURGE_MS;
    if (signin_purge(s->people, now_ms) != OK) note(NOTE_ERROR, "purge_failed", "%s", "");
}

/* ---- stopping ---- */

static void on_drained(void *ctx)
{
    Site *s = ctx;
    s->drained = true; /* the turn that follows stops the loop as soon as all is stored */
}

static void site_drain(void *ctx)
{
    Site *s = ctx;
    if (s->stopping) return;
    s->stopping = true;
    note(NOTE_INFO, "stopping", "sockets=%u", s->live_count);
    live_say_closing(s);
    server_drain(s->server, DRAIN_MS, on_drained, s);
}

static void on_signal(void *ctx, int signal)
{
    Site *s = ctx;
    note(NOTE_INFO, "signal", "number=%d", signal);
    site_drain(s);
}

void site_stop(Site *s)
{
    loop_wake(s->asked_to_stop);
}

/* ---- opening ---- */

static bool open_facts(Site *s, char *why, size_t size)
{
    Arena a;
    Span secret, name;
    arena_init(&a, 65536);
    Err err = fact_get(s->people, "sign_secret", &a, &secret);
    if (err == ERR_MISSING) {
        seal_sign_keys(s->sign_public, s->sign_secret);
        err = fact_set(s->people, "sign_secret", (Span){s->sign_secret, sizeof s->sign_secret});
        if (err == OK) {
            err = fact_set(s->people, "sign_public", (Span){s->sign_public, sizeof s->sign_public});
        }
    } else if (err == OK && secret.len == sizeof s->sign_secret) {
        /* An Ed25519 secret ends with its public half. */
        memcpy(s->sign_secret, secret.ptr, secret.len);
        memcpy(s->sign_public, secret.ptr + secret.len - sizeof s->sign_public,
               sizeof s->sign_public);
    } else if (err == OK) {
        err = ERR_BROKEN;
    }
    bool named = fact_get(s->people, "organization", &a, &name) == OK;
    snprintf(s->organization, sizeof s->organization, "%.*s", named ? (int)name.len : 0,
             named ? (const char *)name.ptr : "");
    bool helped = fact_get(s->people, "support", &a, &name) == OK;
    snprintf(s->support, sizeof s->support, "%.*s", helped ? (int)name.len : 0,
             helped ? (const char *)name.ptr : "");
    arena_done(&a);
    if (err != OK)
        snprintf(why, size, "The server's signing key cannot be read: %s.", err_text(err));
    return err == OK;
}

static bool open_store(Site *s, const SiteOptions *o, char *why, size_t size)
{
    char path[4096];
    if (!site_data_path(o->data, "log.db", path, sizeof path, why, size)) return false;
    s->log = log_open(path, &(LogOptions){0}, why, size);
    if (!s->log || !site_data_path(o->data, "people.db", path, sizeof path, why, size))
        return false;
    s->people = people_open(path, why, size);
    if (!s->people || !open_facts(s, why, size)) return false;
    s->sign_desk = sign_desk_open(s->loop, path, why, size);
    if (!s->sign_desk) return false;
    if (!site_data_path(o->data, "evidence", path, sizeof path, why, size)) return false;
    s->packs = packs_open(path, wake_packed, s, why, size);
    if (!s->packs) return false;
    s->ballast = ballast_open(o->data);
    s->writer = s->ballast ? writer_open(s->log, wake_written, s) : NULL;
    if (s->writer) writer_keep(s->writer, s->ballast);
    else snprintf(why, size, "The log's writer thread cannot be started.");
    return s->writer != NULL;
}

static Err entry_found(void *ctx, u64 session, const PackEntry *e)
{
    Site *s = ctx;
    media_have(s->media, e->attempt, e->epoch, e->stream, e->seq);
    tally_found(s->tally, session, e);
    return OK;
}

static void note_set_aside(const Engine *e)
{
    SetAside aside[16]; /* `invigil check` names them all */
    u32 n = engine_set_aside(e, aside, COUNT_OF(aside));
    for (u32 i = 0; i < MIN_OF(n, COUNT_OF(aside)); i++)
        note(NOTE_ERROR, "attempt_set_aside", "attempt=%llu version=%llu why=\"%s\" of=%u",
             (unsigned long long)aside[i].attempt, (unsigned long long)aside[i].ver, aside[i].why,
             n);
}

static bool open_engine(Site *s, char *why, size_t size)
{
    EnginePorts ports = {.log = writer_port(s->writer),
                         .sign_secret = s->sign_secret,
                         .on_event = on_event,
                         .on_row = on_row,
                         .ctx = s};
    s->engine = engine_open(&ports);
    s->feeds = s->engine ? feeds_open(s->engine, site_command_id()) : NULL;
    MediaPorts media = {.engine = s->engine, .store = store_record, .ctx = s};
    s->media = s->feeds ? media_open(&media) : NULL;
    s->lines = s->media ? lines_open(s->engine) : NULL;
    char name[BOOT_NAME_SIZE];
    Boot boot = {.version = SPAN(INVIGIL_VERSION), .ms = loop_boot_ms(name)};
    boot.name = span_of(name);
    i64 now_ms = site_now_ms(s);
    Err err = s->lines ? engine_replay(s->engine, now_ms, &boot) : ERR_MEMORY;
    if (err == OK) loop_set_now(s->loop, engine_now_ms(s->engine));
    if (err == OK) err = packs_scan(s->packs, entry_found, s);
    if (err == OK) note_set_aside(s->engine);
    if (err == OK) return true;
    snprintf(why, size, "The log cannot be replayed: %s. `invigil check` says where.",
             err_text(err));
    return false;
}

static bool open_loop(Site *s, char *why, size_t size)
{
    s->loop = loop_open();
    if (s->loop) {
        s->written = loop_wake_open(s->loop, on_written, s);
        s->packed = loop_wake_open(s->loop, on_packed, s);
        s->asked_to_stop = loop_wake_open(s->loop, site_drain, s);
        s->engine_timer = timer_open(s->loop, on_timer, s);
        s->feed_timer = timer_open(s->loop, on_timer, s);
        s->second_timer = timer_open(s->loop, on_second, s);
    }
    bool fine = s->loop && s->written && s->packed && s->asked_to_stop && s->engine_timer &&
                s->feed_timer && s->second_timer;
    if (!fine) snprintf(why, size, "Out of memory or file descriptors.");
    return fine;
}

/* A hash that no password has: compared with when the account does not exist, so that the answer takes
 * as long. Its cost parameters are those of real ones. */
static void make_nobody(Site *s)
{
    static const char hash[] = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    memcpy(s->nobody_password, hash, sizeof hash);
}

static bool open_small(Site *s, const SiteOptions *o, char *why, size_t size)
{
    buf_init(&s->live_out, (size_t)EVENT_BYTES_MAX + 4096);
    s->web_root = o->web_root;
    s->data = o->data;
    s->public_url = o->public_url;
    s->disconnected_ms = o->disconnected_ms ? o->disconnected_ms : DISCONNECTED_AFTER_MS;
    s->throttle = throttle_open(SIGNIN_WINDOW_MS);
    s->imports = imports_open(o->import_age_ms ? o->import_age_ms : IMPORT_AGE_MS);
    s->papers = paper_cache_open();
    make_nobody(s);
    s->tally = tally_open(s);
    bool fine = s->throttle && s->imports && s->papers && s->tally;
    if (!fine) snprintf(why, size, "Out of memory.");
    return fine;
}

static bool open_server(Site *s, const SiteOptions *o, char *why, size_t size)
{
    ServerOptions options = {
        .host = o->host, .port = o->port, .cert_file = o->cert_file, .key_file = o->key_file};
    ServerEvents events = {.on_request = route_request,
                           .on_upgrade = live_upgrade,
                           .on_open = live_open,
                           .on_message = live_message,
                           .on_close = live_close,
                           .ctx = s};
    s->server = server_open(s->loop, &options, &events, why, size);
    return s->server != NULL;
}

Site *site_open(const SiteOptions *o, char *why, size_t size)
{
    Site *s = calloc(1, sizeof *s);
    if (!s || seal_init() != OK) {
        snprintf(why, size, "Out of memory, or the crypto library does not work.");
        free(s);
        return NULL;
    }
    bool fine = open_loop(s, why, size) && open_small(s, o, why, size) &&
                open_store(s, o, why, size) && open_engine(s, why, size) &&
                open_server(s, o, why, size);
    if (!fine) {
        site_close(s);
        return NULL;
    }
    loop_on_turn(s->loop, on_turn, s);
    loop_on_signal(s->loop, on_signal, s);
    timer_start(s->second_timer, SECOND_MS, SECOND_MS);
    timer_start(s->engine_timer, 1, 0); /* what fell due while the server was off */
    return s;
}

void site_run(Site *s)
{
    loop_run(s->loop);
}

u16 site_port(const Site *s)
{
    return server_port(s->server);
}

void site_close(Site *s)
{
    if (!s) return;
    /* The loop owns server, timers and wake-ups; the writers may wake it until they are closed. */
    if (s->writer) writer_close(s->writer);
    ballast_close(s->ballast);
    if (s->packs) packs_close(s->packs);
    if (s->loop) loop_close(s->loop);
    live_done(s);
    media_close(s->media);
    tally_close(s->tally);
    lines_close(s->lines);
    feeds_close(s->feeds);
    if (s->engine) engine_close(s->engine);
    if (s->log) log_close(s->log);
    sign_desk_close(s->sign_desk);
    if (s->people) people_close(s->people);
    paper_cache_close(s->papers);
    imports_close(s->imports);
    throttle_close(s->throttle);
    buf_done(&s->live_out);
    seal_wipe(s->sign_secret, sizeof s->sign_secret);
    free(s);
}
