/* body.h - writes one JSON value into a buffer, from the outside in. Knows no exam.
 *
 * Names are ours and need no escaping; texts are escaped. `name` is NULL inside an array and for the
 * outermost value. Binary values are base64url without padding. After a failed append (out of
 * memory) the buffer is marked; whoever sends it looks once, at the end. */
#ifndef INVIGIL_HTTP_BODY_H
#define INVIGIL_HTTP_BODY_H

#include "base/buf.h"

typedef struct Body {
    Buf buf;
    bool more; /* a comma is due before the next value */
} Body;

void body_init(Body *b);
void body_done(Body *b);
/* '{' or '[', and its counterpart. */
void body_open(Body *b, const char *name, char bracket);
void body_shut(Body *b, char bracket);
void body_text(Body *b, const char *name, Span value);
void body_number(Body *b, const char *name, i64 value);
void body_bool(Body *b, const char *name, bool value);
void body_binary(Body *b, const char *name, Span value);
/* Thousandths as a decimal number: 1500 is 1.5. */
void body_milli(Body *b, const char *name, i64 thousandths);
void body_double(Body *b, const char *name, double value); /* null when it is not finite */
/* JSON that somebody else has written already. */
void body_raw(Body *b, const char *name, Span json);
/* What stands before a value, for callers that append the value to b->buf themselves. */
void body_name(Body *b, const char *name);

#endif
