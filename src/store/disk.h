/* disk.h - the room on the disk, and what is kept of it for answers.
 *
 * Evidence stops when less than DISK_RESERVE_BYTES are free. A ballast, a preallocated file beside the
 * log, is given up when the log itself finds no room, so that answers still find some; it is laid again
 * when there is room for twice as much. Of a small disk both are a share. */
#ifndef INVIGIL_DISK_H
#define INVIGIL_DISK_H

#include "base/base.h"

/* Has the disk so little room left that evidence must stop? */
bool disk_is_low(const char *folder);

typedef struct Ballast Ballast;
/* Lays it when there is room. `folder` is copied. NULL: out of memory or a path too long. */
Ballast *ballast_open(const char *folder);
void ballast_close(Ballast *b);      /* leaves it where it is */
bool ballast_lies(const Ballast *b); /* any thread */
/* One thread: gives it up; false: it was not there. */
bool ballast_give(Ballast *b);
/* The same thread: lays it again when there is room. */
void ballast_lay(Ballast *b);

#endif
