/* html_tags.c - the closed list of what question text may hold. What is not here cannot get out. */
#include "base/text.h"
#include "link/html_parts.h"

#define KEEP(name)                                                                                 \
    {                                                                                              \
#name, #name, TAG_KEEP, false                                                              \
    }
#define BLOCK(name)                                                                                \
    {                                                                                              \
#name, #name, TAG_KEEP, true                                                               \
    }
#define MATH(name)                                                                                 \
    {                                                                                              \
#name, #name, TAG_IN_MATH, false                                                           \
    }
#define DROP(name)                                                                                 \
    {                                                                                              \
#name, "", TAG_DROP, true                                                                  \
    }
#define THROUGH(name)                                                                              \
    {                                                                                              \
#name, "", TAG_THROUGH, false                                                              \
    }
#define THROUGH_BLOCK(name)                                                                        \
    {                                                                                              \
#name, "", TAG_THROUGH, true                                                               \
    }

static const Tag TAGS[] = {
    BLOCK(p),
    BLOCK(div),
    BLOCK(pre),
    BLOCK(blockquote),
    BLOCK(ul),
    BLOCK(ol),
    BLOCK(li),
    BLOCK(dl),
    BLOCK(dt),
    BLOCK(dd),
    BLOCK(table),
    BLOCK(thead),
    BLOCK(tbody),
    BLOCK(tr),
    BLOCK(th),
    BLOCK(td),
    BLOCK(caption),
    BLOCK(h3),
    BLOCK(h4),
    BLOCK(h5),
    BLOCK(h6),
    KEEP(span),
    KEEP(b),
    KEEP(strong),
    KEEP(i),
    KEEP(em),
    KEEP(u),
    KEEP(s),
    KEEP(sub),
    KEEP(sup),
    KEEP(code),
    KEEP(kbd),
    {"br", "br", TAG_VOID, true},
    {"hr", "hr", TAG_VOID, true},
    {"img", "img", TAG_PICTURE, false},
    {"x-equation", "", TAG_EQUATION, false},
    /* Near relatives of the above. */
    {"h1", "h3", TAG_KEEP, true},
    {"h2", "h3", TAG_KEEP, true},
    {"tfoot", "tbody", TAG_KEEP, true},
    {"del", "s", TAG_KEEP, false},
    {"strike", "s", TAG_KEEP, false},
    {"ins", "u", TAG_KEEP, false},
    {"tt", "code", TAG_KEEP, false},
    {"samp", "code", TAG_KEEP, false},
    {"var", "i", TAG_KEEP, false},
    {"cite", "i", TAG_KEEP, false},
    {"dfn", "i", TAG_KEEP, false},
    {"center", "div", TAG_KEEP, true},
    {"figure", "div", TAG_KEEP, true},
    {"figcaption", "p", TAG_KEEP, true},
    {"section", "div", TAG_KEEP, true},
    {"article", "div", TAG_KEEP, true},
    {"address", "div", TAG_KEEP, true},
    THROUGH_BLOCK(body),
    THROUGH_BLOCK(form),
    THROUGH_BLOCK(fieldset),
    THROUGH(a),
    THROUGH(font),
    THROUGH(small),
    THROUGH(big),
    THROUGH(abbr),
    THROUGH(mark),
    THROUGH(q),
    /* Presentation MathML. */
    {"math", "math", TAG_MATH, false},
    MATH(mrow),
    MATH(mi),
    MATH(mn),
    MATH(mo),
    MATH(msup),
    MATH(msub),
    MATH(msubsup),
    MATH(mfrac),
    MATH(msqrt),
    MATH(mroot),
    MATH(mtext),
    MATH(mtable),
    MATH(mtr),
    MATH(mtd),
    MATH(mover),
    MATH(munder),
    MATH(munderover),
    MATH(mspace),
    MATH(mstyle),
    /* Content that is no text for people. */
    DROP(script),
    DROP(style),
    DROP(title),
    DROP(iframe),
    DROP(frame),
    DROP(frameset),
    DROP(object),
    DROP(embed),
    DROP(applet),
    DROP(noscript),
    DROP(noframes),
    DROP(noembed),
    DROP(template),
    DROP(svg),
    DROP(canvas),
    DROP(audio),
    DROP(video),
    DROP(select),
    DROP(textarea),
    DROP(button),
    DROP(annotation),
    DROP(xmp),
    DROP(plaintext),
    DROP(map),
    {"annotation-xml", "", TAG_DROP, false},
};

static const Tag UNKNOWN = {"", "", TAG_THROUGH, false};

const Tag *html_tag(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(TAGS); i++)
        if (strcmp(TAGS[i].name, name) == 0) return &TAGS[i];
    return &UNKNOWN;
}

static bool is_span_count(Span value)
{
    u64 n;
    return text_to_u64(value, &n) && n >= 1 && n <= 1000;
}

static bool is_language(Span value)
{
    for (size_t i = 0; i < value.len; i++) {
        u8 c = value.ptr[i] | 0x20;
        bool letter = c >= 'a' && c <= 'z';
        if (!letter && value.ptr[i] != '-' && !(value.ptr[i] >= '0' && value.ptr[i] <= '9'))
            return false;
    }
    return value.len >= 1 && value.len <= 35;
}

bool html_attribute_allowed(const Tag *tag, const char *name, Span value)
{
    if (strcmp(name, "lang") == 0) return is_language(value);
    if (strcmp(name, "dir") == 0)
        return span_equal(value, SPAN("ltr")) || span_equal(value, SPAN("rtl")) ||
               span_equal(value, SPAN("auto"));
    if (strcmp(name, "colspan") == 0 || strcmp(name, "rowspan") == 0)
        return (strcmp(tag->as, "td") == 0 || strcmp(tag->as, "th") == 0) && is_span_count(value);
    if (strcmp(name, "alt") == 0) return tag->use == TAG_PICTURE;
    if (strcmp(name, "display") == 0)
        return tag->use == TAG_MATH &&
               (span_equal(value, SPAN("block")) || span_equal(value, SPAN("inline")));
    return false;
}
