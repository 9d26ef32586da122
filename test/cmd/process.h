/* process.h - the verbs of the program, each in a process of its own, as a shell would call them, and a
 * folder for what they leave. */
#ifndef INVIGIL_TEST_CMD_PROCESS_H
#define INVIGIL_TEST_CMD_PROCESS_H

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cmd/cmd.h"
#include "seal/seal.h"
#include "test/net/client.h"

typedef struct Run {
    pid_t pid;
    int out; /* standard output and error of the child */
    char text[65536];
    size_t len;
} Run;

static char folder[64];                               /* of this test program */
static __attribute__((unused)) const char *run_input; /* a file for standard input; NULL: none */

static inline const char *data_path(const char *name)
{
    static char path[4][160];
    static int turn;
    char *p = path[turn++ & 3];
    snprintf(p, sizeof path[0], "%s/%s", folder, name);
    return p;
}

static inline void run_start(Run *r, const char *const *words)
{
    int ends[2], argc = 1;
    char *argv[16] = {(char *)"invigil"};
    while (argc < 15 && words[argc - 1]) {
        argv[argc] = (char *)words[argc - 1];
        argc++;
    }
    CHECK(pipe(ends) == 0);
    fflush(stdout);
    *r = (Run){.pid = fork(), .out = ends[0]};
    CHECK(r->pid >= 0);
    if (r->pid == 0) {
        int in = run_input ? open(run_input, O_RDONLY) : -1;
        if (in >= 0) dup2(in, 0);
        dup2(ends[1], 1);
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        int status = cmd_run(argc, argv);
        fflush(stdout);
        _exit(status);
    }
    close(ends[1]);
}

static inline bool run_more(Run *r)
{
    ssize_t n = read(r->out, r->text + r->len, sizeof r->text - 1 - r->len);
    if (n <= 0) return false;
    r->len += (size_t)n;
    r->text[r->len] = 0;
    return true;
}

static inline int run_end(Run *r)
{
    int status;
    while (run_more(r)) {
    }
    close(r->out);
    CHECK(waitpid(r->pid, &status, 0) == r->pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Exit status; r->text has what was printed. */
static inline int run(Run *r, const char *const *words)
{
    run_start(r, words);
    return run_end(r);
}
#define RUN(r, ...) run(r, (const char *const[]){__VA_ARGS__, NULL})
#define RUN_START(r, ...) run_start(r, (const char *const[]){__VA_ARGS__, NULL})

/* Waits for the line that tests and scripts parse. */
static inline u16 run_port(Run *r)
{
    const char *line = NULL;
    while (!(line = strstr(r->text, "fact=listening ")) || !strchr(line, '\n'))
        if (!run_more(r)) break;
    CHECK(line);
    const char *port = strstr(line, " port=");
    CHECK(port);
    return (u16)strtoul(port + 6, NULL, 10);
}

static inline int get(u16 port, const char *path)
{
    Client c = client_open(port);
    char head[256];
    snprintf(head, sizeof head, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", path);
    CHECK(client_say(&c, head));
    int status = client_answer(&c);
    client_close(&c);
    return status;
}

static inline void write_file(const char *path, Span bytes)
{
    int fd = open(path, O_CREAT | O_WRONLY | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
    close(fd);
}

static inline int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static inline void folder_remove(const char *path)
{
    nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Undoes what a removal must not meet, such as a mounted disk. */
static __attribute__((unused)) void (*process_before_removal)(void);

static inline int process_main(const char *name)
{
    snprintf(folder, sizeof folder, "/tmp/invigil-%s-XXXXXX", name);
    if (!mkdtemp(folder) || seal_init() != OK) return 1;
    int failed = test_run_all();
    if (process_before_removal) process_before_removal();
    folder_remove(folder);
    return failed;
}

#define PROCESS_MAIN(name)                                                                         \
    int main(void)                                                                                 \
    {                                                                                              \
        return process_main(name);                                                                 \
    }

#endif
