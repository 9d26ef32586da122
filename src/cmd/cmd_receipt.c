#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/limits.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/public_key.h"
#include "http/site.h"
#include "link/receipt_file.h"
#include "seal/seal.h"
#include "store/people.h"

enum { RECEIPT_BYTES_MAX = 16384 };

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
    static u8 bytes[RECEIPT_BYTES_MAX];
    size_t len = 0;
    if (text_from_base64url(text_trim(file), bytes, sizeof bytes, &len)) file = (Span){bytes, len};
    return receipt_check(file, key, body);
}

static int verify_one(const char *path, Span file, const u8 key[SEAL_SIGN_PUBLIC_BYTES])
{
    ReceiptBody body;
    Err err = receipt_read(file, key, &body);
    if (err == OK) print_receipt(&body);
    else if (err == ERR_CRYPTO)
        printf("Not genuine: this server did not sign it, or it was changed.\n");
    else printf("%s is no receipt.\n", path);
    return err == OK ? 0 : 1;
}

/* ---- a file of many, as the exam page saves it ---- */

static bool verify_line(const ReceiptLine *l, const u8 key[SEAL_SIGN_PUBLIC_BYTES])
{
    char at[DATE_TEXT_SIZE];
    ReceiptBody b;
    printf("question %lld, revision %lld: ", (long long)l->question, (long long)l->revision);
    Err err = receipt_check(l->receipt, key, &b);
    if (err != OK) {
        printf("not genuine: %s.\n", err == ERR_CRYPTO
                                         ? "this server did not sign it, or it was changed"
                                         : "it is no receipt");
        return false;
    }
    date_text(b.stored_ms, at);
    if (!receipt_line_agrees(l, &b)) {
        printf("the file was changed. Its receipt is genuine, but of question %u, revision %u, "
               "stored at %s.\n",
               b.item, b.rev, at);
        return false;
    }
    printf("genuine; attempt %llu, stored durably at %s, SHA-256 of the answer's text %.*s\n",
           (unsigned long long)b.attempt, at, SPAN_ARG(l->answer_sha256));
    return true;
}

/* What the file says of itself, which nobody signed; no control character of it reaches the terminal. */
static void print_claim(const char *what, Span text)
{
    printf("The file says: %s ", what);
    for (size_t i = 0; i < text.len; i++)
        putchar(text.ptr[i] < ' ' || text.ptr[i] == 0x7f ? '?' : text.ptr[i]);
    putchar('\n');
}

static int verify_file(const ReceiptFile *file, const u8 key[SEAL_SIGN_PUBLIC_BYTES])
{
    size_t good = 0;
    print_claim("session", file->session);
    print_claim("exam", file->exam);
    print_claim("name", file->name);
    for (size_t i = 0; i < file->count; i++)
        good += verify_line(&file->line[i], key);
    printf("%zu of %zu receipts are genuine.\n", good, file->count);
    return file->count && good == file->count ? 0 : 1;
}

static int verify_bytes(const char *path, Span bytes, const u8 key[SEAL_SIGN_PUBLIC_BYTES])
{
    Arena a;
    ReceiptFile file;
    if (!text_starts(text_trim(bytes), SPAN("{"))) return verify_one(path, bytes, key);
    arena_init(&a, 16 * (size_t)RECEIPT_FILE_BYTES_MAX);
    bool fine = receipt_file_read(&a, bytes, &file) == OK;
    int status = fine ? verify_file(&file, key) : 1;
    if (!fine) printf("%s is no file of receipts.\n", path);
    arena_done(&a);
    return status;
}

static int verify(const char *path, const u8 key[SEAL_SIGN_PUBLIC_BYTES])
{
    Buf file;
    buf_init(&file, RECEIPT_FILE_BYTES_MAX);
    bool read = file_read(path, &file);
    if (!read) fprintf(stderr, "invigil: %s cannot be read, or is too long for receipts.\n", path);
    int status = read ? verify_bytes(path, buf_view(&file), key) : 1;
    buf_done(&file);
    return status;
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
    bool known = public_key ? public_key_read(public_key, key, why, sizeof why)
                            : key_from_data(data ? data : DATA_STANDARD, key, why, sizeof why);
    if (known) return verify(words[1], key);
    fprintf(stderr, "invigil: %s\n", why);
    return 1;
}
