/* phone.h - the phone that is the second camera of an attempt: its ticket, its sign-in, its socket.
 *
 * The candidate's page asks for a ticket, good once and for PHONE_TICKET_MS, and shows it; the phone's
 * page gives it back and gets a cookie of its own. Which phone is paired stands in the log: no other one
 * is let in, and pairing again puts out the one before. A phone is no candidate (BY_PHONE): it may add
 * the key of its recording and send its pictures, nothing else, and nothing PHONE_DRAIN_MS after the end. */
#ifndef INVIGIL_HTTP_PHONE_H
#define INVIGIL_HTTP_PHONE_H

#include "http/live.h"

#define PHONE_COOKIE "__Host-invigil-phone"
#define PHONE_TOKEN_FORM "%llu.%s" /* attempt, random bytes as base64url; of tickets and cookies */
enum { PHONE_TOKEN_TEXT_MAX = 96 };

typedef enum PhoneWanted { PHONE_PREVIEW, PHONE_RECORD, PHONE_OVER } PhoneWanted;

typedef struct PhoneSecret {
    u8 hash[SEAL_HASH_BYTES];
    u64 device; /* the number under which the log knows it */
    char text[PHONE_TOKEN_TEXT_MAX];
} PhoneSecret;

void phone_secret_make(u64 attempt, PhoneSecret *out);
/* False: it does not have the form. */
bool phone_secret_read(Span text, u64 *attempt, u8 hash[SEAL_HASH_BYTES]);

/* A new ticket in place of the attempt's old one. ERR_BUSY: there are too many. */
Err phone_ticket_make(Site *s, u64 attempt, i64 now_ms, PhoneSecret *out) MUST_CHECK;
/* The attempt that the ticket was for; from now on it is good no more. 0: it never was, or not any more. */
u64 phone_ticket_take(Site *s, Span text, i64 now_ms);

/* Who the phone's cookie says it is. False: none that is paired now. */
bool phone_read(const Site *s, const Request *r, i64 now_ms, Asker *who,
                u8 token_hash[SEAL_HASH_BYTES]);

/* ---- its socket ---- */
static inline bool live_is_phone(const Live *l)
{
    return l->who.roles == BY_PHONE;
}
bool phone_leads(const Live *l);
void phone_begin(Live *l); /* greeted */
void phone_gone(Live *l);  /* its socket has closed */
void phone_reports(Live *l, const Msg_phone_report *report);
/* Something happened to an attempt: its phone may have to begin, to end, or to go. */
void phone_hears(Site *s, u64 attempt);
/* Once a second, of a socket that leads an attempt: a phone that stays away is on record. */
void phone_missed(Live *leader, i64 now_ms);
/* Tells the socket that leads the attempt how its phone is. */
void phone_tell_leader(Live *leader);
bool phone_may_stay(const Live *l, i64 now_ms);
void phones_done(Site *s);

#endif
