#include "http/room.h"

#include "http/live.h"
#include "http/note.h"

static RoomLevel room_level(const Site *s)
{
    if (s->log_fault == ERR_FULL) return ROOM_NONE;
    if (!ballast_lies(s->ballast)) return ROOM_RESERVE;
    return disk_is_low(s->data) ? ROOM_NO_EVIDENCE : ROOM_FINE;
}

void room_tell(Live *l)
{
    const Site *s = l->site;
    Message m = {.kind = MSG_room, .room = {(u8)s->room_level, 0}};
    if (l->who.roles & BY_STAFF) live_send(l, &m);
}

void room_look(Site *s)
{
    static const char *const words[] = {"enough", "evidence_stopped", "answers_use_the_reserve",
                                        "nothing_can_be_stored"};
    RoomLevel now = room_level(s);
    if (now == s->room_level) return;
    note(now > s->room_level ? NOTE_ERROR : NOTE_INFO, "disk_room", "room=%s", words[now]);
    s->room_level = now;
    for (Live *l = s->lives, *next; l; l = next) {
        next = l->next;
        if (l->greeted) room_tell(l);
    }
}
