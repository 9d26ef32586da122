/* gift_text.c - escapes, places and text formats of GIFT. */
#include "base/text.h"
#include "link/gift.h"

u32 gift_line(const Gift *g, const u8 *p)
{
    size_t end = (size_t)(p - g->copy);
    u32 line = g->line;
    for (size_t i = g->start; i < end; i++)
        line += g->original[i] == '\n';
    return line;
}

static bool is_nothing(u8 c)
{
    return c == 0 || c == ' ' || (c >= '\t' && c <= '\r');
}

Span gift_trim(Span s)
{
    while (s.len && is_nothing(s.ptr[0]))
        s = (Span){s.ptr + 1, s.len - 1};
    while (s.len && is_nothing(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static bool is_escape(Span s, size_t at)
{
    return s.ptr[at] == '\\' && at + 1 < s.len && s.ptr[at + 1] &&
           memchr("~=#{}:\\n", s.ptr[at + 1], 8);
}

size_t gift_find(Span s, const char *set)
{
    size_t kinds = strlen(set);
    for (size_t i = 0; i < s.len; i++) {
        if (is_escape(s, i)) i++;
        else if (s.ptr[i] && memchr(set, s.ptr[i], kinds)) return i;
    }
    return s.len;
}

bool gift_cut(Span s, const char *set, Span *head, Span *tail)
{
    size_t at = gift_find(s, set);
    *head = (Span){s.ptr, at};
    *tail = (Span){s.ptr + at, s.len - at};
    return at < s.len;
}

Span gift_text(Gift *g, Span s)
{
    s = gift_trim(s);
    u8 *to = arena_push(g->r->arena, s.len + 1);
    size_t n = 0;
    if (!to) {
        reader_fault(g->r);
        return SPAN("");
    }
    for (size_t i = 0; i < s.len; i++) {
        if (is_escape(s, i)) {
            u8 c = s.ptr[++i];
            to[n++] = c == 'n' ? '\n' : c;
        } else if (s.ptr[i]) {
            to[n++] = s.ptr[i];
        }
    }
    return text_trim((Span){to, n});
}

Part gift_part(Gift *g, Span s)
{
    static const struct {
        Span mark;
        Markup markup;
    } formats[] = {{{(const u8 *)"[html]", 6}, MARKUP_HTML},
                   {{(const u8 *)"[markdown]", 10}, MARKUP_MARKDOWN},
                   {{(const u8 *)"[plain]", 7}, MARKUP_PLAIN},
                   {{(const u8 *)"[moodle]", 8}, MARKUP_AUTO}};
    Part p = {.markup = MARKUP_AUTO};
    s = gift_trim(s);
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        size_t n = formats[i].mark.len;
        if (s.len < n || !text_equal_fold((Span){s.ptr, n}, formats[i].mark)) continue;
        p.markup = formats[i].markup;
        s = (Span){s.ptr + n, s.len - n};
        break;
    }
    p.line = gift_line(g, gift_trim(s).ptr);
    p.text = gift_text(g, s);
    return p;
}
