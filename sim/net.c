#include "sim/net.h"

enum { LETTERS_MAX = 4096, RECEIPT_ROOM = 512, LOST_ONE_IN = 30, DOUBLED_ONE_IN = 25 };

/* A message on its way. */
typedef struct Letter {
    u32 page, nth, next_free;
    Pending asked;
    Reply reply;
    u8 receipt[RECEIPT_ROOM];
} Letter;

static Letter letters[LETTERS_MAX];
static u32 free_first, used_count; /* those behind used_count were never used in this world */

void net_reset(World *w)
{
    (void)w;
    free_first = UINT32_MAX;
    used_count = 0;
}

static Letter *letter_new(u32 page, u32 nth)
{
    u32 at = free_first;
    if (at == UINT32_MAX) at = used_count++;
    else free_first = letters[at].next_free;
    ASSERT(at < LETTERS_MAX); /* no more is under way than the pages can have asked */
    letters[at].page = page;
    letters[at].nth = nth;
    return &letters[at];
}

static void letter_free(Letter *l)
{
    l->next_free = free_first;
    free_first = (u32)(l - letters);
}

i64 net_delay_ms(World *w)
{
    return prng_between(&w->prng, 5, prng_once_in(&w->prng, 20) ? 3000 : 80);
}

static bool lost(World *w)
{
    if (!prng_once_in(&w->prng, LOST_ONE_IN)) return false;
    w->counts.lost_messages++;
    return true;
}

/* Up to two copies get under way. */
static u32 copies(World *w)
{
    if (lost(w)) return 0;
    if (!prng_once_in(&w->prng, DOUBLED_ONE_IN)) return 1;
    w->counts.doubled_messages++;
    return 2;
}

static void command_arrives(World *w, u32 who, u64 nth)
{
    Letter *l = &letters[who];
    Page *p = &w->pages[l->page];
    (void)nth;
    if (p->net_up) server_take(w, p, l->nth, &l->asked);
    letter_free(l);
}

void net_send_command(World *w, const Page *p, const Pending *asked)
{
    if (!p->net_up) return;
    for (u32 n = copies(w); n; n--) {
        Letter *l = letter_new(p->index, p->line.nth);
        l->asked = *asked;
        world_in(w, net_delay_ms(w), command_arrives, (u32)(l - letters), 0);
    }
}

static void reply_arrives(World *w, u32 who, u64 nth)
{
    Letter *l = &letters[who];
    Page *p = &w->pages[l->page];
    (void)nth;
    if (p->net_down) page_replied(w, p, l->nth, &l->reply);
    letter_free(l);
}

void net_send_reply(World *w, const Page *p, u32 nth, const Reply *r)
{
    ASSERT(r->receipt.len <= RECEIPT_ROOM);
    if (!p->net_down) return;
    for (u32 n = copies(w); n; n--) {
        Letter *l = letter_new(p->index, nth);
        l->reply = *r;
        l->reply.receipt = (Span){l->receipt, r->receipt.len};
        if (r->receipt.len) memcpy(l->receipt, r->receipt.ptr, r->receipt.len);
        world_in(w, net_delay_ms(w), reply_arrives, (u32)(l - letters), 0);
    }
}
