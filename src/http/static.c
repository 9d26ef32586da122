#include "http/static.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "http/assets.h"
#include "http/call.h"

enum { FILE_BYTES_MAX = 32 << 20 };

static void reply_text(const Site *s, Request *r, u32 status, Span text)
{
    Header headers[HEADERS_STRICT_MAX + 2];
    size_t n = headers_strict(s, r, headers);
    headers[n++] = (Header){"Content-Type", SPAN("text/plain; charset=utf-8")};
    headers[n++] = (Header){"Cache-Control", SPAN("no-store")};
    request_reply_static(r, status, headers, n, text);
}

static bool is_zero_weight(Span weight)
{
    if (!text_starts(weight, SPAN("q=0"))) return false;
    for (size_t i = 3; i < weight.len; i++)
        if (weight.ptr[i] != '.' && weight.ptr[i] != '0') return false;
    return true;
}

/* Whether a list like `br;q=1.0, gzip` takes the coding. q=0 is a no. */
static bool accepts(Span list, Span coding)
{
    Span one, name, weight;
    while (list.len) {
        if (!text_cut(list, ',', &one, &list)) {
            one = list;
            list = SPAN_NONE;
        }
        if (!text_cut(one, ';', &name, &weight)) {
            name = one;
            weight = SPAN_NONE;
        }
        if (!text_equal_fold(text_trim(name), coding)) continue;
        return !is_zero_weight(text_trim(weight));
    }
    return false;
}

static bool etag_listed(Span list, Span etag)
{
    Span one;
    while (list.len) {
        if (!text_cut(list, ',', &one, &list)) {
            one = list;
            list = SPAN_NONE;
        }
        one = text_trim(one);
        if (text_starts(one, SPAN("W/"))) one = (Span){one.ptr + 2, one.len - 2};
        if (span_equal(one, etag) || span_equal(one, SPAN("*"))) return true;
    }
    return false;
}

static void reply_asset(const Site *s, Request *r, const Asset *asset)
{
    Span list = request_header(r, "accept-encoding");
    const AssetBody *body = &asset->identity;
    Span coding = SPAN_NONE;
    if (asset->br.ptr && accepts(list, SPAN("br"))) {
        body = &asset->br;
        coding = SPAN("br");
    } else if (asset->gzip.ptr && accepts(list, SPAN("gzip"))) {
        body = &asset->gzip;
        coding = SPAN("gzip");
    }
    Header headers[HEADERS_STRICT_MAX + 6];
    size_t n = headers_strict(s, r, headers);
    headers[n++] = (Header){"Content-Type", asset->type};
    headers[n++] = (Header){"Vary", SPAN("Accept-Encoding")};
    headers[n++] = (Header){"ETag", body->etag};
    headers[n++] =
        (Header){"Cache-Control",
                 asset->immutable ? SPAN("public, max-age=31536000, immutable") : SPAN("no-cache")};
    if (etag_listed(request_header(r, "if-none-match"), body->etag)) {
        request_reply(r, 304, headers, n, SPAN_NONE);
        return;
    }
    if (coding.ptr) headers[n++] = (Header){"Content-Encoding", coding};
    request_reply_static(r, 200, headers, n, (Span){body->ptr, body->len});
}

/* ---- a folder, while developing ---- */

static Span type_of(Span path)
{
    static const struct {
        const char *end, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".wasm", "application/wasm"},
        {".json", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".txt", "text/plain; charset=utf-8"},
    };
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        Span end = span_of(types[i].end);
        if (path.len < end.len) continue;
        Span tail = {path.ptr + path.len - end.len, end.len};
        if (text_equal_fold(tail, end)) return span_of(types[i].type);
    }
    return SPAN("application/octet-stream");
}

static bool read_whole(int fd, size_t size, Buf *out)
{
    if (!buf_reserve(out, size)) return false;
    while (out->len < size) {
        ssize_t n = read(fd, out->ptr + out->len, size - out->len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        out->len += (size_t)n;
    }
    return true;
}

/* False: no such plain file below the folder. The path has no ".." step: net refuses those. */
static bool reply_file(const Site *s, Request *r, Span path)
{
    char full[4096];
    struct stat st;
    Buf bytes;
    int len = snprintf(full, sizeof full, "%s%.*s", s->web_root, SPAN_ARG(path));
    if (len < 0 || (size_t)len >= sizeof full) return false;
    int fd = open(full, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return false;
    buf_init(&bytes, FILE_BYTES_MAX);
    bool fine = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_BYTES_MAX &&
                read_whole(fd, (size_t)st.st_size, &bytes);
    close(fd);
    if (fine) {
        Header headers[HEADERS_STRICT_MAX + 2];
        size_t n = headers_strict(s, r, headers);
        headers[n++] = (Header){"Content-Type", type_of(path)};
        headers[n++] = (Header){"Cache-Control", SPAN("no-cache")};
        request_reply(r, 200, headers, n, buf_view(&bytes));
    }
    buf_done(&bytes);
    return fine;
}

/* The first step of the path names the page: /live/42/list is /live/index.html. */
static bool reply_page_file(const Site *s, Request *r, Span path)
{
    size_t n = 1;
    while (n < path.len && path.ptr[n] != '/')
        n++;
    Span page = arena_print(request_arena(r), "%.*s/index.html", (int)n, (const char *)path.ptr);
    return (page.ptr && n > 1 && reply_file(s, r, page)) || reply_file(s, r, SPAN("/index.html"));
}

/* A path whose last step has a dot names a file; others are addresses for the browser's router. */
static bool names_file(Span path)
{
    for (size_t i = path.len; i-- > 0 && path.ptr[i] != '/';)
        if (path.ptr[i] == '.') return true;
    return false;
}

void static_request(Site *s, Request *r)
{
    Method method = request_method(r);
    Span path = request_path(r);
    if (method != METHOD_GET && method != METHOD_HEAD) {
        reply_text(s, r, 405, SPAN("Only GET and HEAD are possible here.\n"));
        return;
    }
    bool is_file = names_file(path);
    if (s->web_root) {
        if (is_file ? reply_file(s, r, path) : reply_page_file(s, r, path)) return;
    } else {
        const Asset *asset = is_file ? asset_find(path) : asset_page(path);
        if (asset) {
            reply_asset(s, r, asset);
            return;
        }
    }
    reply_text(s, r, 404, SPAN("There is no such page. Look at the address again.\n"));
}
