/* upgrade.c - from an HTTP request to a WebSocket (RFC 6455, section 4). */
#include "net/internal.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/text.h"

enum { KEY_CHARS = 24, KEY_BYTES = 16, ACCEPT_CHARS = 28 };

/* The key must be base64 of 16 bytes: 22 letters and two signs of padding. */
static bool key_ok(Span key)
{
    u8 bytes[KEY_CHARS];
    if (key.len != KEY_CHARS || key.ptr[22] != '=' || key.ptr[23] != '=' || key.ptr[21] == '=')
        return false;
    return EVP_DecodeBlock(bytes, key.ptr, KEY_CHARS) == KEY_BYTES + 2;
}

static bool accept_of(Span key, char out[ACCEPT_CHARS + 1])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    u8 text[KEY_CHARS + sizeof guid], digest[EVP_MAX_MD_SIZE];
    unsigned int len = 0;
    memcpy(text, key.ptr, KEY_CHARS);
    memcpy(text + KEY_CHARS, guid, sizeof guid - 1);
    if (EVP_Digest(text, KEY_CHARS + sizeof guid - 1, digest, &len, EVP_sha1(), NULL) != 1)
        return false;
    return EVP_EncodeBlock((u8 *)out, digest, (int)len) == ACCEPT_CHARS;
}

static void reply_text(Request *r, u32 status, Span text)
{
    Header h[] = {{"Content-Type", SPAN("text/plain; charset=utf-8")},
                  {"Sec-WebSocket-Version", SPAN("13")}};
    request_reply_static(r, status, h, COUNT_OF(h), text);
}

/* Sends 101 and makes the connection a socket; http_run lets go of the HTTP state. */
static void become_socket(Connection *c, Request *r, const char *accept, Socket *s)
{
    char head[160];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                     "Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                     accept);
    OutItem item = {.rest = {(const u8 *)head, (size_t)n}, .keep = KEEP_COPY};
    c->http->request = NULL;
    request_free(r);
    c->socket = s;
    c->mode = MODE_SOCKET;
    server_line_join(c, LINE_IDLE);
    out_push(c, SEND_CONTROL, &item, 1);
    ServerEvents *e = &c->server->events;
    if (e->on_open) e->on_open(e->ctx, s);
}

static void ask_handler(Connection *c, Request *r, const char *accept)
{
    ServerEvents *e = &c->server->events;
    /* Made first: once the handler has said yes and keeps something for it, nothing may fail. */
    Socket *s = socket_open(c, NULL);
    if (!s) http_refuse(c, 503, "The server is out of memory.");
    else if (e->on_upgrade(e->ctx, r, &s->user)) become_socket(c, r, accept, s);
    else socket_free(s);
}

bool upgrade_try(Connection *c, Request *r)
{
    if (!r->upgrade || !header_has_token(r, "upgrade", "websocket")) return false;
    Span key = request_header(r, "sec-websocket-key");
    char accept[ACCEPT_CHARS + 1];
    if (r->minor_version < 1 || r->chunked || r->content_length) {
        reply_text(r, 400, SPAN("A WebSocket begins with a GET of HTTP/1.1 without a body.\n"));
    } else if (!span_equal(request_header(r, "sec-websocket-version"), SPAN("13"))) {
        reply_text(r, 426, SPAN("Only version 13 of WebSocket is spoken here.\n"));
    } else if (!key.ptr || !key_ok(key) || !accept_of(key, accept)) {
        reply_text(r, 400, SPAN("Sec-WebSocket-Key is missing or malformed.\n"));
    } else if (c->server->draining) {
        reply_text(r, 503, SPAN("The server restarts; try again in a few seconds.\n"));
    } else if (!c->server->events.on_upgrade) {
        reply_text(r, 404, SPAN("There is no WebSocket here.\n"));
    } else {
        ask_handler(c, r, accept);
    }
    return true;
}
