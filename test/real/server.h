/* server.h - the program under test, as a process: started again and again on one port and one data
 * directory. What it prints is kept, so that a failed run can show its last words. */
#ifndef INVIGIL_TEST_REAL_SERVER_H
#define INVIGIL_TEST_REAL_SERVER_H

#include "base/base.h"

#include <sys/types.h>

typedef struct RealServer {
    const char *program, *data;
    const char *clock_library, *clock_file; /* libfaketime and what it reads; NULL: the real time */
    u16 port;
    pid_t pid; /* 0: none */
    int out;   /* reads what it prints */
    bool listening;
    u64 started_ns;
    char said[4096];
    size_t said_len;
} RealServer;

/* Chooses a port. */
void server_init(RealServer *s, const char *program, const char *data);
void server_start(RealServer *s);
/* Reads what was printed; `listening` becomes true with the line that says so. */
void server_hear(RealServer *s);
/* Ends it as a cut power line does. False: it had ended by itself before. */
bool server_kill(RealServer *s);
void server_signal(const RealServer *s, int signal);
/* True once it has ended by itself; *status as waitpid gives it. */
bool server_ended(RealServer *s, int *status);

#endif
