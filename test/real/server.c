#include "test/real/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/parts/talk.h"

/* Below the range from which the system gives ports to those who connect: there, who connects to a port
 * that nobody serves can meet himself. */
enum { PORT_FIRST = 20000, PORT_COUNT = 10000 };

static bool port_is_free(u16 port)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool is_free = fd >= 0 && bind(fd, (struct sockaddr *)&a, sizeof a) == 0;
    if (fd >= 0) close(fd);
    return is_free;
}

void server_init(RealServer *s, const char *program, const char *data)
{
    *s = (RealServer){.program = program, .data = data, .out = -1};
    u32 from = (u32)getpid() * 7919;
    for (u32 i = 0; i < PORT_COUNT && !s->port; i++) {
        u16 port = (u16)(PORT_FIRST + (from + i) % PORT_COUNT);
        if (port_is_free(port)) s->port = port;
    }
}

/* The time since boot stays the real one: nobody can set that. */
static void mislead(const RealServer *s)
{
    setenv("LD_PRELOAD", s->clock_library, 1);
    setenv("FAKETIME_TIMESTAMP_FILE", s->clock_file, 1);
    setenv("FAKETIME_NO_CACHE", "1", 1);
    setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1", 1);
    setenv("DONT_FAKE_MONOTONIC", "1", 1);
}

static _Noreturn void run_program(const RealServer *s, int to)
{
    char listen[32];
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    snprintf(listen, sizeof listen, "127.0.0.1:%u", s->port);
    dup2(to, 1);
    dup2(to, 2);
    if (s->clock_library) mislead(s);
    execl(s->program, s->program, "serve", "--data", s->data, "--listen", listen, (char *)NULL);
    _exit(127);
}

void server_start(RealServer *s)
{
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) abort();
    fcntl(pipes[0], F_SETFL, O_NONBLOCK);
    s->said_len = 0;
    s->listening = false;
    s->started_ns = now_ns();
    s->pid = fork();
    if (s->pid < 0) abort();
    if (s->pid == 0) run_program(s, pipes[1]);
    close(pipes[1]);
    if (s->out >= 0) close(s->out);
    s->out = pipes[0];
}

void server_hear(RealServer *s)
{
    for (;;) {
        if (s->said_len > sizeof s->said / 2) { /* its last words matter */
            s->said_len /= 2;
            memmove(s->said, s->said + s->said_len, s->said_len);
        }
        ssize_t n = read(s->out, s->said + s->said_len, sizeof s->said - 1 - s->said_len);
        if (n <= 0) break;
        s->said_len += (size_t)n;
        s->said[s->said_len] = 0;
        if (strstr(s->said, "fact=listening")) s->listening = true;
    }
}

void server_signal(const RealServer *s, int signal)
{
    if (s->pid > 0) kill(s->pid, signal);
}

static bool server_wait(RealServer *s, int how, int *status)
{
    pid_t pid;
    do {
        pid = waitpid(s->pid, status, how);
    } while (pid < 0 && errno == EINTR);
    if (pid <= 0) return false;
    server_hear(s);
    s->pid = 0;
    s->listening = false;
    return true;
}

bool server_ended(RealServer *s, int *status)
{
    return s->pid > 0 && server_wait(s, WNOHANG, status);
}

bool server_kill(RealServer *s)
{
    int status = 0;
    server_signal(s, SIGKILL);
    return server_wait(s, 0, &status) && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}
