/* tree_check.h - walks the JSON of html_tree and stops the program when it is not one closed tree of nodes
 * from the list. Written apart from the code that it checks: it shares nothing with it. */
#ifndef INVIGIL_FUZZ_TREE_CHECK_H
#define INVIGIL_FUZZ_TREE_CHECK_H

#include "base/text.h"

#include <stdlib.h>

typedef struct TreeWalk {
    const u8 *at, *end;
} TreeWalk;

static inline void must(bool cond)
{
    if (!cond) abort();
}

static inline void walk_char(TreeWalk *w, u8 c)
{
    must(w->at < w->end && *w->at == c);
    w->at++;
}

static inline bool walk_sees(const TreeWalk *w, u8 c)
{
    return w->at < w->end && *w->at == c;
}

static inline Span walk_string(TreeWalk *w)
{
    walk_char(w, '"');
    const u8 *start = w->at;
    while (!walk_sees(w, '"')) {
        must(w->at < w->end && *w->at >= 0x20 && *w->at != '<');
        if (*w->at == '\\') {
            w->at++;
            must(w->at < w->end && memchr("\"\\nu", *w->at, 4));
        }
        w->at++;
    }
    Span s = {start, (size_t)(w->at - start)};
    w->at++;
    return s;
}

static inline bool is_word_of(Span word, const char *list)
{
    char padded[40];
    must(word.len > 0 && word.len < 30);
    padded[0] = ' ';
    memcpy(padded + 1, word.ptr, word.len);
    padded[word.len + 1] = ' ';
    return memmem(list, strlen(list), padded, word.len + 2) != NULL;
}

static inline void walk_attributes(TreeWalk *w, bool picture)
{
    walk_char(w, '{');
    while (!walk_sees(w, '}')) {
        Span name = walk_string(w);
        must(is_word_of(name, " src alt lang dir colspan rowspan display "));
        walk_char(w, ':');
        Span value = walk_string(w);
        if (span_equal(name, SPAN("src"))) must(picture && text_starts(value, SPAN("data:image/")));
        if (walk_sees(w, ',')) w->at++;
        else must(walk_sees(w, '}'));
    }
    w->at++;
}

static inline void walk_tag(TreeWalk *w)
{
    static const char tags[] = " p div br span b strong i em u s sub sup code pre kbd blockquote "
                               "ul ol li dl dt dd table thead "
                               "tbody tr th td caption h3 h4 h5 h6 hr img math mrow mi mn mo msup "
                               "msub msubsup mfrac msqrt "
                               "mroot mtext mtable mtr mtd mover munder munderover mspace mstyle ";
    Span tag = walk_string(w);
    must(is_word_of(tag, tags));
    walk_char(w, ',');
    walk_attributes(w, span_equal(tag, SPAN("img")));
}

static inline void tree_check(Span json)
{
    TreeWalk w = {json.ptr, json.ptr + json.len};
    u32 depth = 0;
    must(text_is_utf8(json));
    do {
        if (walk_sees(&w, ']')) {
            w.at++;
            must(depth-- > 0);
            continue;
        }
        if (depth) walk_char(&w, ',');
        if (walk_sees(&w, '"')) {
            (void)walk_string(&w);
        } else {
            walk_char(&w, '[');
            walk_tag(&w);
            must(++depth < 100);
        }
    } while (depth);
    must(w.at == w.end);
}

#endif
