/* aiken.c - Aiken files: a question, its options "A. text" or "A) text", and "ANSWER: A". */
#include "base/limits.h"
#include "base/text.h"
#include "link/file_text.h"
#include "link/import_parts.h"

typedef struct Aiken {
    Reader *r;
    u32 line;      /* being read */
    Span question; /* its lines, joined: they stand together in the file */
    u32 last_line; /* of the question and its options */
    bool skip;     /* reported: nothing counts until this question is over */
} Aiken;

/* "A. text" or "A) text": the letter, 0 when it is none. */
static u8 option_take(Span line, Span *text)
{
    if (line.len < 2 || line.ptr[0] < 'A' || line.ptr[0] > 'Z') return 0;
    if (line.ptr[1] != '.' && line.ptr[1] != ')') return 0;
    if (line.len > 2 && line.ptr[2] != ' ' && line.ptr[2] != '\t') return 0;
    *text = text_trim((Span){line.ptr + 2, line.len - 2});
    return line.ptr[0];
}

/* "ANSWER: A": what stands behind the colon. */
static bool answer_take(Span line, Span *text)
{
    if (line.len < 7 || !text_equal_fold((Span){line.ptr, 7}, SPAN("ANSWER:"))) return false;
    *text = text_trim((Span){line.ptr + 7, line.len - 7});
    return true;
}

bool aiken_looks_like(Span text)
{
    Span answer;
    for (Span line; file_text_line(&text, &line);)
        if (answer_take(text_trim(line), &answer) && answer.len == 1 && answer.ptr[0] >= 'A' &&
            (answer.ptr[0] & 0xDF) <= 'Z')
            return true;
    return false;
}

static void forget(Aiken *k)
{
    k->r->draft = (Draft){.kind = ITEM_NONE};
    k->question = SPAN_NONE;
    k->skip = false;
}

static void question_line(Aiken *k, Span line)
{
    Draft *d = &k->r->draft;
    if (!k->question.len) {
        d->line = k->line;
        k->question = line;
    } else {
        k->question.len = (size_t)(line.ptr + line.len - k->question.ptr);
    }
}

static void option_line(Aiken *k, u8 letter, Span text)
{
    Draft *d = &k->r->draft;
    u8 expected = (u8)('A' + MIN_OF(d->option_count, 25u));
    if (d->option_count == 26) {
        reader_error(k->r, k->line, "A question has at most 26 options, A to Z. Remove some.");
        k->skip = true;
        return;
    }
    if (letter != expected) {
        reader_error(
            k->r, k->line,
            "Option %c comes where option %c must come. Letter the options A, B, C and so on.",
            letter, expected);
        k->skip = true;
        return;
    }
    if (!text.len) {
        reader_error(k->r, k->line, "Option %c has no text. Write it behind the letter.", letter);
        k->skip = true;
        return;
    }
    d->options[d->option_count++].text = (Part){.text = text, .line = k->line};
}

static bool answer_fits(Aiken *k, Span answer)
{
    Draft *d = &k->r->draft;
    if (d->option_count < 2) {
        reader_error(k->r, k->line,
                     "The question has fewer than two options. Write them before its ANSWER line.");
        return false;
    }
    if (answer.len != 1 || answer.ptr[0] < 'A' || answer.ptr[0] > 'Z') {
        reader_error(k->r, k->line,
                     "Behind ANSWER: one capital letter must stand, and nothing else.");
        return false;
    }
    if ((u32)(answer.ptr[0] - 'A') >= d->option_count) {
        reader_error(k->r, k->line, "The answer is %c, but the options end with %c.", answer.ptr[0],
                     (char)('A' + d->option_count - 1));
        return false;
    }
    return true;
}

static void answer_line(Aiken *k, Span answer)
{
    Draft *d = &k->r->draft;
    if (!k->question.len && !k->skip) {
        reader_error(k->r, k->line, "An ANSWER line stands without a question before it.");
    } else if (!k->skip && answer_fits(k, answer)) {
        d->options[answer.ptr[0] - 'A'].fraction_permille = 1000;
        d->kind = ITEM_single_choice;
        d->text = (Part){.text = reader_copy(k->r, k->question), .line = d->line};
        for (u32 i = 0; i < d->option_count; i++)
            d->options[i].text.text = reader_copy(k->r, d->options[i].text.text);
        draft_add(k->r);
    }
    forget(k);
}

static void other_line(Aiken *k, Span line)
{
    Draft *d = &k->r->draft;
    Span text;
    u8 letter = option_take(line, &text);
    if (k->skip) return;
    if (letter && !k->question.len) {
        reader_error(k->r, k->line, "Option %c stands without a question before it.", letter);
        k->skip = true;
    } else if (letter) {
        option_line(k, letter, text);
    } else if (d->option_count) {
        reader_error(
            k->r, k->line,
            "Here an option (such as \"%c. text\") or the ANSWER line must come. Write every "
            "option on one line.",
            (char)('A' + MIN_OF(d->option_count, 25u)));
        k->skip = true;
    } else {
        question_line(k, line);
    }
}

void aiken_read(Reader *r, Span text)
{
    Aiken k = {.r = r};
    for (Span rest = text, line, answer; !r->stop && file_text_line(&rest, &line);) {
        k.line++;
        line = text_trim(line);
        if (!line.len) continue;
        if (answer_take(line, &answer)) answer_line(&k, answer);
        else other_line(&k, line);
    }
    if (!r->stop && k.question.len && !k.skip)
        reader_error(
            r, r->draft.line,
            "The question that begins here has no ANSWER line before the end of the file.");
}
