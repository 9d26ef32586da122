/* What the tests of question files share: one file is read at a time, its arena stays until the next. */
#ifndef INVIGIL_TEST_IMPORT_HELP_H
#define INVIGIL_TEST_IMPORT_HELP_H

#include "link/import.h"
#include "test/test.h"
#include "wire/wire.h"

static Arena in_arena;
static Import in;

static inline void read_bytes(Span file, ImportFormat want)
{
    arena_done(&in_arena);
    arena_init(&in_arena, 64 * 1024 * 1024);
    CHECK_EQUAL(import_read(&in_arena, file, SPAN("C:\\tests\\week 1.quiz.txt"), want, &in), OK);
}

static inline void read_text(const char *text, ImportFormat want)
{
    read_bytes(span_of(text), want);
}

/* Item n, from 1; the file has no error. */
static inline const Item *item(u32 n)
{
    for (u32 i = 0; i < in.error_count; i++)
        printf("  line %u: %.*s\n", in.errors[i].line, SPAN_ARG(in.errors[i].reason));
    CHECK_EQUAL(in.refusal, 0);
    CHECK(n >= 1 && n <= in.paper.item_count);
    return &in.paper.items[n - 1];
}

static inline const Option *option(u32 n, u32 o)
{
    const Item *it = item(n);
    CHECK(o >= 1 && o <= it->option_count);
    return &it->options[o - 1];
}

static inline bool contains(Span text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* The file has one error: on that line, with these words. */
static inline void check_error(u32 line, const char *words)
{
    CHECK(in.error_count >= 1);
    if (in.error_count > 1 || in.errors[0].line != line || !contains(in.errors[0].reason, words))
        for (u32 i = 0; i < in.error_count; i++)
            printf("  line %u: %.*s\n", in.errors[i].line, SPAN_ARG(in.errors[i].reason));
    CHECK_EQUAL(in.error_count, 1);
    CHECK_EQUAL(in.errors[0].line, line);
    CHECK(contains(in.errors[0].reason, words));
    CHECK(in.refusal != 0);
}

static inline void check_note(u32 line, const char *words)
{
    bool there = false;
    for (u32 i = 0; i < in.note_count; i++)
        there = there || (in.notes[i].line == line && contains(in.notes[i].reason, words));
    for (u32 i = 0; i < in.note_count && !there; i++)
        printf("  line %u: %.*s\n", in.notes[i].line, SPAN_ARG(in.notes[i].reason));
    CHECK(there);
}

#endif
