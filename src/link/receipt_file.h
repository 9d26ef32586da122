/* receipt_file.h - the file of receipts that a candidate downloads: JSON, as web/lib/receipt.ts writes it.
 * Reads it; what it proves says receipt_check in seal.h. Nothing in it is believed: beside each receipt
 * the file says in the clear what it is of, and receipt_line_agrees tells whether that is so. */
#ifndef INVIGIL_LINK_RECEIPT_FILE_H
#define INVIGIL_LINK_RECEIPT_FILE_H

#include "base/arena.h"
#include "seal/seal.h"

typedef struct ReceiptLine {
    i64 question, revision, stored_ms;
    Span answer_sha256; /* hexadecimal */
    Span receipt;       /* bytes; empty: not base64url */
} ReceiptLine;

typedef struct ReceiptFile {
    Span session, exam, name; /* empty: not said */
    ReceiptLine *line;
    size_t count; /* at most ITEMS_MAX */
} ReceiptFile;

/* All of it lies in the arena. ERR_FORMAT: not such a file. */
Err receipt_file_read(Arena *a, Span file, ReceiptFile *out) MUST_CHECK;
bool receipt_line_agrees(const ReceiptLine *l, const ReceiptBody *b);

#endif
