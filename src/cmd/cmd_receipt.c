#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "http/site.h"
#include "seal/seal.h"
#include "store/people.h"

enum { RECEIPT_FILE_BYTES_MAX = 16384 };

static bool file_read(const char *path, Buf *out)
{
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    u8 bytes[1024];
    size_t n;
    while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
        buf_put(out, bytes, n);
    bool fine = !ferror(f) && !out->failed;
    fclose(f);
    return fine;
}

static bool key_from_data(const char *data, u8 key[SEAL_SIGN_PUBLIC_BYTES], char *why, size_t size)
{
    char path[4096];
    Arena a;
    Span value;
    if (!site_data_path(data, "people.db", path, sizeof path, why, size)) return false;
    People *p = people_open(path, why, size);
    if (!p) return false;
    arena_init(&a, 4096);
    bool fine = fact_get(p, "sign_public", &a, &value) == OK && value.len == SEAL_SIGN_PUBLIC_BYTES;
    if (fine) memcpy(key, value.ptr, value.len);
    else snprintf(why, size, "%s holds no signing key of a server.", data);
    arena_done(&a);
    people_close(p);
    return fine;
}

static bool key_from_text(const char *text, u8 key[SEAL_SIGN_PUBLIC_BYTES], char *why, size_t size)
{
    size_t len = 0;
    if (text_from_base64url(span_of(text), key, SEAL_SIGN_PUBLIC_BYTES, &len) &&
        len == SEAL_SIGN_PUBLIC_BYTES) {
        return true;
    }
    snprintf(why, size, "--public is no key: 43 letters of base64url, as /api/server shows it.");
    return false;
}

static void print_receipt(const ReceiptBody *b)
{
    char at[DATE_TEXT_SIZE], hash[2 * SEAL_HASH_BYTES + 1];
    date_text(b->stored_ms, at);
    text_hex((Span){b->answer_hash, SEAL_HASH_BYTES}, hash, sizeof hash);
    printf("The receipt is genuine. It says that the server had stored\n");
    printf("  the answer to question %u, revision %u, of attempt %llu\n", b->item, b->rev,
           (unsigned long long)b->attempt);
    printf("  durably at %s.\n", at);
    printf("  SHA-256 of the answer's text: %s\n", hash);
    text_hex((Span){b->chain_hash, SEAL_HASH_BYTES}, hash, sizeof hash);
    printf("  chain hash of its event:      %s\n", hash);
}

/* A file holds the receipt's bytes, or the same as base64url text. */
static Err receipt_read(Span file, const u8 key[SEAL_SIGN_PUBLIC_BYTES], ReceiptBody *body)
{
    static u8 bytes[RECEIPT_FILE_BYTES_MAX];
    size_t len = 0;
    if (text_from_base64url(text_trim(file), bytes, sizeof bytes, &len)) file = (Span){bytes, len};
    return receipt_check(file, key, body);
}

static int verify(const char *path, const u8 key[SEAL_SIGN_PUBLIC_BYTES])
{
    Buf file;
    ReceiptBody body;
    buf_init(&file, RECEIPT_FILE_BYTES_MAX);
    if (!file_read(path, &file)) {
        fprintf(stderr, "invigil: %s cannot be read, or is too long for a receipt.\n", path);
        buf_done(&file);
        return 1;
    }
    Err err = receipt_read(buf_view(&file), key, &body);
    buf_done(&file);
    if (err == OK) print_receipt(&body);
    else if (err == ERR_CRYPTO)
        printf("Not genuine: this server did not sign it, or it was changed.\n");
    else printf("%s is no receipt.\n", path);
    return err == OK ? 0 : 1;
}

int cmd_receipt(int argc, char **argv)
{
    const char *data = NULL, *public_key = NULL, *words[2];
    const Flag flags[] = {{"--data", &data, NULL}, {"--public", &public_key, NULL}};
    size_t count;
    char why[512];
    u8 key[SEAL_SIGN_PUBLIC_BYTES];
    if (!flags_read(argc, argv, flags, COUNT_OF(flags), words, 2, &count)) return 2;
    if (count != 2 || strcmp(words[0], "verify") != 0) {
        fprintf(stderr, "invigil: say `invigil receipt verify FILE`.\n");
        return 2;
    }
    if (seal_init() != OK) return 1;
    bool known = public_key ? key_from_text(public_key, key, why, sizeof why)
                            : key_from_data(data ? data : DATA_STANDARD, key, why, sizeof why);
    if (known) return verify(words[1], key);
    fprintf(stderr, "invigil: %s\n", why);
    return 1;
}
