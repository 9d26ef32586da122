/* call.h - one HTTP request on its way: who asks, on what, and the ways to answer.
 *
 * A handler is `void api_NAME(Call *c)`; the router has checked origin, sign-in and permission. It
 * answers exactly once, now or later (from a ReplyFn or a worker's `done`), with one of the call_
 * functions below; after that the Call is gone. Functions that say so answer by themselves when they
 * return false: the handler just returns.
 *
 * Texts from input_ functions and everything in c->arena live until the answer. */
#ifndef INVIGIL_HTTP_CALL_H
#define INVIGIL_HTTP_CALL_H

#include "http/body.h"
#include "http/inside.h"

struct json_t; /* jansson's value */

typedef struct Call {
    Site *site;
    Request *request;
    Arena *arena;
    i64 now_ms;
    bool signed_in;
    Asker who;
    u8 token_hash[SEAL_HASH_BYTES]; /* of the sign-in, when signed_in */
    u8 role;                        /* in which role the route was allowed; 0: anyone */
    u64 object;                     /* ":id" of the path */
    struct json_t *in;
    const char *cookie; /* Set-Cookie to send along, in the arena */
    void *work;         /* the handler's own, in the arena */
} Call;

/* ---- answers ---- */
void call_answer(Call *c, Body *b);                            /* 200; frees the body */
void call_answer_nothing(Call *c);                             /* {} */
void call_answer_bytes(Call *c, const char *type, Buf *bytes); /* frees the buffer */
void call_refuse(Call *c, Refusal why);
/* With detail: {"field": "..."}. */
void call_refuse_field(Call *c, Refusal why, const char *field);
/* With this object as detail; frees the body. */
void call_refuse_detail(Call *c, Refusal why, Body *detail);
/* The world failed: noted in the text log, FAULT or BUSY to the person. */
void call_fail(Call *c, Err err);

/* ---- what came in ---- */
/* The JSON object of the body, or NULL after answering. */
struct json_t *call_json(Call *c);
/* The uploaded bytes; false after answering. */
bool call_upload(Call *c, Span *out);
/* Fields of an object. `field` missing: refused when needed, else empty or 0 or `otherwise`. False after
 * answering. Texts are trimmed UTF-8 of at most `most` bytes. */
bool input_text(Call *c, const struct json_t *o, const char *field, size_t most, bool needed,
                Span *out);
bool input_number(Call *c, const struct json_t *o, const char *field, i64 least, i64 most,
                  i64 *out);
bool input_binary(Call *c, const struct json_t *o, const char *field, size_t most, Span *out);
/* An array (or object); an empty one when the field is missing. */
bool input_array(Call *c, const struct json_t *o, const char *field, size_t most,
                 const struct json_t **out);
bool input_roles(Call *c, const struct json_t *o, const char *field, u32 *out);

/* ---- asking the engine ---- */
/* Queues the command as the asker. False after answering. reply gets the Call as ctx. */
bool call_ask(Call *c, u64 target, u64 session, const Command *command, ReplyFn *reply);
/* True: accepted. False: the refusal was answered. */
bool call_accepted(Call *c, const Reply *r);

/* ---- the router (route.c) ---- */
void route_request(void *site, Request *r);
/* Headers that every reply carries; returns how many were written. */
enum { HEADERS_STRICT_MAX = 12 };
size_t headers_strict(const Site *s, const Request *r, Header *out);
/* Whether the request comes from a page of this server. */
bool request_same_origin(const Site *s, const Request *r);
/* The address that asks: the peer, or behind a proxy what that says of it. For counting tries. */
Span request_client(const Site *s, const Request *r);
/* Fills c from request and cookie. */
void call_open(Call *c, Site *site, Request *r);
void call_close(Call *c);

#endif
