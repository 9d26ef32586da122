/* sqlite.c - see sqlite.h. */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

Err sqlite_err(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE: return OK;
    case SQLITE_FULL: return ERR_FULL;
    case SQLITE_NOMEM: return ERR_MEMORY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return ERR_BUSY;
    case SQLITE_TOOBIG: return ERR_LIMIT;
    case SQLITE_AUTH:
    case SQLITE_PERM:
    case SQLITE_READONLY: return ERR_DENIED;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH: return ERR_BROKEN;
    default: break;
    }
    /* The index of a write-ahead file could not grow: nothing was committed. */
    if (code == SQLITE_IOERR_SHMSIZE) return ERR_FULL;
    return code == SQLITE_IOERR_NOMEM ? ERR_MEMORY : ERR_IO;
}

Err sqlite_run(sqlite3 *db, const char *sql)
{
    return sqlite_err(sqlite3_exec(db, sql, NULL, NULL, NULL));
}

Err sqlite_number(sqlite3 *db, const char *sql, i64 *out)
{
    sqlite3_stmt *s = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &s, NULL);
    if (code == SQLITE_OK) code = sqlite3_step(s);
    if (code == SQLITE_ROW) *out = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    return code == SQLITE_DONE ? ERR_MISSING : sqlite_err(code);
}

void sqlite_bind_blob(sqlite3_stmt *s, int at, Span v)
{
    const void *bytes = v.len ? (const void *)v.ptr : (const void *)"";
    sqlite3_bind_blob64(s, at, bytes, v.len, SQLITE_STATIC);
}

void sqlite_bind_text(sqlite3_stmt *s, int at, Span v)
{
    const char *text = v.len ? (const char *)v.ptr : "";
    sqlite3_bind_text64(s, at, text, v.len, SQLITE_STATIC, SQLITE_UTF8);
}

Span sqlite_column_span(sqlite3_stmt *s, int at)
{
    const u8 *bytes = sqlite3_column_blob(s, at);
    return (Span){bytes, (size_t)sqlite3_column_bytes(s, at)};
}

Err folder_sync(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return ERR_IO;
    int failed = fsync(fd);
    close(fd);
    return failed ? ERR_IO : OK;
}

Err folder_sync_of(const char *file)
{
    const char *slash = strrchr(file, '/');
    if (!slash) return folder_sync(".");
    char folder[PATH_MAX];
    int len = snprintf(folder, sizeof folder, "%.*s", (int)(slash - file), file);
    if (len < 0 || (size_t)len >= sizeof folder) return ERR_LIMIT;
    return folder_sync(len ? folder : "/");
}
