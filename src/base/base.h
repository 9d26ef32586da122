/* base.h - the words every other file is written in: integers, spans, errors, assert.
 * Knows no exam, no operating system object and no library beyond the C one. */
#ifndef INVIGIL_BASE_H
#define INVIGIL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int32_t i32;
typedef int64_t i64;

/* Bytes that somebody else owns. Text is a Span of UTF-8 without a closing zero. An empty span may
 * have any pointer, NULL included. */
typedef struct Span {
    const u8 *ptr;
    size_t len;
} Span;

#define SPAN(literal) ((Span){(const u8 *)(literal), sizeof(literal) - 1})
#define SPAN_NONE ((Span){NULL, 0})
/* For printf("%.*s", SPAN_ARG(s)). */
#define SPAN_ARG(s) (int)(s).len, (const char *)(s).ptr

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define MIN_OF(a, b) ((a) < (b) ? (a) : (b))
#define MAX_OF(a, b) ((a) > (b) ? (a) : (b))

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

/* A fault: the world failed (disk, memory, peer). Refusals, the domain's own answers, are not
 * faults: see schema/errors.def. Zero is success, faults are negative and carried up unlogged. */
typedef enum Err {
    OK = 0,
    ERR_MEMORY = -1,  /* an allocation failed */
    ERR_LIMIT = -2,   /* a named limit of schema/limits.def was reached */
    ERR_IO = -3,      /* read, write or fsync failed; the file must not be trusted further */
    ERR_FULL = -4,    /* no space left; nothing was changed, the call may be repeated */
    ERR_FORMAT = -5,  /* bytes from outside do not have the form that they must have */
    ERR_MISSING = -6, /* what was asked for does not exist */
    ERR_DENIED = -7,  /* the operating system or the store refuses */
    ERR_BROKEN = -8,  /* stored data contradicts itself: a broken chain, a wrong checksum */
    ERR_BUSY = -9,    /* taken by someone else; may be repeated later */
    ERR_CRYPTO = -10, /* a signature or a tag does not verify, or the library failed */
} Err;

const char *err_text(Err err);

/* A bug. On in production: prints, aborts; the restart replays the log. The hook is the one symbol
 * that the pure core may need from outside. */
_Noreturn void assert_failed(const char *what, const char *file, int line);
#define ASSERT(cond) ((cond) ? (void)0 : assert_failed(#cond, __FILE__, __LINE__))

static inline Span span_of(const char *zero_ended)
{
    return (Span){(const u8 *)zero_ended, zero_ended ? strlen(zero_ended) : 0};
}

static inline bool span_equal(Span a, Span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

#endif
