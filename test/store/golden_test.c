/* A stored event can always be read. test/store/golden/NAME.hex holds one event of each kind that was
 * ever written, as it lies in logs; this program must decode each and write the same bytes again.
 *
 * INVIGIL_WRITE_GOLDEN=1 writes the files of kinds that have none yet. A file is never changed: an event
 * that needs another form is a new row with a new id, and the old one stays readable. */
#include "base/text.h"
#include "test/test.h"
#include "wire/wire.h"

#include <dirent.h>

static const char FOLDER[] = "test/store/golden";

/* ---- one event of each kind, with values that follow from the field's place ---- */

static u64 fill_next;

static void fill_u8(u8 *v)
{
    *v = (u8)(fill_next += 3);
}
static void fill_u16(u16 *v)
{
    *v = (u16)(fill_next += 259);
}
static void fill_u32(u32 *v)
{
    *v = (u32)(fill_next += 70000);
}
static void fill_u64(u64 *v)
{
    *v = fill_next += 5000000000u;
}
static void fill_i64(i64 *v)
{
    *v = -(i64)(fill_next += 1763700000000u);
}
static void fill_f64(f64 *v)
{
    *v = (f64)(fill_next += 7) / 4;
}
static void fill_str(str *v)
{
    *v = SPAN("Gr\xc3\xbc\xc3\x9f Gott, \xe6\xbc\xa2\xe5\xad\x97");
}
static void fill_blob(blob *v)
{
    *v = SPAN("\x00\x01\xfe\xff");
}

static void event_make(EventKind kind, Event *e)
{
    memset(e, 0, sizeof *e);
    fill_next = (u64)kind;
    e->kind = kind;
    e->role = BY_PROCTOR;
    e->at_ms = 1763716800123;
    e->actor = 42;
    e->cmd = 9007199254740991u;
    switch (kind) {
#define C(id, name, who, states, fields)
#define F(type, name) fill_##type(&m->name);
#define E(id, name, leads, audience, fields)                                                       \
    case EVT_##name: {                                                                             \
        Evt_##name *m = &e->name;                                                                  \
        (void)m;                                                                                   \
        fields break;                                                                              \
    }
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
#undef F
    }
}

static const EventKind KINDS[] = {
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields) EVT_##name,
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
};

/* ---- files ---- */

static bool golden_path(const char *name, char *path, size_t size)
{
    int len = snprintf(path, size, "%s/%s.hex", FOLDER, name);
    return len > 0 && (size_t)len < size;
}

/* Bytes of a file of hex digits and a line end; 0: there is none. */
static size_t golden_read(const char *name, u8 *out, size_t size)
{
    char path[200], text[8192];
    CHECK(golden_path(name, path, sizeof path));
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    size_t len = fread(text, 1, sizeof text, f), bytes = 0;
    fclose(f);
    bool fine = text_from_hex(text_trim((Span){(u8 *)text, len}), out, size, &bytes);
    if (!fine) printf("  %s is not hex\n", path);
    CHECK(fine);
    return bytes;
}

static void golden_write(const char *name, Span bytes)
{
    char path[200], text[8192];
    CHECK(golden_path(name, path, sizeof path));
    FILE *f = fopen(path, "wx");
    CHECK(f);
    text_hex(bytes, text, sizeof text);
    fprintf(f, "%s\n", text);
    fclose(f);
}

static void check_kind(EventKind kind)
{
    u8 stored[4096];
    Event made, read;
    Buf fresh, again;
    buf_init(&fresh, 4096);
    buf_init(&again, 4096);
    event_make(kind, &made);
    event_encode(&fresh, &made);
    size_t len = golden_read(event_name(kind), stored, sizeof stored);
    if (!len && getenv("INVIGIL_WRITE_GOLDEN")) {
        golden_write(event_name(kind), buf_view(&fresh));
        len = golden_read(event_name(kind), stored, sizeof stored);
    }
    if (!len)
        printf("  no golden bytes of %s: run once with INVIGIL_WRITE_GOLDEN=1\n", event_name(kind));
    CHECK(len);
    Err err = event_decode((Span){stored, len}, &read);
    if (!err) event_encode(&again, &read);
    bool same = !err && read.kind == kind && span_equal(buf_view(&again), (Span){stored, len}) &&
                span_equal(buf_view(&fresh), (Span){stored, len});
    if (!same)
        printf("  %s: stored events of this kind have another form. Keep the row, add a new one.\n",
               event_name(kind));
    CHECK(same);
    buf_done(&fresh);
    buf_done(&again);
}

TEST("Every kind of event has golden bytes, which decode and give the same bytes again.")
{
    for (size_t i = 0; i < COUNT_OF(KINDS); i++)
        check_kind(KINDS[i]);
}

TEST("Every golden event is of a kind that this program still knows.")
{
    DIR *dir = opendir(FOLDER);
    if (!dir) printf("  %s is not here: run from the project's folder\n", FOLDER);
    CHECK(dir);
    size_t count = 0;
    for (struct dirent *d; (d = readdir(dir));) {
        Span name = span_of(d->d_name), head, tail;
        if (!text_cut(name, '.', &head, &tail) || !span_equal(tail, SPAN("hex"))) continue;
        char base[100];
        u8 stored[4096];
        Event e;
        snprintf(base, sizeof base, "%.*s", SPAN_ARG(head));
        size_t len = golden_read(base, stored, sizeof stored);
        Err err = event_decode((Span){stored, len}, &e);
        if (err) printf("  %s cannot be read any more\n", base);
        CHECK_EQUAL(err, OK);
        CHECK_TEXT(head, event_name(e.kind));
        count++;
    }
    closedir(dir);
    CHECK_EQUAL(count, COUNT_OF(KINDS));
}

TEST("A golden event that is cut short or longer is refused.")
{
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        u8 stored[4097] = {0};
        Event e;
        size_t len = golden_read(event_name(KINDS[i]), stored, sizeof stored - 1);
        for (size_t n = 0; n < len; n++)
            CHECK_EQUAL(event_decode((Span){stored, n}, &e), ERR_FORMAT);
        CHECK_EQUAL(event_decode((Span){stored, len + 1}, &e), ERR_FORMAT);
    }
}

TEST_MAIN()
