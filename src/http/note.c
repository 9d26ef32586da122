#include "http/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/date.h"

static NoteLevel level_now = NOTE_INFO;
static const char *const level_words[] = {"error", "info", "debug"};

void note_set_level(NoteLevel level)
{
    level_now = level;
}

bool note_level_by_name(const char *name, NoteLevel *out)
{
    for (size_t i = 0; i < COUNT_OF(level_words); i++) {
        if (strcmp(name, level_words[i]) != 0) continue;
        *out = (NoteLevel)i;
        return true;
    }
    return false;
}

void note(NoteLevel level, const char *fact, const char *format, ...)
{
    if (level > level_now) return;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    char at[DATE_TEXT_SIZE], line[1024];
    date_text((i64)now.tv_sec * 1000 + now.tv_nsec / 1000000, at);
    int len = snprintf(line, sizeof line, "at=%s level=%s fact=%s ", at, level_words[level], fact);
    if (len < 0) return;
    va_list args;
    va_start(args, format);
    vsnprintf(line + len, sizeof line - (size_t)len, format, args);
    va_end(args);
    /* One call, so that lines of different threads do not mix. */
    fprintf(stderr, "%s\n", line);
}

const char *note_safe(Span text, char *out, size_t size)
{
    size_t n = 0;
    for (; n + 1 < size && n < text.len; n++) {
        u8 c = text.ptr[n];
        out[n] = c > ' ' && c < 127 && c != '"' && c != '\\' ? (char)c : '_';
    }
    out[n] = 0;
    return out;
}
