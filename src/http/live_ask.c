/* What may be asked over the live socket, and the way back of each answer. */
#include "app/who.h"
#include "http/live.h"
#include "http/phone.h"
#include "http/show.h"

enum {
    TARGET_BYTES = 8,
    WANT_BYTES = 10, /* u64 attempt, u8 low, u8 full */
};

static u64 read_u64(const u8 *p)
{
    u64 v = 0;
    for (int i = 7; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

/* ---- following ---- */

/* A candidate sees the own attempt and its session; the session is not "assigned" to it. */
static u8 may_follow(const Live *l, u64 stream)
{
    const Engine *e = l->site->engine;
    u64 id = stream_object(stream);
    switch (stream_kind(stream)) {
    case STREAM_ATTEMPT: return who_may(e, &l->who, SEES_STREAM, OBJECT_ATTEMPT, id);
    case STREAM_SESSION: {
        const Attempt *own = l->who.attempt ? engine_attempt(e, l->who.attempt) : NULL;
        if (own && own->session == id && l->who.roles & BY_CANDIDATE) return BY_CANDIDATE;
        return who_may(e, &l->who, SEES_SESSION, OBJECT_SESSION, id);
    }
    case STREAM_SERVER:
    case STREAM_ASSESSMENT: break;
    }
    return 0;
}

/* What was answered is for the device that leads alone. */
static bool follows_elsewhere(const Live *l, u64 stream)
{
    bool own = stream_kind(stream) == STREAM_ATTEMPT && stream_object(stream) == l->who.attempt;
    return own && l->who.attempt && !l->leads;
}

static void take_follow(Live *l, const Msg_follow *f)
{
    if (follows_elsewhere(l, f->stream)) {
        live_refuse(l, R_OTHER_DEVICE, NULL);
        return;
    }
    u8 role = may_follow(l, f->stream);
    if (!role) {
        live_refuse(l, R_NOT_FOUND, NULL);
        return;
    }
    feed_follow_stream(l->site->feeds, l->watcher, f->stream, f->seen_ver, role != BY_CANDIDATE);
}

static void take_follow_feed(Live *l, const Msg_follow_feed *f)
{
    if (!who_may(l->site->engine, &l->who, SEES_SESSION, OBJECT_SESSION, f->session)) {
        live_refuse(l, R_NOT_FOUND, NULL);
        return;
    }
    feed_follow_session(l->site->feeds, l->watcher, f->session, f->feed_id, f->seen_seq);
}

/* At a start thousands ask at once: a request each would need a connection each. */
static void take_read_paper(Live *l)
{
    Message m = {.kind = MSG_paper};
    m.paper.refusal = (u16)paper_for_candidate(l->site, &l->who, &m.paper.paper);
    if (m.paper.paper.len > LIVE_PAPER_BYTES_MAX) m.paper.paper = SPAN_NONE;
    live_send(l, &m);
}

/* ---- media ---- */

static bool media_send_to(void *ctx, bool is_media, Span message)
{
    Live *l = ctx;
    return l->socket && socket_send(l->socket, is_media ? SEND_MEDIA : SEND_CONTROL, message);
}

static void take_watch(Live *l, const Msg_watch *w)
{
    Buf allowed;
    if (w->wants.len % WANT_BYTES || w->wants.len / WANT_BYTES > WATCH_STREAMS_MAX) {
        live_refuse(l, R_MALFORMED, NULL);
        return;
    }
    if (!l->viewer) l->viewer = media_viewer_open(l->site->media, l->who.user, media_send_to, l);
    if (!l->viewer) {
        live_refuse(l, R_BUSY, NULL);
        return;
    }
    buf_init(&allowed, w->wants.len);
    for (size_t at = 0; at < w->wants.len; at += WANT_BYTES) {
        u64 attempt = read_u64(w->wants.ptr + at);
        if (who_may(l->site->engine, &l->who, SEES_MEDIA, OBJECT_ATTEMPT, attempt)) {
            buf_put(&allowed, w->wants.ptr + at, WANT_BYTES);
        } else {
            live_refuse(l, R_NOT_FOUND, NULL);
        }
    }
    if (allowed.failed) live_refuse(l, R_BUSY, NULL);
    else media_viewer_watch(l->viewer, buf_view(&allowed));
    buf_done(&allowed);
}

/* The socket that leads an attempt is its source of media, and so is its phone; NULL after refusing. */
static MediaSource *source_of(Live *l)
{
    bool phone = phone_leads(l);
    if (!l->leads && !phone) {
        live_refuse(l, R_NOT_ALLOWED, NULL);
        return NULL;
    }
    if (!l->source) {
        l->source = (phone ? media_phone_open : media_source_open)(l->site->media, l->who.attempt,
                                                                   media_send_to, l);
    }
    if (!l->source) live_refuse(l, R_BUSY, NULL);
    return l->source;
}

static void take_have_epochs(Live *l, Span epochs)
{
    MediaSource *source = source_of(l);
    if (!source || epochs.len > WATCH_STREAMS_MAX * TARGET_BYTES) return;
    for (size_t at = 0; at + TARGET_BYTES <= epochs.len; at += TARGET_BYTES)
        media_source_hello(source, read_u64(epochs.ptr + at));
}

static void take_record(Live *l, const Msg_record *r)
{
    MediaSource *source = source_of(l);
    if (source) media_source_record(source, r->lane, r->record, site_now_ms(l->site));
}

/* ---- commands ---- */

static void send_reply(Live *l, const Reply *r)
{
    Message m = {.kind = MSG_reply};
    m.reply.cmd = r->cmd;
    m.reply.target = r->target;
    m.reply.refusal = (u16)r->refusal;
    m.reply.ver = r->ver;
    m.reply.at_ms = r->at_ms;
    m.reply.receipt = r->receipt;
    live_send(l, &m);
}

/* One device cannot keep the others waiting: while many of its commands wait, or it has sent more in this second
 * than anybody writes, it is not listened to. Staff ask for thousands at once. */
void live_listen(Live *l)
{
    bool many = l->asks >= (l->held ? LIVE_ASKS_HELD / 2 : LIVE_ASKS_HELD) ||
                l->taken >= LIVE_ASKS_A_SECOND;
    if (!l->socket || l->held == many || l->who.roles & BY_STAFF) return;
    l->held = many;
    socket_hold(l->socket, many);
}

static void command_replied(void *ctx, const Reply *r)
{
    Live *l = ctx;
    l->asks--;
    send_reply(l, r);
    live_listen(l);
    live_release(l);
}

static void refuse_target(Live *l, u64 cmd, u64 target, Refusal why)
{
    Reply r = {.cmd = cmd, .target = target, .refusal = why, .at_ms = site_now_ms(l->site)};
    send_reply(l, &r);
}

/* What makes an object goes over HTTP, where codes, files and keys are checked. */
static bool goes_over_http(CommandKind kind)
{
    return kind == CMD_invite || kind == CMD_join || kind == CMD_create_session ||
           kind == CMD_create_assessment;
}

/* Why nothing of the command can be asked; ACCEPTED: go on. */
static Refusal command_check(const Live *l, const Msg_command *m, Command *c)
{
    u32 count = (u32)(m->targets.len / TARGET_BYTES);
    if (!count || m->targets.len % TARGET_BYTES || count > MASS_TARGETS_MAX) return R_MALFORMED;
    if (!m->cmd || m->cmd >= (u64)1 << 53) return R_MALFORMED;
    if (command_decode(m->body, c) != OK) return R_MALFORMED;
    if (goes_over_http(c->kind)) return R_NOT_ALLOWED;
    return l->asks + count > LIVE_ASKS_MAX ? R_BUSY : ACCEPTED;
}

static void ask_target(Live *l, u64 cmd, u64 target, const Command *c)
{
    Err err = engine_ask(l->site->engine, &l->who, cmd, target, 0, c, command_replied, l);
    if (err == OK) l->asks++;
    else refuse_target(l, cmd, target, R_BUSY);
}

static void take_command(Live *l, const Msg_command *m)
{
    Command c;
    Refusal why = command_check(l, m, &c);
    if (why == R_MALFORMED) { /* its targets cannot be trusted either */
        refuse_target(l, m->cmd, m->targets.len >= TARGET_BYTES ? read_u64(m->targets.ptr) : 0,
                      why);
        return;
    }
    for (size_t at = 0; at < m->targets.len; at += TARGET_BYTES) {
        u64 target = read_u64(m->targets.ptr + at);
        if (why == ACCEPTED) ask_target(l, m->cmd, target, &c);
        else refuse_target(l, m->cmd, target, why);
    }
}

/* ---- looking ---- */

/* What a person had in sight. Of what is not theirs to see nothing is noted. */
static void take_look(Live *l, const Msg_look *look)
{
    u64 seen[WATCH_STREAMS_MAX];
    size_t count = 0, asked = look->attempts.len / TARGET_BYTES;
    i64 now_ms = site_now_ms(l->site);
    for (size_t i = 0; i < MIN_OF(asked, COUNT_OF(seen)); i++) {
        u64 attempt = read_u64(look->attempts.ptr + i * TARGET_BYTES);
        if (!who_may(l->site->engine, &l->who, SEES_MEDIA, OBJECT_ATTEMPT, attempt)) continue;
        engine_looked(l->site->engine, attempt, l->who.user, now_ms);
        seen[count++] = attempt;
    }
    Span list = {(const u8 *)seen, count * sizeof *seen};
    feed_looked(l->site->feeds, look->session, l->who.user, now_ms, list);
}

static void take_health(Live *l, const Msg_health *health)
{
    l->round_trip_ms = health->round_trip_ms;
    l->backlog_kb = health->backlog_kb;
    l->health_ms = site_now_ms(l->site);
}

static void take_ping(Live *l, const Msg_ping *ping)
{
    Message m = {.kind = MSG_pong};
    m.pong.device_ms = ping->device_ms;
    m.pong.server_ms = site_now_ms(l->site);
    live_send(l, &m);
}

/* What is not named here a phone may not say, whatever is added later. */
static bool phone_may_say(MessageKind kind)
{
    return kind == MSG_ping || kind == MSG_command || kind == MSG_media_hello ||
           kind == MSG_have_epochs || kind == MSG_record || kind == MSG_phone_report;
}

void live_take_message(Live *l, const Message *m)
{
    if (m->kind != MSG_record) l->taken++;
    if (live_is_phone(l) && !phone_may_say(m->kind)) {
        live_refuse(l, R_NOT_ALLOWED, NULL);
        live_listen(l);
        return;
    }
    switch ((u32)m->kind) {
    case MSG_follow: take_follow(l, &m->follow); break;
    case MSG_follow_feed: take_follow_feed(l, &m->follow_feed); break;
    case MSG_command: take_command(l, &m->command); break;
    case MSG_ping: take_ping(l, &m->ping); break;
    case MSG_record: take_record(l, &m->record); break;
    case MSG_watch: take_watch(l, &m->watch); break;
    case MSG_look: take_look(l, &m->look); break;
    case MSG_health: take_health(l, &m->health); break;
    case MSG_media_hello: {
        MediaSource *source = source_of(l);
        if (source) media_source_hello(source, m->media_hello.epoch);
        break;
    }
    case MSG_read_paper: take_read_paper(l); break;
    case MSG_phone_report: phone_reports(l, &m->phone_report); break;
    case MSG_have_epochs: take_have_epochs(l, m->have_epochs.epochs); break;
    }
    live_listen(l);
}
