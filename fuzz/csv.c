/* Roster files. */
#include "fuzz/import_check.h"
#include "link/roster.h"

static void row_check(const RosterRow *row, u32 lines)
{
    must(row->line >= 1 && row->line <= lines);
    must(row->name.len <= NAME_BYTES_MAX && row->number.len <= NAME_BYTES_MAX);
    must(text_is_utf8(row->name) && text_is_utf8(row->email) && text_is_utf8(row->number));
    must(row->factor_permille >= 1000 && row->factor_permille <= TIME_FACTOR_PERMILLE_MAX);
    if (row->state == ROSTER_OK) must(row->name.len > 0);
    else must(row->reason.len && text_is_utf8(row->reason));
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
    Arena a;
    Roster list;
    u32 lines = line_count((Span){data, size});
    arena_init(&a, 64 * 1024 * 1024);
    must(roster_read(&a, (Span){data, size}, &list) == OK);
    must((list.refusal != 0) == (list.file_error_count != 0));
    remarks_check(list.errors, list.file_error_count, lines);
    remarks_check(list.notes, list.note_count, lines);
    must(list.ok_count + list.duplicate_count + list.error_count == list.row_count);
    for (u32 i = 0; i < list.row_count; i++)
        row_check(&list.rows[i], lines);
    arena_done(&a);
    return 0;
}
