/* Comparing short answers. Works on code points read in place: no copy, no allocation. */
#include "core/item_fold.h"

#include "base/text.h"

enum { BLANK = ' ', STAR = 0x110000 /* a wildcard: beyond every code point */ };

/* A place in a text, and the text's rules. */
typedef struct Cursor {
    Span rest;
    bool pattern; /* '*' is a wildcard and '\' takes its meaning away */
} Cursor;

/* One code point off the front. Ill formed bytes stand for themselves: nothing is ever skipped. */
static u32 char_take(Span *s)
{
    const u8 *p = s->ptr;
    size_t n = p[0] < 0xC2 ? 1 : p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : p[0] < 0xF5 ? 4 : 1;
    if (n > s->len) n = 1;
    u32 c = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3F);
    s->ptr += n;
    s->len -= n;
    return c;
}

static bool is_blank(u32 c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || c == 0x202F || c == 0x3000;
}

/* Latin Extended-A pairs capital and small letter, but which of a pair is even changes twice. */
static u32 fold_extended(u32 c)
{
    if (c == 0x130 || c == 0x131) return 'i';
    if (c == 0x178) return 0xFF;
    if (c == 0x17F) return 's';
    bool odd_is_capital = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if (odd_is_capital) return (c & 1) ? c + 1 : c;
    if (c == 0x138 || c == 0x149) return c;
    return c | 1;
}

static u32 char_fold(u32 c)
{
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c < 0xC0) return c;
    if (c <= 0xDE) return c == 0xD7 ? c : c + 32;
    if (c >= 0x100 && c <= 0x17F) return fold_extended(c);
    if (c >= 0x391 && c <= 0x3A9) return c + 32;
    if (c == 0x3C2) return 0x3C3; /* the sigma that ends a word */
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    return c;
}

/* The next folded character; a run of blanks is one. The text is trimmed and not at its end. */
static u32 cursor_take(Cursor *c)
{
    u32 ch = char_take(&c->rest);
    if (is_blank(ch)) {
        for (Span look = c->rest; look.len && is_blank(char_take(&look));)
            c->rest = look;
        return BLANK;
    }
    if (c->pattern && ch == '*') return STAR;
    if (c->pattern && ch == '\\' && c->rest.len && c->rest.ptr[0] == '*') ch = char_take(&c->rest);
    return char_fold(ch);
}

static Span trim(Span s)
{
    for (Span look = s; look.len && is_blank(char_take(&look));)
        s = look;
    for (;;) {
        size_t n = 1; /* bytes of the last character */
        while (n < s.len && n < 4 && (s.ptr[s.len - n] & 0xC0) == 0x80)
            n++;
        Span last = {s.ptr + s.len - n, n};
        if (!s.len || !is_blank(char_take(&last)) || last.len) return s;
        s.len -= n;
    }
}

bool item_text_fits(Span pattern, Span answer)
{
    Cursor p = {trim(pattern), true}, a = {trim(answer), false};
    Cursor star_p = {0}, star_a = {0}; /* where to go on when the last '*' must take one more */
    bool star = false;
    while (p.rest.len || a.rest.len) {
        Cursor p_next = p, a_next = a;
        u32 want = p.rest.len ? cursor_take(&p_next) : 0;
        if (p.rest.len && want == STAR) {
            star = true;
            p = star_p = p_next;
            star_a = a;
            continue;
        }
        if (p.rest.len && a.rest.len && cursor_take(&a_next) == want) {
            p = p_next;
            a = a_next;
            continue;
        }
        if (!star || !star_a.rest.len) return false;
        cursor_take(&star_a);
        p = star_p;
        a = star_a;
    }
    return true;
}
