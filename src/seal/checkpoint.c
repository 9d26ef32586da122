#include "seal/checkpoint.h"

#include "base/text.h"
#include "seal/internal.h"

enum {
    KEY_ID_BYTES = 4,
    NOTE_SIGNATURE_BYTES = KEY_ID_BYTES + SEAL_SIGNATURE_BYTES,
    NOTE_NAME_BYTES_MAX = CHECKPOINT_ORIGIN_BYTES_MAX,
    BASE64_TEXT_BYTES = 128,
};
#define DASH "\xe2\x80\x94 "

/* The alphabet of RFC 4648 section 4, padded, as the notes ask for. */
static size_t base64(Span bytes, char out[BASE64_TEXT_BYTES])
{
    size_t n = text_base64url(bytes, out, BASE64_TEXT_BYTES);
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(out[i] == '-' ? '+' : out[i] == '_' ? '/' : out[i]);
    while (n % 4)
        out[n++] = '=';
    out[n] = 0;
    return n;
}

/* Exactly `size` bytes. */
static bool base64_read(Span text, u8 *out, size_t size)
{
    u8 plain[BASE64_TEXT_BYTES];
    size_t len = 0, letters = (size * 8 + 5) / 6;
    if (text.len >= sizeof plain || text.len != (letters + 3) / 4 * 4) return false;
    for (size_t i = 0; i < text.len; i++) {
        u8 c = text.ptr[i];
        if (c == '-' || c == '_' || (c == '=') != (i >= letters)) return false;
        plain[i] = c == '+' ? '-' : c == '/' ? '_' : c;
    }
    return text_from_base64url((Span){plain, letters}, out, size, &len) && len == size;
}

/* ---- signed notes ---- */

static void key_id(Span name, const u8 public_key[SEAL_SIGN_PUBLIC_BYTES], u8 out[KEY_ID_BYTES])
{
    u8 in[NOTE_NAME_BYTES_MAX + 2 + SEAL_SIGN_PUBLIC_BYTES], hash[SEAL_HASH_BYTES];
    ASSERT(name.len <= NOTE_NAME_BYTES_MAX);
    memcpy(in, name.ptr, name.len);
    in[name.len] = '\n';
    in[name.len + 1] = 1; /* Ed25519 */
    memcpy(in + name.len + 2, public_key, SEAL_SIGN_PUBLIC_BYTES);
    seal_sha256((Span){in, name.len + 2 + SEAL_SIGN_PUBLIC_BYTES}, hash);
    memcpy(out, hash, KEY_ID_BYTES);
}

void note_sign(Span text, Span name, const u8 secret_key[SEAL_SIGN_SECRET_BYTES], Buf *out)
{
    u8 signature[NOTE_SIGNATURE_BYTES];
    char letters[BASE64_TEXT_BYTES];
    /* An Ed25519 secret ends with its public half. */
    key_id(name, secret_key + SEAL_SIGN_SECRET_BYTES - SEAL_SIGN_PUBLIC_BYTES, signature);
    seal_sign(secret_key, text, signature + KEY_ID_BYTES);
    base64((Span){signature, sizeof signature}, letters);
    buf_span(out, text);
    buf_print(out, "\n" DASH "%.*s %s\n", SPAN_ARG(name), letters);
}

/* Cuts a note before its last empty line. */
static bool note_cut(Span note, Span *text, Span *line)
{
    for (size_t i = note.len; i >= 2; i--) {
        if (note.ptr[i - 1] != '\n' || note.ptr[i - 2] != '\n') continue;
        *text = (Span){note.ptr, i - 1};
        *line = (Span){note.ptr + i, note.len - i};
        return true;
    }
    return false;
}

Err note_check(Span note, Span name, const u8 public_key[SEAL_SIGN_PUBLIC_BYTES], Span *text)
{
    Span signed_text, line, dash = SPAN(DASH);
    u8 signature[NOTE_SIGNATURE_BYTES], id[KEY_ID_BYTES];
    if (!name.len || name.len > NOTE_NAME_BYTES_MAX) return ERR_FORMAT;
    if (!note_cut(note, &signed_text, &line)) return ERR_FORMAT;
    size_t before = dash.len + name.len + 1;
    bool fine = line.len > before + 1 && text_starts(line, dash) &&
                memcmp(line.ptr + dash.len, name.ptr, name.len) == 0 &&
                line.ptr[before - 1] == ' ' && line.ptr[line.len - 1] == '\n';
    if (!fine ||
        !base64_read((Span){line.ptr + before, line.len - before - 1}, signature, sizeof signature))
        return ERR_FORMAT;
    key_id(name, public_key, id);
    if (memcmp(id, signature, sizeof id)) return ERR_CRYPTO;
    if (!seal_verify(public_key, signed_text, signature + KEY_ID_BYTES)) return ERR_CRYPTO;
    *text = signed_text;
    return OK;
}

/* ---- checkpoints ---- */

static bool is_origin(Span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= ' ' || s.ptr[i] >= 127 || s.ptr[i] == '+') return false;
    return s.len && s.len <= CHECKPOINT_ORIGIN_BYTES_MAX;
}

void checkpoint_sign(const Checkpoint *c, const u8 secret_key[SEAL_SIGN_SECRET_BYTES], Buf *out)
{
    char root[BASE64_TEXT_BYTES];
    Buf text;
    ASSERT(is_origin(c->origin));
    base64((Span){c->root, sizeof c->root}, root);
    buf_init(&text, 1024);
    buf_print(&text, "%.*s\n%llu\n%s\n", SPAN_ARG(c->origin), (unsigned long long)c->size, root);
    if (text.failed) out->failed = true;
    else note_sign(buf_view(&text), c->origin, secret_key, out);
    buf_done(&text);
}

Err checkpoint_check(Span text, const u8 public_key[SEAL_SIGN_PUBLIC_BYTES], Checkpoint *out)
{
    Checkpoint c;
    Span body, size, root, rest;
    if (!text_cut(text, '\n', &c.origin, &rest) || !is_origin(c.origin)) return ERR_FORMAT;
    Err err = note_check(text, c.origin, public_key, &body);
    if (err) return err;
    bool fine = text_cut(body, '\n', &c.origin, &rest) && text_cut(rest, '\n', &size, &rest) &&
                text_cut(rest, '\n', &root, &rest) && rest.len == 0 && size.len &&
                (size.ptr[0] != '0' || size.len == 1) && text_to_u64(size, &c.size) &&
                base64_read(root, c.root, sizeof c.root);
    if (!fine) return ERR_FORMAT;
    *out = c;
    return OK;
}
