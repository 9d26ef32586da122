/* Identities of staff: public keys, and the private ones wrapped by a passphrase that never comes here. */
#include <jansson.h>

#include "http/handlers.h"
#include "http/note.h"
#include "http/show.h"

void api_identity_show(Call *c)
{
    User user;
    Err err = people_by_id(c->site->people, c->who.user, c->arena, &user);
    if (err != OK) {
        call_fail(c, err);
        return;
    }
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_binary(&b, "box_public", user.box_public);
    body_binary(&b, "sign_public", user.sign_public);
    body_binary(&b, "wrapped_private", user.wrapped_private);
    body_shut(&b, '}');
    call_answer(c, &b);
}

/* Another key pair in place of one that is in use makes every session key that was wrapped to it
 * unreadable: only when the person says so. A new passphrase keeps the pair. */
static bool may_replace(const User *user, Span box_public, const json_t *in)
{
    return !user->box_public.len || span_equal(user->box_public, box_public) ||
           json_is_true(json_object_get(in, "replace"));
}

void api_identity_set(Call *c)
{
    Span box, sign, wrapped;
    User user;
    json_t *in = call_json(c);
    if (!in || !input_binary(c, in, "box_public", IDENTITY_BYTES_MAX, &box)) return;
    if (!input_binary(c, in, "sign_public", IDENTITY_BYTES_MAX, &sign)) return;
    if (!input_binary(c, in, "wrapped_private", IDENTITY_BYTES_MAX, &wrapped)) return;
    if (box.len != SEAL_BOX_KEY_BYTES || sign.len != SEAL_SIGN_PUBLIC_BYTES || !wrapped.len) {
        call_refuse_field(c, R_BAD_VALUE,
                          box.len != SEAL_BOX_KEY_BYTES ? "box_public"
                          : wrapped.len                 ? "sign_public"
                                                        : "wrapped_private");
        return;
    }
    Err err = people_by_id(c->site->people, c->who.user, c->arena, &user);
    if (err == OK && !may_replace(&user, box, in)) {
        call_refuse(c, R_CONFLICT);
        return;
    }
    if (err == OK) err = people_set_identity(c->site->people, user.id, box, sign, wrapped);
    if (err != OK) {
        call_fail(c, err);
        return;
    }
    note(NOTE_INFO, "identity_set", "user=%llu", (unsigned long long)c->who.user);
    call_answer_nothing(c);
}

void api_staff_list(Call *c)
{
    User *users;
    u32 count;
    Err err = people_list(c->site->people, BY_STAFF, c->arena, &users, &count);
    if (err != OK) {
        call_fail(c, err);
        return;
    }
    Body b;
    body_init(&b);
    body_open(&b, NULL, '{');
    body_open(&b, "users", '[');
    for (u32 i = 0; i < count; i++) {
        if (users[i].suspended) continue;
        body_open(&b, NULL, '{');
        body_number(&b, "user", (i64)users[i].id);
        body_text(&b, "name", users[i].name);
        body_text(&b, "email", users[i].email);
        show_roles(&b, "roles", users[i].roles);
        body_binary(&b, "box_public", users[i].box_public);
        body_shut(&b, '}');
    }
    body_shut(&b, ']');
    body_shut(&b, '}');
    call_answer(c, &b);
}
