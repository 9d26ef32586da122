/* batch.h - what one turn of the engine has decided and not yet told: its events, on their way to the
 * disk, and the replies and rows that wait for them. Private to the app room. */
#ifndef INVIGIL_BATCH_H
#define INVIGIL_BATCH_H

#include "app/engine.h"

enum { NO_RECEIPT = UINT32_MAX };

typedef struct WaitingReply {
    ReplyFn *fn;
    void *ctx;
    Reply reply;       /* receipt is written when told */
    u32 receipt_index; /* leaf in the batch's tree, or NO_RECEIPT */
} WaitingReply;

typedef struct WaitingRow {
    u64 session;
    Row row; /* its hold_reason is a copy: the engine's changes */
} WaitingRow;

typedef struct Batch {
    struct Batch *next;
    u64 number;   /* told when the log is durable up to here */
    Arena memory; /* events and texts of rows, untouched until told */
    LogRecord *records;
    u32 record_count, record_cap;
    WaitingReply *replies;
    u32 reply_count, reply_cap;
    WaitingRow *rows;
    u32 row_count, row_cap;
    u64 *touched; /* attempts */
    u32 touched_count, touched_cap;
    ReceiptTree *tree;
    u32 leaves;
} Batch;

Batch *batch_new(void); /* NULL: out of memory */
void batch_free(Batch *b);
void batch_reset(Batch *b);
/* The record's event bytes are copied; ver, seq, hash are the caller's. */
Err batch_record(Batch *b, const LogRecord *r) MUST_CHECK;
Err batch_reply(Batch *b, ReplyFn *fn, void *ctx, const Reply *r, u32 receipt_index) MUST_CHECK;
Err batch_row(Batch *b, u64 session, const Row *row) MUST_CHECK;
Err batch_touch(Batch *b, u64 attempt) MUST_CHECK;
Err batch_receipt(Batch *b, const ReceiptBody *body, u32 *index) MUST_CHECK;
/* Tells everything to the ports, in the order in which it was decided. */
void batch_tell(const Batch *b, const EnginePorts *ports);

#endif
