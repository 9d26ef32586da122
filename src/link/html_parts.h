/* html_parts.h - what the html*.c files share: the allow-list, and the way from text to HTML source. */
#ifndef INVIGIL_LINK_HTML_PARTS_H
#define INVIGIL_LINK_HTML_PARTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/paper.h"

typedef enum TagUse {
    TAG_THROUGH, /* the tag vanishes, its content stays */
    TAG_DROP,    /* vanishes with its content */
    TAG_KEEP,
    TAG_VOID,     /* kept; has no content */
    TAG_PICTURE,  /* kept when its picture is allowed, else its alternative text */
    TAG_MATH,     /* the root of MathML */
    TAG_IN_MATH,  /* kept below the root of MathML, else as THROUGH */
    TAG_EQUATION, /* what the Markdown library makes of $...$: becomes that text again */
} TagUse;

typedef struct Tag {
    const char *name; /* in the source, small letters */
    const char *as;   /* in the tree */
    TagUse use;
    bool block; /* separates words in html_plain */
} Tag;

/* Never NULL: an unknown tag is one that lets through. */
const Tag *html_tag(const char *name);
/* Whether an attribute of that tag may stay, with this value. */
bool html_attribute_allowed(const Tag *tag, const char *name, Span value);

/* Pictures are taken out of the source before any parser sees it; "data:#N" stands for picture N. */
typedef struct Pictures {
    Span *urls;
    u32 count;
} Pictures;

Err html_take_pictures(Arena *a, Span text, Span *without, Pictures *out) MUST_CHECK;
/* The url that "data:#N" stands for when it may be shown; an empty span otherwise. */
Span html_picture(const Pictures *pictures, Span src);

#endif
