/* import_check.h - what must hold of every question file that was read, whatever the file was. */
#ifndef INVIGIL_FUZZ_IMPORT_CHECK_H
#define INVIGIL_FUZZ_IMPORT_CHECK_H

#include "fuzz/tree_check.h"
#include "link/html.h"
#include "link/import.h"
#include "wire/wire.h"

static inline u32 line_count(Span file)
{
    u32 lines = 1;
    for (size_t i = 0; i < file.len; i++)
        lines += file.ptr[i] == '\n' || file.ptr[i] == '\r';
    return lines;
}

static inline void remarks_check(const ImportError *list, u32 count, u32 lines)
{
    must(count <= IMPORT_ERRORS_MAX);
    for (u32 i = 0; i < count; i++)
        must(list[i].line <= lines && list[i].reason.len && text_is_utf8(list[i].reason));
}

static inline void shown_check(Arena *a, Span text, TextFormat format)
{
    Buf json;
    buf_init(&json, 16 * 1024 * 1024);
    must(html_tree(a, text, format, &json) == OK);
    tree_check(buf_view(&json));
    buf_done(&json);
}

static inline void item_check(Arena *a, const Item *item)
{
    static const char *const answers[] = {"", "1", "1,2", "true", "0", "-1.5", "a b", "1,2,3,4,5"};
    bool shown = item->kind == ITEM_single_choice || item->kind == ITEM_multiple_choice;
    bool essay = item->kind == ITEM_essay;
    must(item->kind != ITEM_NONE && item->text.len && item->option_count <= OPTIONS_MAX);
    must(essay == (item->option_count == 0) && item->name.len <= NAME_BYTES_MAX);
    shown_check(a, item->text, item->format);
    shown_check(a, item->feedback, item->format);
    for (u32 i = 0; i < item->option_count; i++) {
        const Option *o = &item->options[i];
        must(o->text.len && text_is_utf8(o->text) && o->low <= o->high);
        if (shown) shown_check(a, o->text, item->format);
        shown_check(a, o->feedback, item->format);
    }
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        i32 points = item_score_milli(item, span_of(answers[i]));
        must(points >= -1 && points <= (i32)item->points_milli && (points >= 0 || essay));
        (void)item_check_answer(item, span_of(answers[i]));
    }
}

static inline void import_check(Span file, ImportFormat format)
{
    Arena a;
    Import in;
    arena_init(&a, 256 * 1024 * 1024);
    must(import_read(&a, file, SPAN("file.txt"), format, &in) == OK);
    remarks_check(in.errors, in.error_count, line_count(file));
    remarks_check(in.notes, in.note_count, line_count(file));
    must((in.refusal == 0) == (in.error_count == 0));
    must(in.refusal || in.paper.item_count);
    must(text_is_utf8(in.paper.name) && in.paper.name.len <= NAME_BYTES_MAX);
    for (u32 i = 0; i < in.paper.item_count; i++) {
        must(in.paper.items[i].number == i + 1 && in.paper.items[i].line <= line_count(file));
        item_check(&a, &in.paper.items[i]);
    }
    arena_done(&a);
}

#endif
