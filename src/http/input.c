/* Reads what requests bring: JSON by jansson, bounded in size and depth before it is parsed. */
#include <jansson.h>

#include "base/text.h"
#include "http/call.h"
#include "http/show.h"

static bool json_depth_fits(Span text)
{
    u32 depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < text.len; i++) {
        u8 c = text.ptr[i];
        if (in_string) {
            if (c == '\\') i++;
            else if (c == '"') in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX) return false;
        } else if ((c == '}' || c == ']') && depth) {
            depth--;
        }
    }
    return true;
}

static bool content_type_is(const Call *c, Span want)
{
    Span type = request_header(c->request, "content-type"), rest;
    if (!text_cut(type, ';', &type, &rest)) rest = SPAN_NONE;
    return text_equal_fold(text_trim(type), want);
}

static void refuse_json(Call *c, const json_error_t *error)
{
    Body detail;
    body_init(&detail);
    body_open(&detail, NULL, '{');
    if (error) {
        body_number(&detail, "line", error->line);
        body_number(&detail, "column", error->column);
        body_text(&detail, "reason", span_of(error->text));
    } else {
        body_text(&detail, "reason", SPAN("Send one JSON object, Content-Type: application/json."));
    }
    body_shut(&detail, '}');
    call_refuse_detail(c, R_MALFORMED, &detail);
}

json_t *call_json(Call *c)
{
    Span body = request_body(c->request);
    json_error_t error;
    if (body.len > JSON_BYTES_MAX) {
        call_refuse(c, R_TOO_LARGE);
        return NULL;
    }
    if (!content_type_is(c, SPAN("application/json")) || !json_depth_fits(body)) {
        refuse_json(c, NULL);
        return NULL;
    }
    c->in = json_loadb((const char *)body.ptr, body.len, JSON_REJECT_DUPLICATES, &error);
    if (!json_is_object(c->in)) {
        refuse_json(c, c->in ? NULL : &error);
        return NULL;
    }
    return c->in;
}

bool call_upload(Call *c, Span *out)
{
    Span body = request_body(c->request);
    if (!content_type_is(c, SPAN("application/octet-stream"))) {
        call_refuse_field(c, R_MALFORMED, "content-type");
        return false;
    }
    if (body.len > IMPORT_BYTES_MAX) {
        call_refuse(c, R_TOO_LARGE);
        return false;
    }
    *out = body;
    return true;
}

static bool refuse_value(Call *c, const char *field)
{
    call_refuse_field(c, R_BAD_VALUE, field);
    return false;
}

bool input_text(Call *c, const json_t *o, const char *field, size_t most, bool needed, Span *out)
{
    const json_t *v = json_object_get(o, field);
    if (v && !json_is_string(v)) return refuse_value(c, field);
    Span text = {(const u8 *)json_string_value(v), json_string_length(v)};
    text = text_trim(text);
    if (text.len > most || (needed && !text.len)) return refuse_value(c, field);
    *out = text;
    return true;
}

bool input_number(Call *c, const json_t *o, const char *field, i64 least, i64 most, i64 *out)
{
    const json_t *v = json_object_get(o, field);
    if (!json_is_integer(v)) return refuse_value(c, field);
    i64 n = json_integer_value(v);
    if (n < least || n > most) return refuse_value(c, field);
    *out = n;
    return true;
}

bool input_binary(Call *c, const json_t *o, const char *field, size_t most, Span *out)
{
    Span text;
    if (!input_text(c, o, field, most * 2, false, &text)) return false;
    u8 *bytes = arena_push(c->arena, most + 1);
    size_t len = 0;
    if (!bytes) {
        call_fail(c, ERR_MEMORY);
        return false;
    }
    if (text.len && !text_from_base64url(text, bytes, most, &len)) return refuse_value(c, field);
    *out = (Span){bytes, len};
    return true;
}

bool input_array(Call *c, const json_t *o, const char *field, size_t most, const json_t **out)
{
    const json_t *v = json_object_get(o, field);
    if (v && (!json_is_array(v) || json_array_size(v) > most)) return refuse_value(c, field);
    *out = v; /* the size of NULL is 0 */
    return true;
}

bool input_roles(Call *c, const json_t *o, const char *field, u32 *out)
{
    const json_t *list;
    if (!input_array(c, o, field, 8, &list)) return false;
    u32 roles = 0;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        u32 role = role_by_name(span_of(json_string_value(v)));
        if (!role) return refuse_value(c, field);
        roles |= role;
    }
    *out = roles;
    return true;
}
