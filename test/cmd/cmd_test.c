/* The verbs of the program, each in a process of its own, as a shell would call them. */
#include "base/date.h"
#include "cmd/demo.h"
#include "cmd/desk.h"
#include "http/site.h"
#include "link/import.h"
#include "seal/seal.h"
#include "store/people.h"
#include "test/cmd/process.h"

TEST("Help lists every verb; what is not understood is said so and exits with 2.")
{
    Run r;
    CHECK_EQUAL(RUN(&r, "--help"), 0);
#define V(name, args, help)                                                                        \
    CHECK(strstr(r.text, "invigil " #name));                                                       \
    CHECK(strstr(r.text, help));
#include "schema/commands.def"
#undef V
    CHECK_EQUAL(RUN(&r, "serve", "--help"), 0);
    CHECK(strstr(r.text, "--listen"));
    CHECK_EQUAL(RUN(&r, "dance"), 2);
    CHECK(strstr(r.text, "dance"));
    CHECK_EQUAL(RUN(&r, "serve", "--nonsense"), 2);
    CHECK(strstr(r.text, "--nonsense"));
    CHECK_EQUAL(RUN(&r, "serve", "--data"), 2);
    CHECK_EQUAL(RUN(&r, "check", "stray"), 2);
    CHECK_EQUAL(RUN(&r, "version"), 0);
    CHECK(strstr(r.text, INVIGIL_VERSION));
}

TEST("The demo's questions are read without an error or a note.")
{
    Arena a;
    Import in;
    arena_init(&a, ARENA_REQUEST_BYTES_MAX);
    CHECK_EQUAL(import_read(&a, span_of(demo_questions), SPAN_NONE, IMPORT_AUTO, &in), OK);
    CHECK_EQUAL(in.refusal, ACCEPTED);
    CHECK_EQUAL(in.error_count, 0);
    CHECK_EQUAL(in.note_count, 0);
    CHECK_EQUAL(in.paper.item_count, 8);
    u32 kinds = 0;
    for (u32 i = 0; i < in.paper.item_count; i++)
        kinds |= 1u << in.paper.items[i].kind;
    CHECK_EQUAL(kinds, 126); /* all six */
    arena_done(&a);
}

TEST("A demo fills an empty directory once; nobody else can read it.")
{
    Run r;
    struct stat st;
    const char *data = data_path("demo");
    CHECK_EQUAL(RUN(&r, "demo", "--data", data), 0);
    CHECK(strstr(r.text, "proctor@example.org") && strstr(r.text, DEMO_CODE));
    CHECK(stat(data, &st) == 0 && (st.st_mode & 0777) == 0700);
    CHECK(stat(data_path("demo/log.db"), &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK(stat(data_path("demo/people.db"), &st) == 0 && (st.st_mode & 0777) == 0600);
    CHECK_EQUAL(RUN(&r, "demo", "--data", data), 1);
    CHECK(strstr(r.text, "empty"));
}

TEST("The printed passphrase opens the proctor's identity, and that the session's key.")
{
    Desk d;
    User u;
    Arena a;
    Buf both, session_private;
    char why[256];
    arena_init(&a, 1 << 20);
    buf_init(&both, 1024);
    buf_init(&session_private, 1024);
    CHECK(desk_open(&d, data_path("demo"), false, why, sizeof why));
    CHECK_EQUAL(people_by_email(d.people, SPAN("proctor@example.org"), &a, &u), OK);
    CHECK_EQUAL(seal_unwrap_passphrase(SPAN("keys of the proctor"), SPAN("invigil identity v1"),
                                       u.wrapped_private, &both),
                OK);
    CHECK_EQUAL(both.len, 64);
    const SessionInfo *info = engine_session_info(d.engine, 1);
    Span context = arena_print(&a, "invigil session key v1%32s", "");
    memcpy((u8 *)context.ptr + context.len - 32, info->public_key.ptr, 32);
    CHECK_EQUAL(
        seal_unwrap(both.ptr, context, engine_session_key(d.engine, 1, u.id), &session_private),
        OK);
    CHECK_EQUAL(session_private.len, 32);
    buf_done(&both);
    buf_done(&session_private);
    arena_done(&a);
    desk_close(&d);
}

TEST("Rebuilding counts what the log holds; checking finds it whole.")
{
    Run r;
    CHECK_EQUAL(RUN(&r, "rebuild", "--data", data_path("demo")), 0);
    CHECK(strstr(r.text, "attempts    3"));
    CHECK(strstr(r.text, "sessions    1"));
    CHECK(strstr(r.text, "set aside   0"));
    CHECK_EQUAL(RUN(&r, "check", "--data", data_path("demo")), 0);
    CHECK(strstr(r.text, "every chain holds"));
}

TEST("A directory that cannot be made, or a file that is no log, is named.")
{
    Run r;
    CHECK_EQUAL(RUN(&r, "check", "--data", "/proc/none"), 1);
    CHECK(strstr(r.text, "/proc/none"));
    CHECK(mkdir(data_path("odd"), 0700) == 0);
    int fd = open(data_path("odd/log.db"), O_CREAT | O_WRONLY, 0600);
    CHECK(fd >= 0 && write(fd, "this is not a database at all, not even nearly", 46) == 46);
    close(fd);
    CHECK_EQUAL(RUN(&r, "serve", "--data", data_path("odd"), "--listen", "127.0.0.1:0"), 1);
    CHECK(strstr(r.text, "log.db"));
}

TEST("The server says where it listens, serves, and stops when it is told to.")
{
    Run r;
    RUN_START(&r, "serve", "--demo", "--data", data_path("served"), "--listen", "127.0.0.1:0");
    u16 port = run_port(&r);
    CHECK_EQUAL(get(port, "/api/server"), 200);
    kill(r.pid, SIGTERM);
    CHECK_EQUAL(run_end(&r), 0);
    CHECK(strstr(r.text, "demo-proctor"));
    CHECK(strstr(r.text, "fact=stopped"));
}

TEST("After kill -9 the next start goes on with the same data.")
{
    Run r;
    for (int i = 0; i < 3; i++) {
        RUN_START(&r, "serve", "--data", data_path("served"), "--listen", "127.0.0.1:0");
        CHECK_EQUAL(get(run_port(&r), "/api/server"), 200);
        kill(r.pid, SIGKILL);
        CHECK_EQUAL(run_end(&r), 128 + SIGKILL);
    }
    CHECK_EQUAL(RUN(&r, "check", "--data", data_path("served")), 0);
}

TEST("Two servers never share a data directory or a port.")
{
    Run first, second;
    char listen_at[32];
    RUN_START(&first, "serve", "--data", data_path("served"), "--listen", "127.0.0.1:0");
    u16 port = run_port(&first);
    CHECK_EQUAL(RUN(&second, "serve", "--data", data_path("served"), "--listen", "127.0.0.1:0"), 1);
    CHECK(strstr(second.text, "invigil: "));
    snprintf(listen_at, sizeof listen_at, "127.0.0.1:%u", port);
    CHECK_EQUAL(RUN(&second, "serve", "--data", data_path("other"), "--listen", listen_at), 1);
    CHECK(strstr(second.text, listen_at) || strstr(second.text, "in use"));
    CHECK_EQUAL(get(port, "/api/server"), 200);
    kill(first.pid, SIGTERM);
    CHECK_EQUAL(run_end(&first), 0);
}

TEST("The demo never listens where strangers are; a certificate needs its key.")
{
    Run r;
    CHECK_EQUAL(RUN(&r, "serve", "--demo", "--data", data_path("x"), "--listen", "0.0.0.0:0"), 2);
    CHECK(strstr(r.text, "127.0.0.1"));
    CHECK_EQUAL(RUN(&r, "serve", "--data", data_path("x"), "--cert", "a.pem"), 2);
    CHECK_EQUAL(RUN(&r, "serve", "--data", data_path("x"), "--cert", "/nowhere/a.pem", "--key",
                    "/nowhere/b.pem", "--listen", "127.0.0.1:0"),
                1);
    CHECK(strstr(r.text, "/nowhere/a.pem"));
    CHECK_EQUAL(RUN(&r, "serve", "--listen", "8080"), 2);
    CHECK_EQUAL(RUN(&r, "serve", "--public-url", "exam.example.org"), 2);
    CHECK_EQUAL(RUN(&r, "serve", "--public-url", "https://exam.example.org/"), 2);
    CHECK_EQUAL(RUN(&r, "serve", "--log-level", "loud"), 2);
}

/* ---- receipts ---- */

static void make_receipt(Buf *out)
{
    Arena a;
    Span secret;
    char why[256];
    u32 index;
    ReceiptBody body = {.attempt = 42, .item = 7, .rev = 3, .stored_ms = 1795254741827};
    arena_init(&a, 4096);
    People *p = people_open(data_path("served/people.db"), why, sizeof why);
    CHECK(p && fact_get(p, "sign_secret", &a, &secret) == OK);
    ReceiptTree *t = receipt_tree_open();
    CHECK(t && receipt_tree_add(t, &body, &index) == OK && receipt_tree_sign(t, secret.ptr) == OK);
    receipt_write(t, index, out);
    receipt_tree_close(t);
    people_close(p);
    arena_done(&a);
}

TEST("A receipt says in words what it proves; a changed one is not genuine.")
{
    Run r;
    Buf receipt;
    char text[2048], file[160];
    snprintf(file, sizeof file, "%s", data_path("receipt"));
    buf_init(&receipt, 4096);
    make_receipt(&receipt);
    write_file(file, buf_view(&receipt));
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--data", data_path("served")), 0);
    CHECK(strstr(r.text, "question 7, revision 3, of attempt 42"));
    CHECK(strstr(r.text, "2026-11-21T"));
    text_base64url(buf_view(&receipt), text, sizeof text);
    write_file(file, span_of(text));
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--data", data_path("served")), 0);
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--public",
                    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
                1);
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--public", "AAAA"), 1);
    receipt.ptr[20] ^= 1;
    write_file(file, buf_view(&receipt));
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--data", data_path("served")), 1);
    CHECK(strstr(r.text, "Not genuine"));
    write_file(file, SPAN("hello"));
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--data", data_path("served")), 1);
    CHECK_EQUAL(RUN(&r, "receipt", "verify", "/nowhere", "--data", data_path("served")), 1);
    CHECK_EQUAL(RUN(&r, "receipt"), 2);
    buf_done(&receipt);
}

static void write_receipt_file(const char *path, Span receipt, u32 revision)
{
    static char text[4096], file[8192];
    text_base64url(receipt, text, sizeof text);
    snprintf(
        file, sizeof file,
        "{\"format\":\"invigil receipts 1\",\"session\":\"A\\u001b[2J\",\"receipts\":[{"
        "\"question\":7,\"revision\":%u,\"stored_ms\":1795254741827,\"answer_sha256\":\"%064d\","
        "\"receipt\":\"%s\"}]}",
        revision, 0, text);
    write_file(path, span_of(file));
}

TEST("A file of receipts is told receipt by receipt; a changed one is refuted (E7).")
{
    Run r;
    Buf receipt;
    char file[160];
    snprintf(file, sizeof file, "%s", data_path("receipts.json"));
    buf_init(&receipt, 4096);
    make_receipt(&receipt);
    write_receipt_file(file, buf_view(&receipt), 3);
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--data", data_path("served")), 0);
    CHECK(strstr(r.text, "The file says: session A?[2J"));
    CHECK(strstr(r.text, "question 7, revision 3: genuine; attempt 42"));
    CHECK(strstr(r.text, "1 of 1 receipts are genuine"));
    write_receipt_file(file, buf_view(&receipt), 4);
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--data", data_path("served")), 1);
    CHECK(strstr(r.text, "the file was changed. Its receipt is genuine, but of question 7"));
    receipt.ptr[20] ^= 1;
    write_receipt_file(file, buf_view(&receipt), 3);
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--data", data_path("served")), 1);
    CHECK(strstr(r.text, "this server did not sign it"));
    CHECK(strstr(r.text, "0 of 1 receipts are genuine"));
    write_file(file, SPAN("{\"format\":\"invigil receipts 2\",\"receipts\":[]}"));
    CHECK_EQUAL(RUN(&r, "receipt", "verify", file, "--data", data_path("served")), 1);
    CHECK(strstr(r.text, "is no file of receipts"));
    buf_done(&receipt);
}

TEST("The first accounts are made on the command line, without a password in sight.")
{
    Run r;
    Arena a;
    User u;
    char why[256], file[160];
    snprintf(file, sizeof file, "%s", data_path("password"));
    write_file(file, SPAN("correct horse battery\n"));
    run_input = file;
    const char *data = data_path("fresh");
    CHECK_EQUAL(RUN(&r, "user", "list", "--data", data), 0);
    CHECK(strstr(r.text, "Nobody is here yet"));
    CHECK_EQUAL(RUN(&r, "user", "add", "--data", data, "--email", "p@example.org", "--name", "P",
                    "--roles", "planner,king"),
                1);
    CHECK_EQUAL(RUN(&r, "user", "add", "--data", data, "--email", "p@example.org", "--name", "P",
                    "--roles", "planner, proctor"),
                0);
    CHECK_EQUAL(RUN(&r, "user", "add", "--data", data, "--email", "P@example.org", "--name", "P",
                    "--roles", "proctor"),
                1);
    CHECK(strstr(r.text, "already"));
    CHECK_EQUAL(RUN(&r, "user", "list", "--data", data), 0);
    CHECK(strstr(r.text, "p@example.org") && strstr(r.text, "proctor planner (no keys yet)"));
    write_file(file, SPAN("short\n"));
    CHECK_EQUAL(RUN(&r, "user", "password", "--data", data, "--email", "p@example.org"), 1);
    write_file(file, SPAN("another long password\n"));
    CHECK_EQUAL(RUN(&r, "user", "password", "--data", data, "--email", "nobody@example.org"), 1);
    CHECK_EQUAL(RUN(&r, "user", "password", "--data", data, "--email", "p@example.org"), 0);
    CHECK_EQUAL(RUN(&r, "user", "dance", "--data", data), 2);
    run_input = NULL;
    arena_init(&a, 65536);
    People *p = people_open(data_path("fresh/people.db"), why, sizeof why);
    CHECK(p && people_by_email(p, SPAN("p@example.org"), &a, &u) == OK);
    char stored[SEAL_PASSWORD_TEXT_BYTES];
    snprintf(stored, sizeof stored, "%.*s", SPAN_ARG(u.password));
    CHECK(seal_password_fits(SPAN("another long password"), stored));
    CHECK(!seal_password_fits(SPAN("correct horse battery"), stored));
    people_close(p);
    arena_done(&a);
}

PROCESS_MAIN("cmd")
