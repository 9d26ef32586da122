/* A real server on a real file system of 32 MiB that becomes full: evidence stops first, answers use what
 * was kept for them, then nothing is acknowledged, and all goes on by itself when there is room. Needs
 * root, for mounting; without a loop device a tmpfs of the same size stands in. */
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "http/room.h"
#include "test/cmd/sitting.h"

enum {
    DISK_BYTES = 32 << 20,
    ESSAY_BYTES = 20000,
    RECORD_BYTES = 1000,
    PATIENCE_MS = 20000,
    LEFT_FOR_ANSWERS = 4 << 20,
};

static char disk[64], data[96], filler[96];
static Line proctor;
static u32 room_level;

/* ---- the file system ---- */

static bool spawn_fine(const char *const *words)
{
    int status;
    pid_t child = fork();
    if (!child) {
        int nowhere = open("/dev/null", O_WRONLY);
        dup2(nowhere, 1);
        dup2(nowhere, 2);
        execvp(words[0], (char *const *)words);
        _exit(127);
    }
    return waitpid(child, &status, 0) == child && status == 0;
}
#define SPAWN(...) spawn_fine((const char *const[]){__VA_ARGS__, NULL})

static bool mount_loop(void)
{
    const char *image = data_path("image");
    int fd = open(image, O_CREAT | O_RDWR, 0600);
    bool fine = fd >= 0 && ftruncate(fd, DISK_BYTES) == 0;
    if (fd >= 0) close(fd);
    return fine && SPAWN("mkfs.ext4", "-q", "-F", "-m", "0", image) &&
           SPAWN("mount", "-o", "loop", image, disk);
}

static bool mount_disk(void)
{
    if (geteuid() != 0 || mkdir(disk, 0700)) return false;
    if (mount_loop()) return true;
    bool fine = mount("tmpfs", disk, "tmpfs", 0, "size=32m") == 0;
    if (fine) printf("  no loop device here: a tmpfs stands in\n");
    return fine;
}

static void need_disk(void)
{
    static bool tried, there;
    snprintf(disk, sizeof disk, "%s", data_path("disk"));
    snprintf(data, sizeof data, "%s/data", disk);
    snprintf(filler, sizeof filler, "%s/filler", disk);
    if (!tried) there = mount_disk();
    tried = true;
    if (!there) SKIP("no file system of a limited size can be mounted here; run as root");
}

static u64 disk_free(void)
{
    struct statvfs st;
    CHECK(statvfs(disk, &st) == 0);
    return (u64)st.f_bavail * st.f_frsize;
}

/* A file of somebody else grows until only so much is free; 0: until nothing more goes in. */
static void disk_fill(u64 left)
{
    static const u8 zeros[65536];
    int fd = open(filler, O_CREAT | O_WRONLY | O_APPEND, 0600);
    CHECK(fd >= 0);
    for (size_t piece = sizeof zeros; piece >= 512; piece /= 2)
        while (disk_free() > left + piece * (left ? 1 : 0) && write(fd, zeros, piece) > 0) {
        }
    close(fd);
}

/* ---- waiting ---- */

static bool line_ready(const Line *l, int wait_ms)
{
    struct pollfd p = {.fd = l->c.fd, .events = POLLIN};
    return l->c.in_len > 0 || poll(&p, 1, wait_ms) > 0;
}

static void proctor_hear(void)
{
    CHECK(line_next(&proctor));
    if (proctor.m.kind == MSG_room) room_level = proctor.m.room.level;
}

static void wait_room(u32 level)
{
    i64 until = house_now_ms() + PATIENCE_MS;
    while (room_level != level && house_now_ms() < until)
        if (line_ready(&proctor, 100)) proctor_hear();
    CHECK_EQUAL(room_level, level);
}

/* Sends records, polls: until the server answers so. */
static void wait_record(Refusal wanted)
{
    i64 until = house_now_ms() + PATIENCE_MS;
    Refusal have;
    do {
        have = seat_record(&sitting.seats[0], RECORD_BYTES);
        CHECK(have == ACCEPTED || have == R_NOT_STORED);
    } while (have != wanted && house_now_ms() < until);
    CHECK_EQUAL(have, wanted);
}

/* Everybody answers in turn until the staff are told that nothing can be stored. Returns the seat whose
 * answer has no receipt; *reserve: answers that were acknowledged out of the reserve. */
static Seat *answer_until_full(u32 *reserve)
{
    for (u32 n = 0; n < 5000; n++) {
        Seat *seat = &sitting.seats[n % SEATS];
        i64 until = house_now_ms() + PATIENCE_MS;
        seat_send(seat, ESSAY_BYTES);
        while (!line_ready(&seat->line, 10) && room_level != ROOM_NONE) {
            CHECK(house_now_ms() < until);
            if (line_ready(&proctor, 10)) proctor_hear();
        }
        while (line_ready(&proctor, 0))
            proctor_hear();
        if (room_level == ROOM_NONE && !line_ready(&seat->line, 0)) return seat;
        CHECK_EQUAL(seat_take(&sitting, seat), ACCEPTED);
        *reserve += room_level == ROOM_RESERVE;
    }
    printf("  the disk never became full\n");
    CHECK(false);
    return NULL;
}

/* ---- the tests, one exam ---- */

TEST("On a small disk an exam runs with recordings, and room for answers is laid aside.")
{
    struct stat st;
    need_disk();
    sitting_open(&sitting, data);
    line_open(&proctor, PROCTOR_A);
    sitting_round(&sitting, ESSAY_BYTES);
    wait_record(ACCEPTED);
    char ballast[128];
    snprintf(ballast, sizeof ballast, "%s/ballast", data);
    CHECK(stat(ballast, &st) == 0);
    CHECK(st.st_blocks * 512 >= 1 << 20);
}

TEST(
    "When the disk runs low, recordings are refused first; answers are stored, and staff are told.")
{
    need_disk();
    disk_fill(LEFT_FOR_ANSWERS);
    wait_record(R_NOT_STORED);
    wait_room(ROOM_NO_EVIDENCE);
    sitting_round(&sitting, ESSAY_BYTES);
    CHECK_EQUAL(house_get(ADMINISTRATOR, "/api/me"), 200);
    CHECK_EQUAL(house_number("room"), ROOM_NO_EVIDENCE);
    CHECK_EQUAL(house_get(NOBODY, "/api/me"), 200);
    CHECK(!house_at("room"));
}

static Seat *waiting_seat;

TEST("On a full disk answers are stored out of the reserve; then none is acknowledged.")
{
    u32 reserve = 0;
    need_disk();
    disk_fill(0);
    waiting_seat = answer_until_full(&reserve);
    CHECK(reserve > 0);
    Message ping = {.kind = MSG_ping};
    CHECK(line_send(&waiting_seat->line, &ping));
    do { /* the server still hears and speaks, and does not acknowledge */
        CHECK(line_next(&waiting_seat->line));
        CHECK(waiting_seat->line.m.kind != MSG_reply);
    } while (waiting_seat->line.m.kind != MSG_pong);
    CHECK_EQUAL(house_get(ADMINISTRATOR, "/api/me"), 200);
    CHECK_EQUAL(house_number("room"), ROOM_NONE);
}

TEST("A backup onto a full disk fails with words and leaves nothing.")
{
    Run r;
    char to[96], partial[128];
    need_disk();
    snprintf(to, sizeof to, "%s/backup", disk);
    snprintf(partial, sizeof partial, "%s.partial", to);
    CHECK_EQUAL(RUN(&r, "backup", "--data", data, "--to", to), 1);
    CHECK(strstr(r.text, "no backup was made"));
    CHECK(access(to, F_OK) && access(partial, F_OK));
}

TEST("When there is room again the waiting answer is stored, recordings go on and the reserve is "
     "laid "
     "again, without a restart.")
{
    char ballast[128];
    need_disk();
    CHECK(waiting_seat);
    CHECK(unlink(filler) == 0);
    CHECK_EQUAL(seat_take(&sitting, waiting_seat), ACCEPTED);
    wait_room(ROOM_FINE);
    wait_record(ACCEPTED);
    sitting_round(&sitting, ESSAY_BYTES);
    snprintf(ballast, sizeof ballast, "%s/ballast", data);
    CHECK(access(ballast, F_OK) == 0);
    CHECK(waitpid(sitting.server.pid, NULL, WNOHANG) == 0);
}

/* Starts the server on the full disk. True: it serves. */
static bool starts_on_full_disk(Run *r)
{
    RUN_START(r, "serve", "--data", data, "--listen", "127.0.0.1:0");
    while (!strstr(r->text, "fact=listening") && run_more(r)) {
    }
    bool serves = strstr(r->text, "fact=listening");
    if (serves) kill(r->pid, SIGKILL);
    run_end(r);
    if (!serves) printf("  %s", r->text);
    return serves;
}

TEST("A server killed on a full disk starts on it again; with room every receipt is there.")
{
    Run r;
    u32 reserve = 0;
    need_disk();
    disk_fill(0);
    CHECK(answer_until_full(&reserve));
    line_close(&proctor);
    CHECK_EQUAL(sitting_end(&sitting, SIGKILL), 128 + SIGKILL);
    CHECK(starts_on_full_disk(&r));
    CHECK(unlink(filler) == 0);
    sitting_serve(&sitting, data);
    for (int i = 0; i < SEATS; i++)
        seat_dial(&sitting.seats[i]);
    sitting_round(&sitting, ESSAY_BYTES);
    CHECK_EQUAL(sitting_end(&sitting, SIGTERM), 0);
    CHECK(sitting.count > 50);
    CHECK_EQUAL(ledger_missing(&sitting, sitting.count, data), 0);
    CHECK_EQUAL(RUN(&r, "check", "--data", data), 0);
}

static void end_all(void)
{
    if (sitting.server.pid > 0) kill(sitting.server.pid, SIGKILL);
    if (disk[0]) umount2(disk, MNT_DETACH);
}

int main(void)
{
    process_before_removal = end_all;
    return process_main("disk");
}
