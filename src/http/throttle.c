#include "http/throttle.h"

#include <stdlib.h>

#include "base/limits.h"
#include "seal/seal.h"

enum { WAYS = 8 };

typedef struct Slot {
    u64 key;
    u32 count; /* 0: free */
    i64 since_ms;
} Slot;

struct Throttle {
    i64 window_ms;
    u64 salt[2]; /* nobody can choose keys that share a slot with somebody else's */
    Slot slots[THROTTLE_SLOTS];
};

Throttle *throttle_open(i64 window_ms)
{
    Throttle *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    t->window_ms = window_ms;
    seal_random(t->salt, sizeof t->salt);
    return t;
}

void throttle_close(Throttle *t)
{
    free(t);
}

static u64 slot_key(const Throttle *t, char kind, Span key)
{
    u64 hash = t->salt[0] ^ (u8)kind;
    for (size_t i = 0; i < key.len; i++) {
        u8 c = key.ptr[i];
        if (c >= 'A' && c <= 'Z') c = (u8)(c | 0x20);
        hash = (hash ^ c) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 29;
    }
    return hash ^ t->salt[1];
}

static size_t slot_set(u64 key)
{
    return (size_t)((key >> 32) % (THROTTLE_SLOTS / WAYS)) * WAYS;
}

static Slot *slot_find(const Throttle *t, u64 key)
{
    const Slot *set = t->slots + slot_set(key);
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].count && set[i].key == key) return (Slot *)&set[i];
    return NULL;
}

bool throttle_allows(const Throttle *t, char kind, Span key, u32 most, i64 now_ms)
{
    const Slot *slot = slot_find(t, slot_key(t, kind, key));
    return !slot || slot->count < most || now_ms - slot->since_ms >= t->window_ms;
}

static Slot *slot_oldest(Slot *set)
{
    Slot *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (!set[i].count) return &set[i];
        if (set[i].since_ms < oldest->since_ms) oldest = &set[i];
    }
    return oldest;
}

void throttle_count(Throttle *t, char kind, Span key, i64 now_ms)
{
    u64 k = slot_key(t, kind, key);
    Slot *slot = slot_find(t, k);
    if (slot && now_ms - slot->since_ms < t->window_ms) {
        slot->count++;
        return;
    }
    if (!slot) slot = slot_oldest(t->slots + slot_set(k));
    *slot = (Slot){.key = k, .count = 1, .since_ms = now_ms};
}

void throttle_take_back(Throttle *t, char kind, Span key)
{
    Slot *slot = slot_find(t, slot_key(t, kind, key));
    if (slot) slot->count--;
}

void throttle_forget(Throttle *t, char kind, Span key)
{
    Slot *slot = slot_find(t, slot_key(t, kind, key));
    if (slot) slot->count = 0;
}
