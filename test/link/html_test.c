/* Question text to the closed tree of nodes. */
#include "test/test.h"

#include "link/html.h"

#include <time.h>

static char tree_text[4 * 1024 * 1024];

/* The tree of a text without its root ("" is an empty text); "fault -5" after a fault. */
static Span tree_of(Span text, TextFormat format)
{
    Arena a;
    Buf out;
    arena_init(&a, 64 * 1024 * 1024);
    buf_init(&out, sizeof tree_text - 1);
    Err err = html_tree(&a, text, format, &out);
    if (err) {
        CHECK_EQUAL(out.len, 0);
        snprintf(tree_text, sizeof tree_text, "fault %d", (int)err);
    } else {
        static const char start[] = "[\"div\",{}";
        CHECK(out.len > sizeof start - 1 && memcmp(out.ptr, start, sizeof start - 1) == 0);
        size_t n = out.len - sizeof start; /* without the start and the last ']' */
        memcpy(tree_text, out.ptr + sizeof start - 1, n);
        tree_text[n] = 0;
    }
    buf_done(&out);
    arena_done(&a);
    return span_of(tree_text[0] == ',' ? tree_text + 1 : tree_text);
}

static Span html(const char *text)
{
    return tree_of(span_of(text), FORMAT_HTML);
}

static Span plain(const char *text)
{
    return tree_of(span_of(text), FORMAT_PLAIN);
}

static Span markdown(const char *text)
{
    return tree_of(span_of(text), FORMAT_MARKDOWN);
}

static Span words(const char *text, TextFormat format, u32 max)
{
    static char copy[1000];
    Arena a;
    arena_init(&a, 1024 * 1024);
    Span s = html_plain(&a, span_of(text), format, max);
    snprintf(copy, sizeof copy, "%.*s", SPAN_ARG(s));
    arena_done(&a);
    return span_of(copy);
}

TEST("Allowed tags become nodes, and neighbouring texts become one.")
{
    CHECK_TEXT(html("What is <b>H</b><sub>2</sub>O?"),
               "\"What is \",[\"b\",{},\"H\"],[\"sub\",{},\"2\"],\"O?\"");
    CHECK_TEXT(html("<p>a &amp; b</p><p>c</p>"), "[\"p\",{},\"a & b\"],[\"p\",{},\"c\"]");
    CHECK_TEXT(html("<ul><li>a<li>b</ul>"), "[\"ul\",{},[\"li\",{},\"a\"],[\"li\",{},\"b\"]]");
    CHECK_TEXT(html("a<br>b<hr/>"), "\"a\",[\"br\",{}],\"b\",[\"hr\",{}]");
    CHECK_TEXT(html(""), "");
}

TEST("Every tag of the list passes.")
{
    static const char *const tags[] = {
        "p",    "div", "span",       "b",     "strong", "i",     "em", "u",  "s",  "sub",    "sup",
        "code", "pre", "kbd",        "ul",    "ol",     "li",    "dl", "dt", "dd", "h3",     "h4",
        "h5",   "h6",  "blockquote", "table", "thead",  "tbody", "tr", "th", "td", "caption"};
    for (size_t i = 0; i < COUNT_OF(tags); i++) {
        char in[100], want[100];
        snprintf(in, sizeof in, "<%s>x</%s>", tags[i], tags[i]);
        snprintf(want, sizeof want, "[\"%s\",{},\"x\"]", tags[i]);
        CHECK_TEXT(html(in), want);
    }
}

TEST("Scripts, styles, frames, forms and comments vanish with what they hold.")
{
    CHECK_TEXT(html("a<script>alert(1)</script>b"), "\"ab\"");
    CHECK_TEXT(html("a<style>p{}</style><!-- c --><iframe src=x>t</iframe>b"), "\"ab\"");
    CHECK_TEXT(html("<svg><script>1</script><g>x</g></svg><object><p>y</p></object>b"), "\"b\"");
    CHECK_TEXT(html("<template><p>x</p></template><noscript><img src=x></noscript>b"), "\"b\"");
    CHECK_TEXT(html("<form action=x><input value=1>t<textarea>u</textarea></form>"), "\"t\"");
    CHECK_TEXT(html("<?php x ?>a<!DOCTYPE x>b"), "\"ab\"");
}

TEST("Attributes vanish unless they are on the list and have an allowed value.")
{
    CHECK_TEXT(html("<p class=x style='color:red' onclick=a() id=y lang=fr dir=RTL>t</p>"),
               "[\"p\",{\"lang\":\"fr\"},\"t\"]");
    CHECK_TEXT(html("<p dir=rtl>t</p>"), "[\"p\",{\"dir\":\"rtl\"},\"t\"]");
    CHECK_TEXT(html("<p lang='a\" onx'>t</p>"), "[\"p\",{},\"t\"]");
    CHECK_TEXT(html("<table><tr><td colspan=2 rowspan=x>t</td></tr></table>"),
               "[\"table\",{},[\"tr\",{},[\"td\",{\"colspan\":\"2\"},\"t\"]]]");
    CHECK_TEXT(html("<p colspan=2 alt=x>t</p>"), "[\"p\",{},\"t\"]");
    CHECK_TEXT(html("<b onmouseover=x>t</b>"), "[\"b\",{},\"t\"]");
}

TEST("A link becomes its text, unknown tags let through.")
{
    CHECK_TEXT(html("<a href='javascript:x'>here</a><blink>b</blink><font color=red>c</font>"),
               "\"herebc\"");
    CHECK_TEXT(html("<html><head><title>t</title></head><body><p>x</p></body></html>"),
               "[\"p\",{},\"x\"]");
    CHECK_TEXT(html("<h1>x</h1><del>y</del>"), "[\"h3\",{},\"x\"],[\"s\",{},\"y\"]");
}

TEST("A picture stays when it is inside the file and of a known kind, else its alternative text "
     "does.")
{
    CHECK_TEXT(
        html("<img src=\"data:image/png;base64,iVBORw0KGgo=\" alt=\"a dot\" onerror=x width=3>"),
        "[\"img\",{\"src\":\"data:image/png;base64,iVBORw0KGgo=\",\"alt\":\"a dot\"}]");
    CHECK_TEXT(html("<img src='https://example.org/a.png' alt='a dot'>"), "\"a dot\"");
    CHECK_TEXT(html("<img src='@@PLUGINFILE@@/3.png' alt=''>"), "\"[image]\"");
    CHECK_TEXT(html("<img src='data:image/svg+xml;base64,AAAA' alt=x>"), "\"x\"");
    CHECK_TEXT(html("<img src='data:text/html;base64,AAAA' alt=x>"), "\"x\"");
    CHECK_TEXT(html("<img src='data:#0' alt=x>"), "\"x\"");
    CHECK_TEXT(html("<img src='data:#99999999999999999999' alt=x>"), "\"x\"");
    CHECK_TEXT(html("<img src='data:image/gif;base64,AA\" onerror=x' alt=x>"), "\"x\"");
    CHECK_TEXT(html("<img src='data:image/gif;base64,AA'><img src='data:image/webp;base64,BB'>"),
               "[\"img\",{\"src\":\"data:image/gif;base64,AA\"}],"
               "[\"img\",{\"src\":\"data:image/webp;base64,BB\"}]");
    CHECK_TEXT(
        markdown("![dot](data:image/png;base64,iVBO)"),
        "[\"p\",{},[\"img\",{\"src\":\"data:image/png;base64,iVBO\",\"alt\":\"dot\"}]],\"\\n\"");
}

TEST("A picture that is too large becomes its alternative text.")
{
    static char big[HTML_IMAGE_BYTES_MAX + 200];
    int n = snprintf(big, sizeof big, "<img alt=big src='data:image/png;base64,");
    memset(big + n, 'A', HTML_IMAGE_BYTES_MAX - 22);
    memcpy(big + n + HTML_IMAGE_BYTES_MAX - 22, "'>", 3);
    CHECK(html(big).len > HTML_IMAGE_BYTES_MAX);
    memset(big + n, 'A', HTML_IMAGE_BYTES_MAX - 21);
    memcpy(big + n + HTML_IMAGE_BYTES_MAX - 21, "'>", 3);
    CHECK_TEXT(html(big), "\"big\"");
}

TEST("MathML stays below math and vanishes elsewhere; its TeX annotation is not shown twice.")
{
    CHECK_TEXT(
        html("<math display=block><mfrac><mn>1</mn><mi>x</mi></mfrac></math>"),
        "[\"math\",{\"display\":\"block\"},[\"mfrac\",{},[\"mn\",{},\"1\"],[\"mi\",{},\"x\"]]]");
    CHECK_TEXT(html("<mi>x</mi>"), "\"x\"");
    CHECK_TEXT(
        html("<math><semantics><mi>x</mi><annotation encoding=tex>\\x</annotation></semantics>"
             "</math>"),
        "[\"math\",{},[\"mi\",{},\"x\"]]");
    CHECK_TEXT(html("<math><mtext><b>x</b><img src=x alt=y></mtext><maction>z</maction></math>"),
               "[\"math\",{},[\"mtext\",{},\"x\"],\"z\"]");
}

TEST("The result holds no '<', whatever comes in.")
{
    CHECK_TEXT(html("&lt;script&gt; a < b"), "\"\\u003cscript> a \\u003c b\"");
    CHECK_TEXT(plain("<b>\"x\"\\ \x01\x7F</b>"),
               "[\"p\",{},\"\\u003cb>\\\"x\\\"\\\\ \\u007f\\u003c/b>\"]");
}

TEST("Broken HTML is taken as far as it goes, and the tree is always closed.")
{
    CHECK_TEXT(html("<b><i>x</b>y"), "[\"b\",{},[\"i\",{},\"x\"]],\"y\"");
    CHECK_TEXT(html("x</p></b>"), "\"x\"");
    CHECK_TEXT(html("<p>x<b"), "[\"p\",{},\"x\",[\"b\",{}]]");
    CHECK_TEXT(html("a<script>never closed"), "\"a\"");
    CHECK_TEXT(html("a<!-- never closed"), "\"a\"");
}

TEST("Plain text keeps its paragraphs and lines, and nothing in it is mark-up.")
{
    CHECK_TEXT(plain("a\nb\n\n\nc <i>"),
               "[\"p\",{},\"a\",[\"br\",{}],\"b\"],[\"p\",{},\"c \\u003ci>\"]");
    CHECK_TEXT(plain("a &amp; b\r\n"), "[\"p\",{},\"a &amp; b\"]");
    CHECK_TEXT(plain(" \n "), "");
    CHECK_TEXT(plain("$x<y$ \\(a\\)"), "[\"p\",{},\"$x\\u003cy$ \\\\(a\\\\)\"]");
}

TEST("Markdown becomes the same nodes.")
{
    CHECK_TEXT(markdown("Is **2** *less*?"),
               "[\"p\",{},\"Is \",[\"strong\",{},\"2\"],\" \",[\"em\",{},\"less\"],\"?\"],\"\\n\"");
    CHECK_TEXT(markdown("a  \nb"), "[\"p\",{},\"a\",[\"br\",{}],\"\\nb\"],\"\\n\"");
    CHECK_TEXT(markdown("`a<b`"), "[\"p\",{},[\"code\",{},\"a\\u003cb\"]],\"\\n\"");
    CHECK_TEXT(markdown("<script>x</script>\n\nb"), "\"\\n\",[\"p\",{},\"b\"],\"\\n\"");
    CHECK_TEXT(markdown("[here](javascript:x)"), "[\"p\",{},\"here\"],\"\\n\"");
}

TEST("TeX in Markdown stays as it was written.")
{
    CHECK_TEXT(markdown("$a_1*b*c_2$ and $$x^2$$"),
               "[\"p\",{},\"$a_1*b*c_2$ and $$x^2$$\"],\"\\n\"");
    CHECK_TEXT(markdown("\\(x\\)"), "[\"p\",{},\"\\\\(x\\\\)\"],\"\\n\"");
    CHECK_TEXT(markdown("It costs $5 or $10."), "[\"p\",{},\"It costs $5 or $10.\"],\"\\n\"");
}

TEST("Nesting deeper than allowed is flattened, and nesting without end is refused.")
{
    static char deep[HTML_BYTES_MAX];
    size_t n = 0;
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, "<i>");
    snprintf(deep + n, sizeof deep - n, "x");
    Span tree = html(deep);
    size_t count = 0;
    for (size_t i = 0; i < tree.len; i++)
        count += tree.ptr[i] == '[';
    CHECK_EQUAL(count, HTML_DEPTH_MAX);
    for (int i = 0; i < 300; i++)
        n += (size_t)snprintf(deep + n, sizeof deep - n, "<i>");
    CHECK_TEXT(html(deep), "fault -2");
}

static void repeat(char *to, size_t size, const char *part)
{
    size_t n = strlen(part), at = 0;
    for (; at + n < size; at += n)
        memcpy(to + at, part, n);
    to[at] = 0;
}

TEST("Texts with too many nodes or too long are refused, and none is slow.")
{
    static char text[HTML_BYTES_MAX + 10];
    static const char *const parts[] = {
        "<",    "<b",      "<b>",       "</b>", "<!--",   "&",    "&amp",     "<b a", "[",
        "*a ",  "> ",      "`",         "_a*",  "|",      "|a\n", "- ",       "![",   "<p>",
        "<li>", "<table>", "]()",       "$",    "<a b='", "\\",   "[a]: b\n", "1. ",  "a*_",
        "~~a",  "&#",      "<![CDATA[", "<?",   "<td>",   "[a](<"};
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        repeat(text, HTML_BYTES_MAX, parts[i]);
        clock_t start = clock();
        (void)html(text);
        (void)markdown(text);
        (void)plain(text);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > 3) printf("  \"%s\" took %.1f s\n", parts[i], seconds);
        CHECK(seconds < 6); /* sanitizers included */
    }
    repeat(text, sizeof text, "x");
    CHECK_TEXT(html(text), "fault -2");
    repeat(text, HTML_BYTES_MAX, "<br>");
    CHECK(html(text).len > 1000);
    repeat(text, HTML_BYTES_MAX, "a<b>");
    CHECK_TEXT(html(text), "fault -2");
}

TEST("A tag with ten thousand attributes is not slow.")
{
    static char text[HTML_BYTES_MAX];
    size_t n = (size_t)snprintf(text, sizeof text, "<b");
    for (int i = 0; n + 10 < sizeof text; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " a%x", (unsigned)i);
    clock_t start = clock();
    (void)html(text);
    CHECK((clock() - start) / CLOCKS_PER_SEC < 3);
}

TEST("Text that is not UTF-8 or holds a zero byte is refused and writes nothing.")
{
    CHECK_TEXT(html("a\xFFz"), "fault -5");
    CHECK_TEXT(tree_of(SPAN("a\0b"), FORMAT_HTML), "fault -5");
}

TEST("Out of room: the output is as it was, and can be used further.")
{
    Arena a;
    Buf out;
    arena_init(&a, 1024 * 1024);
    buf_init(&out, 300);
    buf_text(&out, "before");
    static char text[400];
    memset(text, 'x', sizeof text - 1);
    CHECK_EQUAL(html_tree(&a, span_of(text), FORMAT_HTML, &out), ERR_MEMORY);
    CHECK_TEXT(buf_view(&out), "before");
    CHECK_EQUAL(html_tree(&a, SPAN("x"), FORMAT_HTML, &out), OK);
    CHECK_TEXT(buf_view(&out), "before[\"div\",{},\"x\"]");
    arena_done(&a);
    arena_init(&a, 100);
    CHECK_EQUAL(html_tree(&a, SPAN("x"), FORMAT_HTML, &out), ERR_MEMORY);
    buf_done(&out);
    arena_done(&a);
}

TEST("The text alone has no mark-up, and is cut with an ellipsis.")
{
    CHECK_TEXT(words("<p>What  is</p><p><b>H</b>2O &amp; x?</p>", FORMAT_HTML, 80),
               "What is H2O & x?");
    CHECK_TEXT(words("<script>x</script><img src=x alt=dot>", FORMAT_HTML, 80), "dot");
    CHECK_TEXT(words("a\n\n b <b>", FORMAT_PLAIN, 80), "a b <b>");
    CHECK_TEXT(words("**Łódź** is", FORMAT_MARKDOWN, 4), "Łódź…");
    CHECK_TEXT(words("Łódź", FORMAT_PLAIN, 4), "Łódź");
    CHECK_TEXT(words("", FORMAT_HTML, 4), "");
}

TEST_MAIN()
