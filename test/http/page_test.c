/* The browser side as the server sends it, and the whole over TLS. */
#include "http/assets.h"
#include "test/http/house.h"
#include "test/net/cert.h"

/* A GET with one more header line; the answer is in house.http. */
static int get_with(const char *path, const char *line)
{
    char head[1024];
    if (house.http.fd <= 0) house.http = client_open(house.port);
    snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n%s\r\n", path, house.port,
             line);
    CHECK(client_say(&house.http, head));
    return client_answer(&house.http);
}

static const Asset *some_immutable(void)
{
    for (u32 i = 0; i < asset_count; i++)
        if (assets[i].immutable && assets[i].br.ptr && assets[i].gzip.ptr) return &assets[i];
    SKIP("built without the browser side");
    return NULL;
}

TEST("A file is sent in the best form that the browser takes.")
{
    const Asset *a = some_immutable();
    char path[256];
    static const struct {
        const char *line, *coding;
    } cases[] = {
        {"Accept-Encoding: gzip, deflate, br\r\n", "br"},
        {"Accept-Encoding: gzip\r\n", "gzip"},
        {"Accept-Encoding: br;q=0, gzip;q=0.5\r\n", "gzip"},
        {"Accept-Encoding: br;q=0.0\r\n", ""},
        {"Accept-Encoding: BR\r\n", "br"},
        {"", ""},
        {"Accept-Encoding: identity\r\n", ""},
    };
    snprintf(path, sizeof path, "%.*s", SPAN_ARG(a->path));
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        CHECK_EQUAL(get_with(path, cases[i].line), 200);
        CHECK_TEXT(client_header(&house.http, "Content-Encoding"), cases[i].coding);
        CHECK_TEXT(client_header(&house.http, "Vary"), "Accept-Encoding");
        const AssetBody *body = cases[i].coding[0] == 'b'   ? &a->br
                                : cases[i].coding[0] == 'g' ? &a->gzip
                                                            : &a->identity;
        CHECK(span_equal(client_body(&house.http), (Span){body->ptr, body->len}));
        CHECK(span_equal(client_header(&house.http, "ETag"), body->etag));
    }
}

TEST("What the browser has already is not sent again.")
{
    const Asset *a = some_immutable();
    char path[256], line[256];
    snprintf(path, sizeof path, "%.*s", SPAN_ARG(a->path));
    snprintf(line, sizeof line, "If-None-Match: \"x\", W/%.*s\r\n", SPAN_ARG(a->identity.etag));
    CHECK_EQUAL(get_with(path, line), 304);
    CHECK_EQUAL(house.http.body_len, 0);
    CHECK_EQUAL(get_with(path, "If-None-Match: \"other\"\r\n"), 200);
}

TEST("Names with a hash are kept for ever, pages are asked for each time.")
{
    const Asset *a = some_immutable();
    char path[256];
    snprintf(path, sizeof path, "%.*s", SPAN_ARG(a->path));
    CHECK_EQUAL(get_with(path, ""), 200);
    CHECK_TEXT(client_header(&house.http, "Cache-Control"), "public, max-age=31536000, immutable");
    static const char *const pages[] = {"/",           "/exam/",  "/live/3",
                                        "/review/1/2", "/manage", "/nowhere"};
    for (size_t i = 0; i < COUNT_OF(pages); i++) {
        CHECK_EQUAL(get_with(pages[i], ""), 200);
        CHECK_TEXT(client_header(&house.http, "Cache-Control"), "no-cache");
        CHECK_TEXT(client_header(&house.http, "\nContent-Type"), "text/html; charset=utf-8");
    }
}

TEST("A file that is not there is 404, and nothing outside is reached.")
{
    CHECK_EQUAL(get_with("/assets/none.js", ""), 404);
    CHECK_EQUAL(get_with("/favicon.nope", ""), 404);
    CHECK(get_with("/../etc/passwd.txt", "") >= 400);
    house_stop(&house);
    house_start(&house);
    CHECK(get_with("/%2e%2e/%2e%2e/etc/passwd.txt", "") >= 400);
    house_stop(&house);
    house_start(&house);
}

TEST("While developing a folder takes the place of the built-in files.")
{
    char file[128];
    snprintf(file, sizeof file, "%s/web", house.data);
    CHECK(mkdir(file, 0700) == 0);
    snprintf(file, sizeof file, "%s/web/index.html", house.data);
    FILE *f = fopen(file, "w");
    CHECK(f && fputs("<p>hello", f) >= 0 && fclose(f) == 0);
    snprintf(file, sizeof file, "%s/web/link.html", house.data);
    CHECK(symlink("/etc/hostname", file) == 0);
    snprintf(file, sizeof file, "%s/web", house.data);
    house_stop(&house);
    house.web_root = file;
    house_start(&house);
    CHECK_EQUAL(get_with("/index.html", ""), 200);
    CHECK_TEXT(client_body(&house.http), "<p>hello");
    CHECK_EQUAL(get_with("/live/7", ""), 200);
    CHECK_TEXT(client_body(&house.http), "<p>hello");
    CHECK_EQUAL(get_with("/link.html", ""), 404);
    CHECK_EQUAL(get_with("/none.js", ""), 404);
    house_stop(&house);
    house.web_root = NULL;
    house_start(&house);
}

/* ---- TLS ---- */

static Client tls_open(SSL_CTX *ctx)
{
    Client c = client_open(house.port);
    c.ssl = SSL_new(ctx);
    SSL_set_fd(c.ssl, c.fd);
    CHECK_EQUAL(SSL_connect(c.ssl), 1);
    return c;
}

static int tls_post(Client *c, const char *origin)
{
    char head[512];
    snprintf(head, sizeof head,
             "POST /api/signout HTTP/1.1\r\nHost: exam.example.org\r\nOrigin: %s\r\nCookie: %s\r\n"
             "Content-Length: 0\r\n\r\n",
             origin, house.cookie[GRADER]);
    CHECK(client_say(c, head));
    return client_answer(c);
}

TEST("Over TLS the browser is told to stay with it, and the origin must be https.")
{
    Cert cert = cert_make(NULL);
    house_stop(&house);
    house.cert = cert.cert;
    house.key = cert.key;
    house_start(&house);
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    CHECK(ctx);
    Client c = tls_open(ctx);
    CHECK(client_say(&c, "GET /api/me HTTP/1.1\r\nHost: exam.example.org\r\n\r\n"));
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_header(&c, "Strict-Transport-Security"), "max-age=31536000");
    CHECK_EQUAL(tls_post(&c, "http://exam.example.org"), 403);
    CHECK_EQUAL(tls_post(&c, "https://exam.example.org.evil.example"), 403);
    CHECK_EQUAL(tls_post(&c, "https://exam.example.org"), 200);
    client_close(&c);
    SSL_CTX_free(ctx);
    house_stop(&house);
    house.cert = house.key = NULL;
    house_start(&house);
    cert_remove(&cert);
}

/* Tries a code that nobody has, as a proxy passes it on. */
static int guess_from(const char *forwarded)
{
    char head[512];
    if (house.http.fd <= 0) house.http = client_open(house.port);
    snprintf(head, sizeof head,
             "POST /api/join/look HTTP/1.1\r\nHost: x\r\nOrigin: %s\r\nX-Forwarded-For: %s\r\n"
             "Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{\"code\":\"NOPE\"}",
             house.public_url, forwarded);
    CHECK(client_say(&house.http, head));
    return client_answer(&house.http);
}

TEST("Behind a proxy its address is the only origin, and tries count per client behind it.")
{
    char forwarded[64];
    house_stop(&house);
    house.public_url = "https://exam.example.org";
    house_start(&house);
    Ask a = {.method = "POST", .path = "/api/signout", .body = "{}", .origin = house.origin};
    CHECK_REFUSAL(house_ask_as(&house, REVIEWER_B, &a), 403, "WRONG_ORIGIN");
    CHECK(strstr(house.http.head, "Strict-Transport-Security"));
    a.origin = house.public_url;
    CHECK_EQUAL(house_ask_as(&house, REVIEWER_B, &a), 200);
    for (int i = 0; i < CODE_TRIES_MAX; i++) {
        snprintf(forwarded, sizeof forwarded, "192.0.2.%d, 198.51.100.1", i);
        CHECK_EQUAL(guess_from(forwarded), 404);
    }
    CHECK_EQUAL(guess_from("192.0.2.99, 198.51.100.1"),
                429); /* what the client itself says is nothing */
    CHECK_EQUAL(guess_from("198.51.100.2"), 404);
    house_stop(&house);
    house.public_url = NULL;
    house_start(&house);
}

HOUSE_MAIN()
