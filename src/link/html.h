/* html.h - question text as a closed tree of nodes, so that the browser never parses HTML.
 *
 * A node is a text ("...") or an element (["tag", {attributes}, child, ...]). html_tree appends one
 * node, always ["div", {}, ...]:
 *   ["div",{},["p",{},"What is ",["b",{},"H"],["sub",{},"2"],"O?"],["br",{}]]
 * Only the tags and attributes of html_tags.c can occur; scripts, styles, event attributes, frames,
 * forms and comments vanish, links become their text, pictures stay when they are data: URLs of a
 * known kind and become their alternative text otherwise. MathML elements occur only below
 * ["math", ...]. TeX stays text. The JSON holds no '<'. */
#ifndef INVIGIL_LINK_HTML_H
#define INVIGIL_LINK_HTML_H

#include "base/arena.h"
#include "base/buf.h"
#include "core/paper.h"

/* Faults: ERR_MEMORY (also when json_out is full), ERR_FORMAT (not UTF-8, or holds a NUL byte),
 * ERR_LIMIT (over ITEM_BYTES_MAX, or HTML_BYTES_MAX without its pictures, HTML_NODES_MAX nodes, or
 * HTML_RAW_DEPTH_MAX). After a fault json_out is as it was. The arena holds working memory only. */
Err html_tree(Arena *a, Span text, TextFormat format, Buf *json_out) MUST_CHECK;

/* The text alone, without any mark-up, for lists and titles: blanks are joined, at most max_chars
 * characters and an ellipsis. In the arena; ptr NULL when that is full. Falls back to the bare
 * text. */
Span html_plain(Arena *a, Span text, TextFormat format, u32 max_chars) MUST_CHECK;

/* The same text as HTML source (not sanitized: only for html_tree), to join texts of different
 * formats. */
Err html_from(Arena *a, Span text, TextFormat format, Span *out) MUST_CHECK;

/* Appends a JSON string with its quotes. The span must be UTF-8. */
void html_json_text(Buf *out, Span text);

#endif
