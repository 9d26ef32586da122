/* text.h - reading spans: cutting, trimming, numbers, encodings. Never allocates. */
#ifndef INVIGIL_TEXT_H
#define INVIGIL_TEXT_H

#include "base/base.h"

Span text_trim(Span s);                               /* without ASCII white space at both ends */
bool text_cut(Span s, u8 at, Span *head, Span *tail); /* around the first `at`; false: not there */
bool text_starts(Span s, Span prefix);
bool text_equal_fold(Span a, Span b); /* equal but for the case of ASCII letters */
bool text_is_utf8(Span s);            /* well formed: no surrogate, no overlong form */
/* At most max_bytes from the front, never a part of a character. */
Span text_head(Span s, size_t max_bytes);
size_t text_count_chars(Span s); /* code points of well formed UTF-8 */
/* A whole span as a decimal integer, sign allowed for i64. False on anything else or overflow. */
bool text_to_u64(Span s, u64 *out);
bool text_to_i64(Span s, i64 *out);
/* A whole span as a decimal number: digits, one '.' or ',', sign, exponent. False on anything else. */
bool text_to_double(Span s, double *out);
/* Writes text into out with a closing zero, at most size bytes; returns the length written. */
size_t text_hex(Span bytes, char *out, size_t size);
size_t text_base64url(Span bytes, char *out, size_t size); /* without padding */
/* Decodes; false on a bad letter or when it does not fit. Padding is neither needed nor accepted. */
bool text_from_base64url(Span text, u8 *out, size_t size, size_t *len);
bool text_from_hex(Span text, u8 *out, size_t size, size_t *len);
/* Equal, in a time that depends on the length alone: for codes, tokens and digests. */
bool text_equal_secret(Span a, Span b);

#endif
