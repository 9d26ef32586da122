/* room.h - how much room the disk has, as staff are told: over the live socket when it changes, and in
 * GET /api/me. Looked at once a second. Nothing of it is stored: a full disk could not. */
#ifndef INVIGIL_HTTP_ROOM_H
#define INVIGIL_HTTP_ROOM_H

#include "http/inside.h"

/* The numbers are on the wire. */
typedef enum RoomLevel {
    ROOM_FINE = 0,
    ROOM_NO_EVIDENCE = 1, /* devices keep their recordings; answers are stored */
    ROOM_RESERVE = 2,     /* answers go into what was kept for them */
    ROOM_NONE = 3,        /* nothing can be stored; devices keep everything */
} RoomLevel;

void room_look(Site *s);
void room_tell(Live *l); /* candidates are not told */

#endif
