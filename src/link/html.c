/* html.c - from HTML source to the closed tree. libxml2 finds tags and texts and tells them one by one; no
 * document is built, nothing here recurses, and what is not in html_tags.c is not written. */
#include "link/html.h"

#include "base/text.h"
#include "link/html_parts.h"

#include <libxml/HTMLparser.h>
#include <pthread.h>

enum { NAME_SIZE = 24 }; /* longer than any known tag: longer names are unknown ones */

typedef struct OpenTag {
    char name[NAME_SIZE];
    bool written; /* its end must be written */
    bool drop;    /* nothing below it is written */
    bool math;    /* inside MathML */
    bool block;
    const char *tail; /* text to write at its end, or NULL */
} OpenTag;

typedef struct Tree {
    Buf *out;
    bool plain; /* html_plain: texts only */
    Pictures pictures;
    htmlParserCtxtPtr parser;
    bool text_open; /* a JSON string stands open, so that neighbouring texts become one */
    bool limit;
    u32 nodes, depth, written_depth;
    OpenTag open[HTML_RAW_DEPTH_MAX];
} Tree;

/* ---- JSON ---- */

static void json_byte(Buf *out, u8 c)
{
    if (c == '"' || c == '\\') {
        buf_u8(out, '\\');
        buf_u8(out, c);
    } else if (c == '\n') {
        buf_text(out, "\\n");
    } else if (c < 0x20 || c == '<' || c == 0x7F) {
        buf_print(out, "\\u%04x", (unsigned)c);
    } else {
        buf_u8(out, c);
    }
}

static void json_bytes(Buf *out, Span text)
{
    for (size_t i = 0; i < text.len; i++)
        json_byte(out, text.ptr[i]);
}

void html_json_text(Buf *out, Span text)
{
    buf_u8(out, '"');
    json_bytes(out, text);
    buf_u8(out, '"');
}

/* ---- writing the tree ---- */

static const OpenTag *tree_top(const Tree *t)
{
    static const OpenTag root = {0};
    return t->depth ? &t->open[t->depth - 1] : &root;
}

static void tree_stop(Tree *t)
{
    t->limit = true;
    xmlStopParser(t->parser);
}

static bool tree_node(Tree *t)
{
    if (++t->nodes > HTML_NODES_MAX) tree_stop(t);
    return !t->limit;
}

static void text_end(Tree *t)
{
    if (t->text_open) buf_u8(t->out, '"');
    t->text_open = false;
}

static void tree_text(Tree *t, Span text)
{
    if (!text.len || tree_top(t)->drop) return;
    if (t->plain) {
        buf_span(t->out, text);
        return;
    }
    if (!t->text_open) {
        if (!tree_node(t)) return;
        buf_text(t->out, ",\"");
        t->text_open = true;
    }
    json_bytes(t->out, text);
}

static Span attribute_value(const xmlChar **attributes, const char *name)
{
    for (size_t i = 0; attributes && attributes[i]; i += 2)
        if (strcmp((const char *)attributes[i], name) == 0)
            return span_of((const char *)attributes[i + 1]);
    return SPAN_NONE;
}

static void attribute_write(Buf *out, const char *name, Span value, bool *first)
{
    if (!*first) buf_u8(out, ',');
    *first = false;
    html_json_text(out, span_of(name));
    buf_u8(out, ':');
    html_json_text(out, value);
}

static void element_begin(Tree *t, const Tag *tag, const xmlChar **attributes, Span picture)
{
    bool first = true;
    if (t->plain || !tree_node(t)) return;
    text_end(t);
    buf_text(t->out, ",[");
    html_json_text(t->out, span_of(tag->as));
    buf_text(t->out, ",{");
    if (picture.len) attribute_write(t->out, "src", picture, &first);
    for (size_t i = 0; attributes && attributes[i]; i += 2) {
        const char *name = (const char *)attributes[i];
        Span value = span_of((const char *)attributes[i + 1]);
        if (html_attribute_allowed(tag, name, value)) attribute_write(t->out, name, value, &first);
    }
    buf_u8(t->out, '}');
}

static void element_end(Tree *t)
{
    if (t->plain) return;
    text_end(t);
    buf_u8(t->out, ']');
}

static void picture_write(Tree *t, const Tag *tag, const xmlChar **attributes)
{
    Span url = html_picture(&t->pictures, attribute_value(attributes, "src"));
    Span alt = text_trim(attribute_value(attributes, "alt"));
    if (url.len && !t->plain) {
        element_begin(t, tag, attributes, url);
        element_end(t);
    } else {
        tree_text(t, alt.len ? alt : SPAN("[image]"));
    }
}

/* Whether the tag itself goes into the tree at this place. */
static bool tag_is_written(const Tree *t, const Tag *tag, bool in_math)
{
    if (t->written_depth >= HTML_DEPTH_MAX) return false;
    switch (tag->use) {
    case TAG_KEEP: return !in_math;
    case TAG_MATH: return !in_math;
    case TAG_IN_MATH: return in_math;
    case TAG_THROUGH:
    case TAG_DROP:
    case TAG_VOID:
    case TAG_PICTURE:
    case TAG_EQUATION: break;
    }
    return false;
}

static void tag_open(Tree *t, OpenTag *o, const Tag *tag, const xmlChar **attributes)
{
    if (tag->use == TAG_DROP) o->drop = true;
    if (o->drop) return;
    if (tag->block && t->plain) buf_u8(t->out, ' ');
    o->block = tag->block;
    if (tag_is_written(t, tag, o->math)) {
        element_begin(t, tag, attributes, SPAN_NONE);
        o->written = true;
        t->written_depth++;
    } else if (tag->use == TAG_VOID && !o->math) {
        element_begin(t, tag, attributes, SPAN_NONE);
        element_end(t);
    } else if (tag->use == TAG_PICTURE && !o->math) {
        picture_write(t, tag, attributes);
    } else if (tag->use == TAG_EQUATION) {
        o->tail = span_equal(attribute_value(attributes, "type"), SPAN("display")) ? "$$" : "$";
        tree_text(t, span_of(o->tail));
    }
    o->math = o->math || (tag->use == TAG_MATH && o->written);
}

static void tag_close(Tree *t)
{
    OpenTag *o = &t->open[t->depth - 1];
    if (o->tail) tree_text(t, span_of(o->tail));
    if (o->written) {
        element_end(t);
        t->written_depth--;
    }
    if (o->block && t->plain) buf_u8(t->out, ' ');
    t->depth--;
}

/* ---- what libxml2 calls ---- */

static void on_start(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
    Tree *t = ctx;
    if (t->limit) return;
    if (t->depth == HTML_RAW_DEPTH_MAX) {
        tree_stop(t);
        return;
    }
    const OpenTag *above = tree_top(t);
    OpenTag open = {.drop = above->drop, .math = above->math};
    memcpy(open.name, name, MIN_OF(strlen((const char *)name), (size_t)NAME_SIZE - 1));
    t->open[t->depth++] = open;
    tag_open(t, &t->open[t->depth - 1], html_tag((const char *)name), attributes);
}

/* The library does not tell the end of a tag that breaks off, so ends look for their own beginning. */
static void on_end(void *ctx, const xmlChar *name)
{
    Tree *t = ctx;
    u32 at = t->depth;
    while (at && strncmp(t->open[at - 1].name, (const char *)name, NAME_SIZE - 1) != 0)
        at--;
    while (at && t->depth >= at)
        tag_close(t);
}

static void on_text(void *ctx, const xmlChar *text, int len)
{
    Tree *t = ctx;
    if (len > 0 && !t->limit) tree_text(t, (Span){text, (size_t)len});
}

static pthread_once_t library_once = PTHREAD_ONCE_INIT;

static void library_init(void)
{
    xmlInitParser();
}

static Err tree_parse(Tree *t, Span source)
{
    static const int options = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                               HTML_PARSE_NONET | HTML_PARSE_NOIMPLIED | HTML_PARSE_NODEFDTD |
                               HTML_PARSE_IGNORE_ENC;
    pthread_once(&library_once, library_init);
    t->parser = htmlNewParserCtxt();
    if (!t->parser) return ERR_MEMORY;
    *t->parser->sax = (htmlSAXHandler){.startElement = on_start,
                                       .endElement = on_end,
                                       .characters = on_text,
                                       .ignorableWhitespace = on_text};
    t->parser->userData = t;
    htmlDocPtr none = htmlCtxtReadMemory(t->parser, (const char *)source.ptr, (int)source.len, NULL,
                                         "UTF-8", options);
    bool memory = t->parser->errNo == XML_ERR_NO_MEMORY;
    if (none) xmlFreeDoc(none);
    htmlFreeParserCtxt(t->parser);
    while (t->depth)
        tag_close(t);
    text_end(t);
    return memory || t->out->failed ? ERR_MEMORY : t->limit ? ERR_LIMIT : OK;
}

/* ---- the module's calls ---- */

static Err tree_make(Arena *a, Tree *t, Span text, TextFormat format)
{
    Span short_text, source;
    if (text.len > ITEM_BYTES_MAX) return ERR_LIMIT;
    if (!text_is_utf8(text) || (text.len && memchr(text.ptr, 0, text.len))) return ERR_FORMAT;
    Err err = html_take_pictures(a, text, &short_text, &t->pictures);
    if (!err && short_text.len > HTML_BYTES_MAX) err = ERR_LIMIT;
    if (!err) err = html_from(a, short_text, format, &source);
    /* Below an unknown tag the library does not invent paragraphs around bare text. */
    if (!err) source = arena_print(a, "<x-root>%.*s", SPAN_ARG(source));
    if (!err && !source.ptr) err = ERR_MEMORY;
    return err ? err : tree_parse(t, source);
}

Err html_tree(Arena *a, Span text, TextFormat format, Buf *json_out)
{
    Tree *t = ARENA_NEW(a, Tree);
    size_t before = json_out->len;
    bool failed_before = json_out->failed;
    if (!t) return ERR_MEMORY;
    t->out = json_out;
    buf_text(json_out, "[\"div\",{}");
    Err err = tree_make(a, t, text, format);
    buf_u8(json_out, ']');
    if (!err && json_out->failed) err = ERR_MEMORY;
    if (!err) return OK;
    json_out->len = before;
    json_out->failed = failed_before;
    return err;
}

/* Copies with runs of blanks joined, cut after max_chars with an ellipsis. */
static Span text_joined(Arena *a, Span text, u32 max_chars)
{
    static const Span ellipsis = {(const u8 *)"\xE2\x80\xA6", 3};
    u8 *to = arena_push(a, text.len + ellipsis.len + 1);
    size_t n = 0;
    u32 chars = 0;
    bool blank = false;
    if (!to) return SPAN_NONE;
    text = text_trim(text);
    for (size_t i = 0; i < text.len; i++) {
        u8 c = text.ptr[i];
        bool was_blank = blank;
        blank = c <= ' ';
        if (blank && was_blank) continue;
        if ((c & 0xC0) != 0x80 && chars++ == max_chars) {
            memcpy(to + n, ellipsis.ptr, ellipsis.len);
            return (Span){to, n + ellipsis.len};
        }
        to[n++] = blank ? ' ' : c;
    }
    return (Span){to, n};
}

Span html_plain(Arena *a, Span text, TextFormat format, u32 max_chars)
{
    Buf words;
    Tree *t = ARENA_NEW(a, Tree);
    if (!t) return SPAN_NONE;
    buf_init(&words, 16 * HTML_BYTES_MAX);
    t->out = &words;
    t->plain = true;
    bool bare = format == FORMAT_PLAIN || tree_make(a, t, text, format) != OK;
    Span joined = text_joined(a, bare ? text : buf_view(&words), max_chars);
    buf_done(&words);
    return joined;
}
