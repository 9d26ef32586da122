/* Backups: made beside a server that is answering, restored, and never half of one that looks whole. */
#include "store/manifest.h"
#include "test/cmd/sitting.h"

enum { ESSAY_BYTES = 3000, RECORD_BYTES = 20000 };

static u32 acknowledged_before;

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

TEST("A backup is made while candidates answer, and the server does not notice.")
{
    Run backup;
    sitting_open(&sitting, data_path("live"));
    for (int i = 0; i < 100; i++) {
        sitting_round(&sitting, ESSAY_BYTES);
        CHECK_EQUAL(seat_record(&sitting.seats[0], RECORD_BYTES), ACCEPTED);
    }
    acknowledged_before = sitting.count;
    RUN_START(&backup, "backup", "--data", data_path("live"), "--to", data_path("copy"));
    struct pollfd ready = {.fd = backup.out, .events = POLLIN};
    while (poll(&ready, 1, 0) == 0) /* it says something when it is done */
        sitting_round(&sitting, ESSAY_BYTES);
    CHECK_EQUAL(run_end(&backup), 0);
    CHECK(strstr(backup.text, "events"));
    CHECK(sitting.count > acknowledged_before);
    sitting_round(&sitting, ESSAY_BYTES);
    CHECK(exists(data_path("copy/" MANIFEST_NAME)));
    CHECK(exists(data_path("copy/evidence/1/0001.rec")));
    CHECK(!exists(data_path("copy.partial")));
    CHECK_EQUAL(sitting_end(&sitting, SIGTERM), 0);
    CHECK_EQUAL(ledger_missing(&sitting, sitting.count, data_path("live")), 0);
}

static bool sums_hold(const char *backup)
{
    int status;
    pid_t child = fork();
    if (!child) {
        if (chdir(backup)) _exit(126);
        execlp("sha256sum", "sha256sum", "--strict", "--quiet", "-c", MANIFEST_NAME, (char *)NULL);
        _exit(127);
    }
    return waitpid(child, &status, 0) == child && status == 0;
}

TEST("A backup is listed for sha256sum, and what it holds passes the check.")
{
    Run r;
    CHECK(sums_hold(data_path("copy")));
    CHECK_EQUAL(RUN(&r, "restore", "--from", data_path("copy"), "--data", data_path("back")), 0);
    CHECK(strstr(r.text, "events"));
    CHECK_EQUAL(RUN(&r, "check", "--data", data_path("back")), 0);
    CHECK(strstr(r.text, "every chain holds"));
    CHECK(strstr(r.text, "100 records"));
}

TEST(
    "Every receipt that was given before the backup began is in the restored server, which serves.")
{
    CHECK_EQUAL(ledger_missing(&sitting, acknowledged_before, data_path("back")), 0);
    sitting_serve(&sitting, data_path("back"));
    for (int i = 0; i < SEATS; i++)
        seat_dial(&sitting.seats[i]);
    sitting_round(&sitting, ESSAY_BYTES);
    CHECK_EQUAL(sitting_end(&sitting, SIGTERM), 0);
    CHECK_EQUAL(ledger_missing(&sitting, acknowledged_before, data_path("back")), 0);
}

TEST("A restore never buries data, and a backup never another backup.")
{
    Run r;
    CHECK_EQUAL(RUN(&r, "restore", "--from", data_path("copy"), "--data", data_path("live")), 1);
    CHECK(strstr(r.text, "is not empty"));
    CHECK_EQUAL(RUN(&r, "backup", "--data", data_path("live"), "--to", data_path("copy")), 1);
    CHECK(strstr(r.text, "new name"));
    CHECK(mkdir(data_path("empty"), 0700) == 0);
    CHECK_EQUAL(RUN(&r, "restore", "--from", data_path("copy"), "--data", data_path("empty")), 0);
    CHECK_EQUAL(RUN(&r, "check", "--data", data_path("empty")), 0);
    CHECK_EQUAL(RUN(&r, "backup", "--data", data_path("live")), 2);
    CHECK_EQUAL(RUN(&r, "restore", "--data", data_path("new")), 2);
    CHECK_EQUAL(RUN(&r, "backup", "--data", data_path("nowhere"), "--to", data_path("x")), 1);
    CHECK(strstr(r.text, "nowhere"));
    CHECK(!exists(data_path("x")) && !exists(data_path("x.partial")));
}

/* Changes one byte in the middle of a file. */
static void spoil(const char *path, off_t at)
{
    u8 byte;
    int fd = open(path, O_RDWR);
    CHECK(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte ^= 1;
    CHECK(pwrite(fd, &byte, 1, at) == 1);
    close(fd);
}

static void refused_restore(const char *words)
{
    Run r;
    CHECK_EQUAL(RUN(&r, "restore", "--from", data_path("copy"), "--data", data_path("none")), 1);
    if (!strstr(r.text, words)) printf("  %s\n", r.text);
    CHECK(strstr(r.text, words));
    CHECK(!exists(data_path("none")) && !exists(data_path("none.partial")));
}

TEST(
    "A backup in which anything is damaged, missing or cut is not restored, and the file is named.")
{
    struct stat st;
    spoil(data_path("copy/log.db"), 5000);
    refused_restore("copy/log.db is not what was backed up");
    spoil(data_path("copy/log.db"), 5000);
    CHECK(rename(data_path("copy/people.db"), data_path("people.db")) == 0);
    refused_restore("copy/people.db is missing");
    CHECK(rename(data_path("people.db"), data_path("copy/people.db")) == 0);
    CHECK(stat(data_path("copy/" MANIFEST_NAME), &st) == 0);
    CHECK(truncate(data_path("copy/" MANIFEST_NAME), st.st_size - 10) == 0);
    refused_restore("is not the whole manifest");
    CHECK(unlink(data_path("copy/" MANIFEST_NAME)) == 0);
    refused_restore("invigil backup");
}

TEST("A backup that was interrupted does not bear the name of one, and the next says what to do.")
{
    Run r;
    CHECK(mkdir(data_path("cut.partial"), 0700) == 0);
    CHECK_EQUAL(RUN(&r, "backup", "--data", data_path("live"), "--to", data_path("cut")), 1);
    CHECK(strstr(r.text, "cut.partial") && strstr(r.text, "Remove it"));
    CHECK(!exists(data_path("cut")));
}

PROCESS_MAIN("backup")
