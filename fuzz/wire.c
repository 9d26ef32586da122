/* Commands, events, rows and live messages. What is accepted must come back byte for byte: then no two
 * forms of one thing can exist, and a hash over stored bytes says what was decided. */
#include "wire/wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static void same(Buf *out, Span in)
{
    if (out->failed || !span_equal(buf_view(out), in)) abort();
    buf_reset(out);
}

static void try_event(Buf *out, Span in)
{
    Event e;
    if (event_decode(in, &e)) return;
    event_encode(out, &e);
    same(out, in);
    event_json(out, &e);
    buf_reset(out);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    if (size < 1 || size > EVENT_BYTES_MAX) return 0;
    Span in = {data + 1, size - 1};
    Buf out;
    Command c;
    Message m;
    Row r;
    buf_init(&out, 8 * EVENT_BYTES_MAX);
    switch (data[0] & 3) {
    case 0:
        if (command_decode(in, &c)) break;
        command_encode(&out, &c);
        same(&out, in);
        break;
    case 1: try_event(&out, in); break;
    case 2:
        if (message_decode(in, &m)) break;
        message_encode(&out, &m);
        same(&out, in);
        break;
    case 3:
        if (row_decode(in, &r)) break;
        row_encode(&out, &r);
        same(&out, in);
        break;
    }
    buf_done(&out);
    return 0;
}
