/* net.h - commands and replies on their way between pages and the server: late, lost, doubled, out of
 * order. What is told to followers goes another way, see page_queue: in order, until the line breaks. */
#ifndef INVIGIL_SIM_NET_H
#define INVIGIL_SIM_NET_H

#include "sim/world.h"

void net_reset(World *w);
i64 net_delay_ms(World *w);
void net_send_command(World *w, const Page *p, const Pending *asked);
/* The receipt is copied. */
void net_send_reply(World *w, const Page *p, u32 nth, const Reply *r);

#endif
