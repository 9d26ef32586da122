/* tls.c - TLS 1.2 and 1.3 with OpenSSL, as a filter between the socket and
 * connection_feed/out_push. OpenSSL reads from the bytes that just arrived and writes into the
 * loop's one ciphertext buffer, so that an idle connection holds no buffers but OpenSSL's own
 * state. */
#include "net/internal.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509err.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

struct Tls {
    SSL *ssl;
    Span in;    /* ciphertext that OpenSSL has not taken yet */
    Buf unsent; /* ciphertext that the kernel has not taken yet */
};

/* ---- the BIO ---- */

static int bio_read(BIO *b, char *out, int len)
{
    Connection *c = BIO_get_data(b);
    Tls *t = c->tls;
    BIO_clear_retry_flags(b);
    if (t->in.len == 0) {
        BIO_set_retry_read(b);
        return -1;
    }
    size_t n = MIN_OF((size_t)len, t->in.len);
    memcpy(out, t->in.ptr, n);
    t->in = (Span){t->in.ptr + n, t->in.len - n};
    return (int)n;
}

static int bio_write(BIO *b, const char *bytes, int len)
{
    Connection *c = BIO_get_data(b);
    Buf *out = &c->server->loop->cipher;
    BIO_clear_retry_flags(b);
    buf_put(out, bytes, (size_t)len);
    return out->failed ? -1 : len;
}

static long bio_control(BIO *b, int command, long number, void *pointer)
{
    (void)b;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/* Made once and kept until the process ends. */
static BIO_METHOD *bio_method(void)
{
    static BIO_METHOD *m;
    if (m) return m;
    m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
    if (!m) return NULL;
    BIO_meth_set_read(m, bio_read);
    BIO_meth_set_write(m, bio_write);
    BIO_meth_set_ctrl(m, bio_control);
    return m;
}

/* ---- the context ---- */

static int no_passphrase(char *out, int size, int writing, void *ctx)
{
    (void)out;
    (void)size;
    (void)writing;
    *(bool *)ctx = true;
    return 0;
}

static int pick_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                         const unsigned char *in, unsigned int in_len, void *ctx)
{
    static const unsigned char ours[] = "\x08http/1.1";
    (void)ssl;
    (void)ctx;
    unsigned char *found = NULL;
    int how = SSL_select_next_proto(&found, out_len, ours, sizeof ours - 1, in, in_len);
    if (how != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *out = found;
    return SSL_TLSEXT_ERR_OK;
}

static const char *ssl_reason(void)
{
    unsigned long e = ERR_peek_last_error();
    const char *text = e ? ERR_reason_error_string(e) : NULL;
    return text ? text : "unknown reason";
}

static bool file_readable(const char *what, const char *path, char *why, size_t size)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        snprintf(why, size, "%s %s: %s; check the path and who may read it", what, path,
                 strerror(errno));
        return false;
    }
    fclose(f);
    return true;
}

static bool load_files(SSL_CTX *ctx, const char *cert, const char *key, char *why, size_t size)
{
    bool encrypted = false;
    SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(ctx, &encrypted);
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ctx, cert) != 1) {
        snprintf(why, size,
                 "certificate file %s: %s; it must hold PEM certificates, the server's own first",
                 cert, ssl_reason());
        return false;
    }
    if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) == 1) return true;
    int reason = ERR_GET_REASON(ERR_peek_last_error());
    if (reason == X509_R_KEY_VALUES_MISMATCH || reason == X509_R_KEY_TYPE_MISMATCH) {
        snprintf(why, size, "key file %s does not belong to the certificate in %s", key, cert);
    } else {
        snprintf(why, size, "key file %s: %s; %s", key, ssl_reason(),
                 encrypted ? "the key has a passphrase; store it without one"
                           : "it must hold the PEM private key of the certificate");
    }
    return false;
}

static void context_rules(SSL_CTX *ctx)
{
    static const unsigned char id[] = "invigil";
    SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* Tickets resume sessions after a restart storm without memory per client. */
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_session_id_context(ctx, id, sizeof id - 1);
    SSL_CTX_set_num_tickets(ctx, 1);
    SSL_CTX_set_cipher_list(ctx, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_alpn_select_cb(ctx, pick_protocol, NULL);
}

SSL_CTX *tls_context(const char *cert_file, const char *key_file, char *why, size_t size)
{
    if (!file_readable("certificate file", cert_file, why, size)) return NULL;
    if (!file_readable("key file", key_file, why, size)) return NULL;
    SSL_CTX *ctx = bio_method() ? SSL_CTX_new(TLS_server_method()) : NULL;
    if (!ctx) {
        snprintf(why, size, "out of memory while setting TLS up");
        return NULL;
    }
    context_rules(ctx);
    if (load_files(ctx, cert_file, key_file, why, size)) {
        SSL_CTX_set_default_passwd_cb_userdata(ctx, NULL);
        return ctx;
    }
    ERR_clear_error();
    SSL_CTX_free(ctx);
    return NULL;
}

/* ---- one connection ---- */

Tls *tls_open(SSL_CTX *ctx, Connection *c)
{
    Tls *t = calloc(1, sizeof *t);
    SSL *ssl = t ? SSL_new(ctx) : NULL;
    BIO *bio = ssl ? BIO_new(bio_method()) : NULL;
    if (!bio) {
        SSL_free(ssl);
        free(t);
        return NULL;
    }
    BIO_set_data(bio, c);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    SSL_set_accept_state(ssl);
    t->ssl = ssl;
    buf_init(&t->unsent, (size_t)4 * SEND_BATCH_BYTES);
    return t;
}

void tls_close(Tls *t)
{
    if (!t) return;
    SSL_free(t->ssl);
    buf_done(&t->unsent);
    free(t);
}

Buf *tls_unsent(Tls *t)
{
    return &t->unsent;
}

/* Sends bytes; returns how many the kernel took, -1: broken. */
static ssize_t raw_send(Connection *c, const u8 *bytes, size_t len)
{
    ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);
    if (n >= 0) return n;
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

static bool send_unsent(Connection *c)
{
    Buf *u = &c->tls->unsent;
    if (u->len == 0) return true;
    ssize_t n = raw_send(c, u->ptr, u->len);
    if (n < 0) return false;
    u->len -= (size_t)n;
    memmove(u->ptr, u->ptr + n, u->len);
    if (u->len) c->blocked = true;
    else buf_done(u);
    return true;
}

bool tls_send(Connection *c)
{
    Buf *out = &c->server->loop->cipher, *u = &c->tls->unsent;
    bool ok = !out->failed && send_unsent(c);
    size_t sent = 0;
    if (ok && u->len == 0 && out->len) {
        ssize_t n = raw_send(c, out->ptr, out->len);
        ok = n >= 0;
        sent = ok ? (size_t)n : 0;
    }
    if (ok && sent < out->len) {
        buf_put(u, out->ptr + sent, out->len - sent);
        c->blocked = true;
        ok = !u->failed;
    }
    buf_reset(out);
    return ok;
}

bool tls_encrypt(Connection *c, Span plain)
{
    ERR_clear_error();
    return SSL_write(c->tls->ssl, plain.ptr, (int)plain.len) == (int)plain.len;
}

/* A browser that was told http:// for this port gets an answer that it can show. */
static void answer_plain_http(Connection *c)
{
    static const char text[] = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\n"
                               "Content-Length: 51\r\nConnection: close\r\n\r\n"
                               "This port speaks HTTPS. Use an address of https://\n";
    buf_reset(&c->server->loop->cipher);
    if (raw_send(c, (const u8 *)text, sizeof text - 1) > 0) shutdown(c->fd, SHUT_WR);
}

static void tls_failed(Connection *c, int how)
{
    unsigned long e = ERR_peek_last_error();
    bool http = how == SSL_ERROR_SSL && ERR_GET_REASON(e) == SSL_R_HTTP_REQUEST;
    if (http) answer_plain_http(c);
    else tls_send(c); /* the alert that tells the peer why */
    ERR_clear_error();
    connection_close(c);
}

void tls_input(Connection *c, u8 *bytes, size_t len)
{
    Loop *loop = c->server->loop;
    Tls *t = c->tls;
    t->in = (Span){bytes, len};
    while (!c->closed) {
        ERR_clear_error();
        int n = SSL_read(t->ssl, loop->plain_bytes, TLS_RECORD_BYTES);
        int how = n > 0 ? SSL_ERROR_NONE : SSL_get_error(t->ssl, n);
        bool fine =
            how == SSL_ERROR_NONE || how == SSL_ERROR_WANT_READ || how == SSL_ERROR_ZERO_RETURN;
        if (!fine) {
            tls_failed(c, how);
            break;
        }
        if (!tls_send(c)) connection_close(c);
        else if (how == SSL_ERROR_NONE) connection_feed(c, loop->plain_bytes, (size_t)n);
        else if (how == SSL_ERROR_ZERO_RETURN) connection_eof(c);
        if (how != SSL_ERROR_NONE) break;
    }
    t->in = SPAN_NONE;
}

void tls_goodbye(Connection *c)
{
    ERR_clear_error();
    if (!SSL_is_init_finished(c->tls->ssl)) return;
    SSL_shutdown(c->tls->ssl);
    if (!tls_send(c)) connection_close(c);
}
