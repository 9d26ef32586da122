/* sqlite.h - the little that the SQLite files share: faults in our words, statements, settings. */
#ifndef INVIGIL_SQLITE_H
#define INVIGIL_SQLITE_H

#include "base/base.h"

#include <sqlite3.h>

/* SQLITE_OK, _ROW and _DONE are OK; a full disk is told apart from a broken one. */
Err sqlite_err(int code);
/* Statements without results. */
Err sqlite_run(sqlite3 *db, const char *sql) MUST_CHECK;
/* The first column of the first row as an integer. */
Err sqlite_number(sqlite3 *db, const char *sql, i64 *out) MUST_CHECK;
/* The bound bytes must stay until the statement is reset. An empty span binds an empty value, not NULL. */
void sqlite_bind_blob(sqlite3_stmt *s, int at, Span v);
void sqlite_bind_text(sqlite3_stmt *s, int at, Span v);
Span sqlite_column_span(sqlite3_stmt *s, int at); /* valid until the next step */
/* Makes the names in the folder of a new file durable. */
Err folder_sync(const char *folder) MUST_CHECK;
Err folder_sync_of(const char *file) MUST_CHECK;

#endif
