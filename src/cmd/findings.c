#include "cmd/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"

void findings_init(Findings *f, bool json)
{
    *f = (Findings){.json = json};
    body_init(&f->list);
    body_open(&f->list, NULL, '[');
}

void findings_done(Findings *f)
{
    body_done(&f->list);
}

void finding_add(Findings *f, const char *part, const char *object, const char *format, ...)
{
    char text[8192];
    va_list args;
    if (f->count++ >= CHECK_FINDINGS_MAX) return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!f->json) {
        printf("%s: %s%s%s\n", part, object ? object : "", object ? ": " : "", text);
        return;
    }
    body_open(&f->list, NULL, '{');
    body_text(&f->list, "part", span_of(part));
    body_text(&f->list, "object", span_of(object ? object : ""));
    body_text(&f->list, "text", span_of(text));
    body_shut(&f->list, '}');
}

void findings_set_aside(Findings *f, const Engine *e)
{
    u32 count = engine_set_aside(e, NULL, 0);
    SetAside *list = calloc(count + 1, sizeof *list);
    if (!list) return;
    engine_set_aside(e, list, count);
    for (u32 i = 0; i < count; i++) {
        char object[40];
        snprintf(object, sizeof object, "attempt %llu", (unsigned long long)list[i].attempt);
        finding_add(f, "replay", object, "set aside at version %llu, read-only: %s",
                    (unsigned long long)list[i].ver, list[i].why);
    }
    free(list);
}
