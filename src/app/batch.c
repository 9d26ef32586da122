#include "app/batch.h"

#include "app/grow.h"
#include "base/plants.h"

#include <stdlib.h>

enum { BATCH_BYTES_MAX = 1 << 28, RECEIPT_BYTES_MAX = 4096 };

Batch *batch_new(void)
{
    Batch *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    arena_init(&b->memory, BATCH_BYTES_MAX);
    b->tree = receipt_tree_open();
    if (b->tree) return b;
    free(b);
    return NULL;
}

void batch_free(Batch *b)
{
    if (!b) return;
    receipt_tree_close(b->tree);
    arena_done(&b->memory);
    free(b->records);
    free(b->replies);
    free(b->rows);
    free(b->touched);
    free(b);
}

void batch_reset(Batch *b)
{
    arena_reset(&b->memory);
    receipt_tree_reset(b->tree);
    b->next = NULL;
    b->record_count = b->reply_count = b->row_count = b->touched_count = b->leaves = 0;
}

Err batch_record(Batch *b, const LogRecord *r)
{
    Err err = array_grow((void **)&b->records, b->record_count, &b->record_cap, sizeof(LogRecord));
    if (err) return err;
    LogRecord kept = *r;
    kept.event = arena_copy(&b->memory, r->event);
    if (!kept.event.ptr) return ERR_MEMORY;
    b->records[b->record_count++] = kept;
    return OK;
}

Err batch_reply(Batch *b, ReplyFn *fn, void *ctx, const Reply *r, u32 receipt_index)
{
    if (!fn) return OK;
    Err err = array_grow((void **)&b->replies, b->reply_count, &b->reply_cap, sizeof(WaitingReply));
    if (!err) b->replies[b->reply_count++] = (WaitingReply){fn, ctx, *r, receipt_index};
    return err;
}

Err batch_row(Batch *b, u64 session, const Row *row)
{
    Err err = array_grow((void **)&b->rows, b->row_count, &b->row_cap, sizeof(WaitingRow));
    if (err) return err;
    WaitingRow kept = {session, *row};
    if (row->hold_reason.len) kept.row.hold_reason = arena_copy(&b->memory, row->hold_reason);
    if (row->hold_reason.len && !kept.row.hold_reason.ptr) return ERR_MEMORY;
    b->rows[b->row_count++] = kept;
    return OK;
}

Err batch_touch(Batch *b, u64 attempt)
{
    Err err = array_grow((void **)&b->touched, b->touched_count, &b->touched_cap, sizeof(u64));
    if (!err) b->touched[b->touched_count++] = attempt;
    return err;
}

Err batch_receipt(Batch *b, const ReceiptBody *body, u32 *index)
{
    Err err = receipt_tree_add(b->tree, body, index);
    if (!err) b->leaves++;
    return err;
}

static void tell_events(const Batch *b, const EnginePorts *ports)
{
    for (u32 i = 0; i < b->record_count; i++) {
        const LogRecord *r = &b->records[i];
        Event e;
        bool sound = event_decode(r->event, &e) == OK;
        ASSERT(sound); /* we encoded it ourselves */
        ports->on_event(ports->ctx, r->stream, r->ver, &e, r->event);
    }
}

static void tell_replies(const Batch *b)
{
    Buf receipt;
    buf_init(&receipt, RECEIPT_BYTES_MAX);
    for (u32 i = 0; i < b->reply_count; i++) {
        WaitingReply *w = &b->replies[i];
        buf_reset(&receipt);
        if (w->receipt_index != NO_RECEIPT)
            receipt_write(b->tree, PLANTED(receipt_of_first) ? 0 : w->receipt_index, &receipt);
        w->reply.receipt = receipt.failed ? SPAN_NONE : buf_view(&receipt);
        if (receipt.failed) w->reply.refusal = R_BUSY; /* who asks again gets the receipt */
        w->fn(w->ctx, &w->reply);
    }
    buf_done(&receipt);
}

void batch_tell(const Batch *b, const EnginePorts *ports)
{
    tell_events(b, ports);
    for (u32 i = 0; i < b->row_count; i++)
        ports->on_row(ports->ctx, b->rows[i].session, &b->rows[i].row);
    tell_replies(b);
}
