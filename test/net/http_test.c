/* HTTP/1.1 over real sockets on the loopback. */
#include <errno.h>

#include "test/net/client.h"
#include "test/net/site.h"

/* Sends text on a connection of its own; the status of the answer, 0 when none came. */
static int status_of(Site *s, const char *text)
{
    Client c = client_open(s->port);
    client_say(&c, text);
    int status = client_answer(&c);
    client_close(&c);
    return status;
}

/* A refusal must also close the connection and say why in a line of text. */
static void check_refused(Site *s, const char *text, int status)
{
    Client c = client_open(s->port);
    client_say(&c, text);
    int have = client_answer(&c);
    if (have != status) printf("  for: %.80s\n", text);
    CHECK_EQUAL(have, status);
    CHECK_TEXT(client_header(&c, "Connection"), "close");
    CHECK_TEXT(client_header(&c, "Content-Type"), "text/plain; charset=utf-8");
    CHECK(c.body_len > 8 && c.body[c.body_len - 1] == '\n');
    CHECK(client_ended(&c));
    client_close(&c);
}

TEST("A GET is answered with its length, a date and the handler's header.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(&c, "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "hello");
    CHECK_TEXT(client_header(&c, "Content-Type"), "text/plain");
    CHECK_EQUAL(client_header(&c, "Date").len, 29);
    CHECK(!client_header(&c, "Connection").ptr);
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    CHECK(s->turns > 0);
    site_close(s);
}

TEST("A handler reads the path, query, headers, cookies and peer decoded.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(&c, "PUT /a%20b/%C3%A4?p=1&q=x%26y+z&q=2 HTTP/1.1\r\nHost: h:1\r\nX-Test:  v 1 \r\n"
                   "Cookie: a=b; sid=c=d\r\nContent-Length: 3\r\n\r\nxyz");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "PUT /a b/\xc3\xa4 q=x&y z x=v 1 sid=c=d peer=127.0.0.1 body=3");
    client_close(&c);
    site_close(s);
}

TEST("A connection is kept for the next request, and closed after the last one.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    for (int i = 0; i < 50; i++) {
        client_say(&c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
        CHECK_EQUAL(client_answer(&c), 200);
    }
    client_say(&c, "GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_header(&c, "Connection"), "close");
    CHECK(client_ended(&c));
    client_close(&c);
    site_close(s);
}

TEST("HTTP/1.0 is answered and closed, with or without Host.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(&c, "GET /hello HTTP/1.0\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_header(&c, "Connection"), "close");
    CHECK(client_ended(&c));
    client_close(&c);
    site_close(s);
}

TEST("Requests sent in one go are answered in their order, bodies included.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(&c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                   "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\none"
                   "\r\nPOST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "2;a=b\r\ntw\r\n1\r\no\r\n0\r\nTrailer: x\r\n\r\n"
                   "HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n"
                   "GET /none HTTP/1.1\r\nHost: x\r\n\r\n"
                   "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "hello");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "one");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "two");
    CHECK_EQUAL(client_answer_to(&c, true), 200);
    CHECK_TEXT(client_header(&c, "Content-Length"), "5");
    CHECK_EQUAL(client_answer(&c), 204);
    CHECK(!client_header(&c, "Content-Length").ptr);
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "hello");
    client_close(&c);
    site_close(s);
}

TEST("A request that arrives byte by byte is the same request.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    const char *text = "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
    for (const char *p = text; *p; p++)
        CHECK(client_send(&c, p, 1));
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "abcde");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "hello");
    client_close(&c);
    site_close(s);
}

TEST("A malformed request gets 400, a reason and the end of the connection.")
{
    static const char *bad[] = {
        "GET / HTTP/1.1\nHost: x\n\n",
        "GET / HTTP/1.1\r\nHost: x\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\rX: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\x01\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost:\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
        "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET x HTTP/1.1\r\nHost: x\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a#b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /\xc3\xa4 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /../etc HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a/%2e%2E/b HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a/. HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a%2fb HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /a%5cb HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%0a HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%4 HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /%ff HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /?q=%00 HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0x1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
        "chunked\r\n\r\n",
        "POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\nabc\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
        "chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
        "chunked\r\n\r\nffffffffffffffffff\r\n",
        "BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
        "get / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / FTP/1.1\r\nHost: x\r\n\r\n",
        "\r\n\r\n\r\n\r\n",
        "\x16\x03\x01\x02",
    };
    Site *s = site_open();
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        check_refused(s, bad[i], 400);
    CHECK_EQUAL(s->requests, 0);
    check_refused(s, "GET /\r\nHost: x\r\n\r\n", 505);
    check_refused(s, "GET / HTTP/1.2\r\nHost: x\r\n\r\n", 505);
    check_refused(s, "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505);
    check_refused(s, "POST / HTTP/1.1\r\nHost: x\r\nExpect: gold\r\nContent-Length: 1\r\n\r\n",
                  417);
    site_close(s);
}

/* head, then `count` bytes, then tail. */
static char *padded(const char *head, char byte, size_t count, const char *tail)
{
    size_t h = strlen(head), t = strlen(tail);
    char *text = malloc(h + count + t + 1);
    CHECK(text);
    memcpy(text, head, h);
    memset(text + h, byte, count);
    memcpy(text + h + count, tail, t + 1);
    return text;
}

TEST("A header over its limits gets 431, a long address 414.")
{
    Site *s = site_open();
    char *fits = padded("GET / HTTP/1.1\r\nHost: x\r\nX-Test: ", 'a', HTTP_HEADER_BYTES_MAX - 64,
                        "\r\n\r\n");
    char *more =
        padded("GET / HTTP/1.1\r\nHost: x\r\nX-Test: ", 'a', HTTP_HEADER_BYTES_MAX, "\r\n\r\n");
    char *url = padded("GET /", 'a', HTTP_HEADER_BYTES_MAX, " HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(status_of(s, fits), 200);
    check_refused(s, more, 431);
    check_refused(s, url, 414);
    free(fits);
    free(more);
    free(url);
    site_close(s);
}

TEST("More header lines than allowed get 431.")
{
    Site *s = site_open();
    char text[HTTP_HEADERS_MAX * 8 + 64];
    size_t n = (size_t)snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: x\r\n");
    for (int i = 1; i < HTTP_HEADERS_MAX; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "A: b\r\n");
    snprintf(text + n, sizeof text - n, "\r\n");
    CHECK_EQUAL(status_of(s, text), 200);
    snprintf(text + n, sizeof text - n, "A: b\r\n\r\n");
    check_refused(s, text, 431);
    site_close(s);
}

TEST("A body over its limit gets 413, announced or in chunks; the largest allowed one is taken.")
{
    Site *s = site_open();
    char head[128];
    snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
             HTTP_BODY_BYTES_MAX + 1);
    check_refused(s, head, 413);
    snprintf(head, sizeof head,
             "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n",
             HTTP_BODY_BYTES_MAX + 1);
    char *chunked = padded(head, 'a', HTTP_BODY_BYTES_MAX + 1, "\r\n0\r\n\r\n");
    check_refused(s, chunked, 413);
    snprintf(head, sizeof head, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n",
             HTTP_BODY_BYTES_MAX);
    char *fits = padded(head, 'b', HTTP_BODY_BYTES_MAX, "");
    Client c = client_open(s->port);
    client_say(&c, fits);
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_EQUAL(c.body_len, HTTP_BODY_BYTES_MAX);
    CHECK(c.body[0] == 'b' && c.body[c.body_len - 1] == 'b');
    client_close(&c);
    free(chunked);
    free(fits);
    site_close(s);
}

TEST("Endless chunk extensions and trailers are refused, not collected.")
{
    Site *s = site_open();
    const char *head = "POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    char *lines = padded(head, 'a', 0, "1;");
    char *endless = padded(lines, 'a', HTTP_HEADER_BYTES_MAX + 1, "");
    check_refused(s, endless, 400);
    free(lines);
    free(endless);
    site_close(s);
}

TEST("A client that expects 100-continue gets it before it sends its body.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(
        &c, "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 100);
    client_say(&c, "ok");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "ok");
    client_close(&c);
    site_close(s);
}

static void answer_later(Site *s, void *ctx)
{
    site_reply(s->later, 200, span_of(ctx));
    s->later = NULL;
}

TEST("A handler may answer later; requests behind it wait for their turn.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(&c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(site_wait(s, site_has_later, 0));
    CHECK_EQUAL(s->requests, 1);
    site_do(s, answer_later, "late");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "late");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "hello");
    client_close(&c);
    site_close(s);
}

TEST("An answer for a client that has gone goes nowhere and leaks nothing.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    struct linger reset = {.l_onoff = 1};
    client_say(&c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(site_wait(s, site_has_later, 0));
    setsockopt(c.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    site_do(s, answer_later, "nobody");
    Client d = client_open(s->port);
    client_say(&d, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(site_wait(s, site_has_later, 0));
    site_close(s); /* never answered: freed with the loop */
    client_close(&d);
}

TEST("A client that has shut its side down still gets the answer.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(&c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    shutdown(c.fd, SHUT_WR);
    CHECK(site_wait(s, site_has_later, 0));
    site_do(s, answer_later, "late");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "hello");
    CHECK(client_ended(&c));
    client_close(&c);
    site_close(s);
}

TEST("A large static answer arrives whole at a reader with a small window, then the next one.")
{
    Site *s = site_open();
    Client c = client_open_small(s->port, 4096);
    client_say(&c, "GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(site_wait(s, site_has_requests, 1));
    CHECK(!site_wait_turns(s, site_has_requests, 2, 20)); /* the second waits for the first's end */
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_EQUAL(c.body_len, 4000000);
    for (size_t i = 0; i < c.body_len; i++)
        CHECK(c.body[i] == (u8)(i * 7 >> 3));
    CHECK_EQUAL(client_answer(&c), 200);
    client_close(&c);
    site_close(s);
}

static void no_patience_for_goodbyes(Site *s, void *ctx)
{
    (void)ctx;
    server_set_patience(s->server, 10000, 1);
}

TEST("The last answer of a connection may take longer than a goodbye.")
{
    Site *s = site_open();
    site_do(s, no_patience_for_goodbyes, NULL);
    Client c = client_open_small(s->port, 4096);
    client_say(&c, "GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_EQUAL(c.body_len, 4000000);
    client_close(&c);
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
}

TEST("A reply with a line break in a header becomes a 500.")
{
    Site *s = site_open();
    check_refused(s, "GET /bad-header HTTP/1.1\r\nHost: x\r\n\r\n", 500);
    site_close(s);
}

static void hurry(Site *s, void *ctx)
{
    (void)ctx;
    server_set_patience(s->server, 200, 200);
}

TEST("A header or body that crawls gets 408; a silent connection is closed.")
{
    Site *s = site_open();
    site_do(s, hurry, NULL);
    Client head = client_open(s->port), body = client_open(s->port), silent = client_open(s->port);
    client_say(&head, "GET / HTTP/1.1\r\nHost: x\r\nA");
    client_say(&body, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1");
    CHECK_EQUAL(client_answer(&head), 408);
    CHECK_EQUAL(client_answer(&body), 408);
    CHECK(client_ended(&silent));
    client_close(&head);
    client_close(&body);
    client_close(&silent);
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
}

TEST("Bytes that trickle in do not extend the time for a header.")
{
    Site *s = site_open();
    site_do(s, hurry, NULL);
    Client c = client_open(s->port);
    const char *text =
        "GET / HTTP/1.1\r\nHost: x\r\nA: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    struct pollfd p = {.fd = c.fd, .events = POLLIN};
    for (const char *at = text; *at && poll(&p, 1, 20) == 0; at++)
        client_send(&c, at, 1);
    CHECK_EQUAL(client_answer(&c), 408);
    client_close(&c);
    site_close(s);
}

TEST("Bytes that trickle in do not extend the time for a body.")
{
    Site *s = site_open();
    site_do(s, hurry, NULL);
    Client c = client_open(s->port);
    struct pollfd p = {.fd = c.fd, .events = POLLIN};
    client_say(&c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n");
    for (int i = 0; i < 500 && poll(&p, 1, 20) == 0; i++)
        client_send(&c, "a", 1);
    CHECK_EQUAL(client_answer(&c), 408);
    client_close(&c);
    site_close(s);
}

/* Sends without waiting as much as goes; returns how far it came. */
static size_t send_some(Client *c, const char *bytes, size_t len)
{
    ssize_t n = send(c->fd, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n > 0 ? (size_t)n : 0;
}

TEST("Thousands of requests behind one that waits are neither lost nor collected in memory.")
{
    static const char one[] = "GET /hello HTTP/1.1\r\nHost: a-name-of-some-length.example\r\n\r\n";
    enum { MANY = 8000, LEN = sizeof one - 1 };
    Site *s = site_open();
    Client c = client_open(s->port);
    int room = 1 << 20;
    setsockopt(c.fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    char *all = malloc((size_t)MANY * LEN);
    CHECK(all);
    for (size_t i = 0; i < MANY; i++)
        memcpy(all + i * LEN, one, LEN);
    client_say(&c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(site_wait(s, site_has_later, 0));
    size_t at = send_some(&c, all, (size_t)MANY * LEN);
    CHECK(!site_wait_turns(s, site_has_requests, 2, 20));
    site_do(s, answer_later, "late");
    CHECK_EQUAL(client_answer(&c), 200);
    for (int i = 0; i < MANY; i++) {
        if (at < (size_t)MANY * LEN) at += send_some(&c, all + at, (size_t)MANY * LEN - at);
        CHECK_EQUAL(client_answer(&c), 200);
        CHECK_TEXT(client_body(&c), "hello");
    }
    free(all);
    client_close(&c);
    site_close(s);
}

TEST("Half a request from a client that has shut its side down ends the connection.")
{
    Site *s = site_open();
    Client c = client_open(s->port), d = client_open(s->port);
    client_say(&c, "GET /later HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HT");
    shutdown(c.fd, SHUT_WR);
    CHECK(site_wait(s, site_has_later, 0));
    site_do(s, answer_later, "late");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK(client_ended(&c));
    client_say(&d, "GET /hello HT");
    shutdown(d.fd, SHUT_WR);
    CHECK(client_ended(&d));
    client_close(&c);
    client_close(&d);
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
}

TEST("A refusal reaches a client that is still sending, and ends in a goodbye, not a reset.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    char *text = padded("BAD\r\n\r\n", 'x', 200000, "");
    client_say(&c, text);
    CHECK_EQUAL(client_answer(&c), 400);
    CHECK(client_ended(&c));
    CHECK_EQUAL(errno, 0);
    free(text);
    client_close(&c);
    site_close(s);
}

TEST("Work for the pool is done off the loop and answered on it.")
{
    Site *s = site_open();
    Client c = client_open(s->port);
    client_say(&c, "GET /work HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "worked");
    client_close(&c);
    site_close(s);
}

TEST("A second server on a taken port says what to do.")
{
    Site *s = site_open();
    char why[256] = "";
    ServerOptions o = {.host = "127.0.0.1", .port = s->port};
    ServerEvents e = site_events(s);
    Loop *loop = loop_open();
    CHECK(!server_open(loop, &o, &e, why, sizeof why));
    CHECK(strstr(why, "another program has this port"));
    o = (ServerOptions){.host = "no.such.host.invalid"};
    CHECK(!server_open(loop, &o, &e, why, sizeof why));
    CHECK(strstr(why, "no.such.host.invalid"));
    loop_close(loop);
    site_close(s);
}

static void on_tick(void *ctx)
{
    Loop **loop = ctx;
    static int ticks;
    if (++ticks == 3) loop_stop(*loop);
}

TEST("An IPv6 address is listened on and shown as the peer's.")
{
    char why[256] = "";
    Site counts = {.port = 0};
    ServerOptions o = {.host = "::1"};
    ServerEvents e = site_events(&counts);
    Loop *loop = loop_open();
    Server *server = server_open(loop, &o, &e, why, sizeof why);
    if (!server) {
        loop_close(loop);
        SKIP("no IPv6 here");
    }
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 a = {.sin6_family = AF_INET6,
                             .sin6_port = htons(server_port(server)),
                             .sin6_addr = in6addr_loopback};
    CHECK(connect(fd, (struct sockaddr *)&a, sizeof a) == 0);
    Span ask = SPAN("GET /x HTTP/1.1\r\nHost: [::1]\r\n\r\n");
    CHECK(send(fd, ask.ptr, ask.len, 0) == (ssize_t)ask.len);
    char answer[512] = "";
    while (counts.requests == 0)
        uv_run(&loop->uv, UV_RUN_ONCE);
    CHECK(recv(fd, answer, sizeof answer - 1, 0) > 0);
    CHECK(strstr(answer, "peer=::1"));
    close(fd);
    loop_close(loop);
}

static bool is_listening(const Site *s, i64 number)
{
    return s->server->listening == number;
}

static void allow(Site *s, void *ctx)
{
    s->server->connections_max = *(u32 *)ctx;
}

TEST("At its most connections the server lets newcomers wait until one goes.")
{
    Site *s = site_open();
    u32 two = 2;
    site_do(s, allow, &two);
    Client a = client_open(s->port), b = client_open(s->port), waiting = client_open(s->port);
    client_say(&waiting, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(site_wait(s, is_listening, 0));
    CHECK_EQUAL(s->requests, 0);
    client_close(&a);
    CHECK_EQUAL(client_answer(&waiting), 200);
    client_close(&b);
    client_close(&waiting);
    site_close(s);
}

TEST("Timers repeat until the loop stops, and each tick ends in a turn.")
{
    Loop *loop = loop_open();
    Site counts = {.loop = loop};
    Timer *t = timer_open(loop, on_tick, &counts.loop);
    CHECK(t);
    loop_on_turn(loop, site_on_turn, &counts);
    timer_start(t, 1, 1);
    loop_run(loop);
    CHECK(counts.turns >= 2);
    loop_close(loop);
}

TEST_MAIN()
