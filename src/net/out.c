/* out.c - sending: two queues per connection, control before media, direct write first.
 *
 * An item that has been started is finished before anything else, because a WebSocket message
 * cannot be interrupted by another one. No more than SEND_BATCH_BYTES are handed to the kernel at
 * once, so that a control message waits behind one batch and the rest of one message at most.
 *
 * While the loop collects (loop_collect), messages of sockets go to their queue first and leave with those
 * that follow: a system call costs more than all the rest of a small message. From the second on they are
 * written one behind the other into an item with room. */
#include "net/internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

enum {
    BATCH_ITEMS = 128,
    BATCHES_PER_EVENT = 8,
    PUSH_ITEMS_MAX = 2,
    /* Collected for one socket: below what one event can send, even in messages of 40 bytes. */
    COLLECT_BYTES_MAX = 32 * 1024,
    ROOM_BYTES = 4096,
};

NetBuf *netbuf_new(size_t len)
{
    NetBuf *b = malloc(sizeof *b + len);
    if (!b) return NULL;
    atomic_init(&b->refs, 1);
    b->len = len;
    return b;
}

u8 *netbuf_bytes(NetBuf *b)
{
    return b->bytes;
}

void netbuf_keep(NetBuf *b)
{
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
}

void netbuf_drop(NetBuf *b)
{
    if (b && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1) free(b);
}

/* ---- items ---- */

static size_t item_bytes(const OutItem *i)
{
    return (size_t)(i->head_len - i->head_at) + i->rest.len;
}

/* Marks n bytes as gone; returns how many of them belonged to this item. */
static size_t item_advance(OutItem *i, size_t n)
{
    size_t head = MIN_OF(n, (size_t)(i->head_len - i->head_at));
    size_t body = MIN_OF(n - head, i->rest.len);
    if (head + body) i->begun = true;
    i->head_at = (u8)(i->head_at + head);
    if (body) i->rest = (Span){i->rest.ptr + body, i->rest.len - body};
    return head + body;
}

static void item_free(OutItem *i)
{
    if (i->keep != KEEP_STATIC) netbuf_drop(i->buf);
    free(i);
}

/* A heap item for what is left of one on the stack; copied bytes lie behind it. */
static OutItem *item_keep(const OutItem *from)
{
    size_t copied = from->keep == KEEP_COPY ? from->rest.len : 0;
    OutItem *i = malloc(sizeof *i + copied);
    if (!i) return NULL;
    *i = *from;
    i->next = NULL;
    if (from->keep == KEEP_SHARED) netbuf_keep(i->buf);
    if (from->keep != KEEP_COPY) return i;
    if (copied) memcpy(i + 1, from->rest.ptr, copied);
    i->rest.ptr = (u8 *)(i + 1);
    i->keep = KEEP_STATIC; /* goes with the item */
    return i;
}

/* ---- handing bytes over ---- */

static ssize_t detached_send(Connection *c, OutItem *const *items, size_t count)
{
    size_t all = 0;
    for (size_t i = 0; i < count; i++) {
        if (c->sink) {
            buf_put(c->sink, items[i]->head + items[i]->head_at,
                    (size_t)(items[i]->head_len - items[i]->head_at));
            buf_span(c->sink, items[i]->rest);
        }
        all += item_bytes(items[i]);
    }
    return (ssize_t)all;
}

static ssize_t clear_send(Connection *c, OutItem *const *items, size_t count)
{
    struct iovec v[BATCH_ITEMS * 2];
    int n = 0;
    size_t room = SEND_BATCH_BYTES;
    for (size_t i = 0; i < count && room > 0; i++) {
        const OutItem *it = items[i];
        size_t head = (size_t)(it->head_len - it->head_at);
        if (head) v[n++] = (struct iovec){(void *)(it->head + it->head_at), head};
        room -= MIN_OF(room, head);
        size_t body = MIN_OF(it->rest.len, room);
        if (body) v[n++] = (struct iovec){(void *)it->rest.ptr, body};
        room -= body;
    }
    struct msghdr m = {.msg_iov = v, .msg_iovlen = (size_t)n};
    ssize_t sent = sendmsg(c->fd, &m, MSG_NOSIGNAL);
    if (sent >= 0) return sent;
    if (errno == EAGAIN || errno == EINTR) return 0;
    return -1;
}

/* Fills one TLS record from the items, skipping the first `skip` bytes. */
static size_t stage(u8 *out, OutItem *const *items, size_t count, size_t skip)
{
    size_t n = 0;
    for (size_t i = 0; i < count && n < TLS_RECORD_BYTES; i++) {
        OutItem it = *items[i];
        skip -= item_advance(&it, skip);
        size_t head = MIN_OF((size_t)(it.head_len - it.head_at), TLS_RECORD_BYTES - n);
        memcpy(out + n, it.head + it.head_at, head);
        n += head;
        size_t body = MIN_OF(it.rest.len, TLS_RECORD_BYTES - n);
        if (body) memcpy(out + n, it.rest.ptr, body);
        n += body;
    }
    return n;
}

/* Encrypts up to a batch; counts plain bytes as sent, since ciphertext cannot be taken back. */
static ssize_t tls_batch(Connection *c, OutItem *const *items, size_t count)
{
    Loop *loop = c->server->loop;
    size_t all = 0;
    while (all < SEND_BATCH_BYTES) {
        size_t n = stage(loop->stage_bytes, items, count, all);
        if (n == 0) break;
        if (!tls_encrypt(c, (Span){loop->stage_bytes, n})) return -1;
        all += n;
    }
    return tls_send(c) ? (ssize_t)all : -1;
}

static ssize_t send_items(Connection *c, OutItem *const *items, size_t count)
{
    if (c->fd < 0) return detached_send(c, items, count);
    return c->tls ? tls_batch(c, items, count) : clear_send(c, items, count);
}

/* ---- the queues ---- */

bool out_empty(const Connection *c)
{
    return !c->started && !c->queue[0].first && !c->queue[1].first &&
           !(c->tls && tls_unsent(c->tls)->len);
}

static void queue_push(Connection *c, OutItem *i)
{
    OutQueue *q = &c->queue[i->send_class];
    if (q->last) q->last->next = i;
    else q->first = i;
    q->last = i;
    q->bytes += item_bytes(i);
}

static OutItem *queue_pop(OutQueue *q)
{
    OutItem *i = q->first;
    q->first = i->next;
    if (!q->first) q->last = NULL;
    i->next = NULL;
    return i;
}

/* The items in the order in which they must leave. */
static size_t gather(Connection *c, OutItem *out[BATCH_ITEMS])
{
    size_t n = 0;
    if (c->started) out[n++] = c->started;
    for (int q = 0; q < 2; q++) {
        for (OutItem *i = c->queue[q].first; i && n < BATCH_ITEMS; i = i->next)
            out[n++] = i;
    }
    return n;
}

/* Takes `sent` bytes off the gathered items; the one in the middle becomes the started one. */
static void settle(Connection *c, OutItem **items, size_t count, size_t sent)
{
    for (size_t k = 0; k < count && sent > 0; k++) {
        OutItem *i = items[k];
        OutQueue *q = &c->queue[i->send_class];
        if (i == c->started) c->started = NULL;
        else queue_pop(q);
        size_t n = item_advance(i, sent);
        sent -= n;
        q->bytes -= n;
        if (item_bytes(i) == 0) item_free(i);
        else c->started = i;
    }
}

static bool flush_once(Connection *c)
{
    OutItem *items[BATCH_ITEMS];
    if (c->tls && tls_unsent(c->tls)->len) return tls_send(c);
    size_t count = gather(c, items);
    ssize_t sent = send_items(c, items, count);
    if (sent < 0) return false;
    if (sent == 0) c->blocked = true;
    settle(c, items, count, (size_t)sent);
    return true;
}

/* A peer that takes bytes of an answer is alive; in other states it has to say something. */
static bool peer_takes_answer(const Connection *c)
{
    if (c->line != LINE_IDLE) return false;
    return c->mode == MODE_LINGER || (c->mode == MODE_HTTP && c->http->phase == PHASE_WAIT);
}

void out_flush(Connection *c)
{
    bool was_empty = out_empty(c);
    for (int i = 0; i < BATCHES_PER_EVENT && !c->blocked && !c->closed && !out_empty(c); i++) {
        if (!flush_once(c)) {
            connection_close(c);
            return;
        }
        if (!c->blocked && peer_takes_answer(c)) server_line_join(c, LINE_IDLE);
    }
    if (c->closed) return;
    if (!out_empty(c)) c->blocked = true; /* others are served before we go on */
    else if (!was_empty) connection_drained(c);
    connection_interest(c);
}

/* Tries to send without any queue; false: broken. */
static bool push_direct(Connection *c, OutItem *items, size_t count)
{
    OutItem *list[PUSH_ITEMS_MAX] = {NULL};
    for (size_t i = 0; i < count; i++)
        list[i] = &items[i];
    ssize_t sent = send_items(c, list, count);
    if (sent < 0) return false;
    for (size_t i = 0; i < count; i++)
        sent -= (ssize_t)item_advance(&items[i], (size_t)sent);
    return true;
}

/* Queues what is left of the items; false: out of memory. */
static bool push_rest(Connection *c, const OutItem *items, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (item_bytes(&items[i]) == 0) continue;
        OutItem *kept = item_keep(&items[i]);
        if (!kept) return false;
        if (kept->begun) {
            c->started = kept;
            c->queue[kept->send_class].bytes += item_bytes(kept);
        } else {
            queue_push(c, kept);
        }
    }
    return true;
}

static OutItem *item_with_room(u8 send_class)
{
    OutItem *i = malloc(sizeof *i + ROOM_BYTES);
    if (!i) return NULL;
    *i = (OutItem){.rest = {(u8 *)(i + 1), 0},
                   .room = ROOM_BYTES,
                   .keep = KEEP_STATIC,
                   .send_class = send_class};
    return i;
}

/* Behind what waits already; false: it has to become an item of its own. */
static bool collect_behind(Connection *c, const OutItem *item)
{
    OutQueue *q = &c->queue[item->send_class];
    size_t len = item_bytes(item);
    if (!q->last || item->keep != KEEP_COPY || len > ROOM_BYTES / 4) return false;
    if (q->last->room < len) {
        OutItem *fresh = item_with_room(item->send_class);
        if (!fresh) return false;
        queue_push(c, fresh);
    }
    u8 *to = (u8 *)(q->last + 1) + ROOM_BYTES - q->last->room;
    memcpy(to, item->head, item->head_len);
    if (item->rest.len) memcpy(to + item->head_len, item->rest.ptr, item->rest.len);
    q->last->rest.len += len;
    q->last->room -= len;
    q->bytes += len;
    return true;
}

/* Queues without trying to send: it leaves at the release, or as soon as much has come together. */
static bool collect(Connection *c, SendClass send_class, const OutItem *items, size_t count)
{
    Loop *loop = c->server->loop;
    bool behind = count == 1 && collect_behind(c, items);
    if (!behind && !push_rest(c, items, count)) {
        connection_close(c);
        return false;
    }
    if (!c->collected) {
        c->collected = true;
        c->next_collected = loop->collected;
        loop->collected = c;
    }
    if (c->queue[send_class].bytes >= COLLECT_BYTES_MAX) out_flush(c);
    return !c->closed;
}

void out_release(Loop *loop)
{
    while (loop->collected) {
        Connection *c = loop->collected;
        loop->collected = c->next_collected;
        c->collected = false;
        if (!c->closed && !c->blocked) out_flush(c);
    }
}

bool out_push(Connection *c, SendClass send_class, OutItem *items, size_t count)
{
    ASSERT(count <= PUSH_ITEMS_MAX);
    if (c->closed) return false;
    for (size_t i = 0; i < count; i++)
        items[i].send_class = (u8)send_class;
    if (c->server->loop->collecting && c->mode == MODE_SOCKET && !c->blocked)
        return collect(c, send_class, items, count);
    bool direct = out_empty(c) && !c->blocked;
    if ((direct && !push_direct(c, items, count)) || !push_rest(c, items, count)) {
        connection_close(c);
        return false;
    }
    if (!out_empty(c)) c->blocked = true;
    connection_interest(c);
    return true;
}

void out_drop(Connection *c, SendClass send_class)
{
    OutQueue *q = &c->queue[send_class];
    while (q->first)
        item_free(queue_pop(q));
    q->bytes = c->started && c->started->send_class == (u8)send_class ? item_bytes(c->started) : 0;
}

void out_free(Connection *c)
{
    out_drop(c, SEND_CONTROL);
    out_drop(c, SEND_MEDIA);
    if (c->started) item_free(c->started);
    c->started = NULL;
}
