/* TLS on real sockets, against OpenSSL as the client. */
#include <errno.h>
#include <openssl/err.h>

#include "test/net/cert.h"
#include "test/net/client.h"
#include "test/net/site.h"

static SSL_CTX *client_context(void)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    CHECK(ctx);
    return ctx;
}

/* A client whose handshake is done. Small: its receive window. */
static Client tls_client(Site *s, SSL_CTX *ctx, SSL_SESSION *session, int small)
{
    Client c = client_open_small(s->port, small);
    c.ssl = SSL_new(ctx);
    SSL_set_fd(c.ssl, c.fd);
    SSL_set_alpn_protos(c.ssl, (const unsigned char *)"\x02h2\x08http/1.1", 12);
    if (session) SSL_set_session(c.ssl, session);
    CHECK_EQUAL(SSL_connect(c.ssl), 1);
    return c;
}

TEST("Requests and messages go through TLS 1.3, with http/1.1 chosen by ALPN.")
{
    Cert cert = cert_make(NULL);
    Site *s = site_open_tls(cert.cert, cert.key);
    CHECK(s);
    SSL_CTX *ctx = client_context();
    Client c = tls_client(s, ctx, NULL, 0);
    const unsigned char *alpn;
    unsigned int alpn_len;
    SSL_get0_alpn_selected(c.ssl, &alpn, &alpn_len);
    CHECK_TEXT(((Span){alpn, alpn_len}), "http/1.1");
    CHECK_EQUAL(SSL_version(c.ssl), TLS1_3_VERSION);
    client_say(&c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_TEXT(client_body(&c), "hello");
    CHECK(client_upgrade(&c));
    u8 *bytes = malloc(SOCKET_MESSAGE_BYTES_MAX);
    CHECK(bytes);
    for (size_t i = 0; i < SOCKET_MESSAGE_BYTES_MAX; i++)
        bytes[i] = (u8)(i * 13 >> 1);
    for (size_t len = 1; len <= SOCKET_MESSAGE_BYTES_MAX; len = len * 5 + 3) {
        CHECK(client_send_frame(&c, FRAME_FIN | 2, bytes, len));
        CHECK(client_read_frame(&c));
        CHECK(c.body_len == len && memcmp(c.body, bytes, len) == 0);
    }
    client_send_frame(&c, FRAME_FIN | 8, "\x03\xe8", 2);
    CHECK_EQUAL(client_close_code(&c), 1000);
    CHECK_EQUAL(SSL_read(c.ssl, bytes, 1), 0);
    CHECK(SSL_get_shutdown(c.ssl) & SSL_RECEIVED_SHUTDOWN); /* a goodbye, not a cut */
    free(bytes);
    client_close(&c);
    SSL_CTX_free(ctx);
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
    cert_remove(&cert);
}

TEST("A large answer over TLS arrives whole at a reader with a small window.")
{
    Cert cert = cert_make(NULL);
    Site *s = site_open_tls(cert.cert, cert.key);
    CHECK(s);
    SSL_CTX *ctx = client_context();
    Client c = tls_client(s, ctx, NULL, 4096);
    client_say(&c, "GET /big HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HTTP/1.1\r\nHost: "
                   "x\r\nConnection: close\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK_EQUAL(c.body_len, 4000000);
    for (size_t i = 0; i < c.body_len; i++)
        CHECK(c.body[i] == (u8)(i * 7 >> 3));
    CHECK_EQUAL(client_answer(&c), 200);
    CHECK(client_ended(&c));
    client_close(&c);
    SSL_CTX_free(ctx);
    site_close(s);
    cert_remove(&cert);
}

TEST("TLS 1.2 is spoken, 1.1 is not.")
{
    Cert cert = cert_make(NULL);
    Site *s = site_open_tls(cert.cert, cert.key);
    CHECK(s);
    SSL_CTX *ctx = client_context();
    SSL_CTX_set_max_proto_version(ctx, TLS1_2_VERSION);
    Client c = tls_client(s, ctx, NULL, 0);
    CHECK_EQUAL(SSL_version(c.ssl), TLS1_2_VERSION);
    client_say(&c, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&c), 200);
    client_close(&c);
    SSL_CTX_set_min_proto_version(ctx, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
    SSL_CTX_set_security_level(ctx, 0);
    Client old = client_open(s->port);
    old.ssl = SSL_new(ctx);
    SSL_set_fd(old.ssl, old.fd);
    CHECK(SSL_connect(old.ssl) != 1);
    client_close(&old);
    SSL_CTX_free(ctx);
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
    cert_remove(&cert);
}

TEST("A client comes back with its ticket and needs no full handshake.")
{
    Cert cert = cert_make(NULL);
    Site *s = site_open_tls(cert.cert, cert.key);
    CHECK(s);
    SSL_CTX *ctx = client_context();
    Client first = tls_client(s, ctx, NULL, 0);
    client_say(&first, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&first), 200); /* the ticket comes before the answer */
    SSL_SESSION *session = SSL_get1_session(first.ssl);
    SSL_shutdown(first.ssl);
    client_close(&first);
    Client second = tls_client(s, ctx, session, 0);
    CHECK(SSL_session_reused(second.ssl));
    client_close(&second);
    SSL_SESSION_free(session);
    SSL_CTX_free(ctx);
    site_close(s);
    cert_remove(&cert);
}

TEST("Plain HTTP on a TLS port is told so; rubbish is cut; neither harms the next client.")
{
    Cert cert = cert_make(NULL);
    Site *s = site_open_tls(cert.cert, cert.key);
    CHECK(s);
    Client plain = client_open(s->port), rubbish = client_open(s->port);
    client_say(&plain, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&plain), 400);
    CHECK(text_starts(client_body(&plain), SPAN("This port speaks HTTPS.")));
    client_send(&rubbish, "\x16\x03\x01\x00\x05hello", 10);
    while (client_more(&rubbish))
        rubbish.in_len = 0; /* an alert */
    CHECK(errno != EAGAIN);
    SSL_CTX *ctx = client_context();
    Client fine = tls_client(s, ctx, NULL, 0);
    client_say(&fine, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK_EQUAL(client_answer(&fine), 200);
    client_close(&plain);
    client_close(&rubbish);
    client_close(&fine);
    SSL_CTX_free(ctx);
    site_close(s);
    cert_remove(&cert);
}

TEST("A handshake that arrives byte by byte succeeds.")
{
    Cert cert = cert_make(NULL);
    Site *s = site_open_tls(cert.cert, cert.key);
    CHECK(s);
    SSL_CTX *ctx = client_context();
    Client c = client_open(s->port);
    c.ssl = SSL_new(ctx);
    BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
    SSL_set_bio(c.ssl, in, out);
    SSL_set_connect_state(c.ssl);
    char byte, bytes[4096];
    while (SSL_do_handshake(c.ssl) != 1) {
        while (BIO_read(out, &byte, 1) == 1)
            CHECK(send(c.fd, &byte, 1, MSG_NOSIGNAL) == 1);
        ssize_t n = recv(c.fd, bytes, sizeof bytes, 0);
        CHECK(n > 0);
        BIO_write(in, bytes, (int)n);
    }
    client_close(&c);
    SSL_CTX_free(ctx);
    CHECK(site_wait(s, site_no_connection, 0));
    site_close(s);
    cert_remove(&cert);
}

static bool why_says(const char *cert, const char *key, const char *text)
{
    Site *s = site_open_tls(cert, key);
    CHECK(!s);
    bool says = strstr(site_why, text) != NULL;
    if (!says) printf("  why: %s\n", site_why);
    return says;
}

TEST("Bad certificate and key files are named, with the reason and what to do.")
{
    Cert one = cert_make(NULL), two = cert_make(NULL), locked = cert_make("secret");
    CHECK(why_says("/no/such/file", one.key, "certificate file /no/such/file: No such file"));
    CHECK(why_says(one.cert, "/no/such/key", "key file /no/such/key: No such file"));
    CHECK(why_says(one.key, one.key, "it must hold PEM certificates"));
    CHECK(why_says(one.cert, one.cert, "it must hold the PEM private key"));
    CHECK(why_says(one.cert, two.key, "does not belong to the certificate"));
    CHECK(why_says(locked.cert, locked.key, "store it without one"));
    CHECK(why_says(one.cert, NULL, "needs both"));
    cert_remove(&one);
    cert_remove(&two);
    cert_remove(&locked);
}

TEST_MAIN()
