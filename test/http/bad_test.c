/* Bodies that are nearly right: each field in turn missing or of another kind. Never a fault, never a
 * lost connection, never anything stored that was refused. */
#include "test/http/house.h"

typedef struct Sound {
    Who who;
    const char *method, *path, *body;
} Sound;

static const Sound sound[] = {
    {NOBODY, "POST", "/api/join/look", "{\"code\":\"BADBOD\"}"},
    {NOBODY, "POST", "/api/join",
     "{\"code\":\"BADBOD\",\"name\":\"N\",\"number\":\"1\",\"device\":\"d\"}"},
    {GRADER, "PUT", "/api/identity",
     "{\"box_public\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
     "\"sign_public\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
     "\"wrapped_private\":\"AAAA\",\"replace\":true}"},
    {PLANNER, "POST", "/api/assessments", "{\"import\":\"AAAAAAAAAAAAAAAAAAAAAA\",\"name\":\"x\"}"},
    {PLANNER, "POST", "/api/sessions",
     "{\"name\":\"n\",\"assessment\":1,\"code\":\"\",\"opens_ms\":1000,\"starts_ms\":2000,"
     "\"duration_ms\":60000,\"settings\":{\"webcam\":1},\"staff\":[{\"user\":3,\"roles\":["
     "\"proctor\"]}],"
     "\"public_key\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\","
     "\"keys\":[{\"user\":3,\"wrapped\":\"AAAA\"}]}"},
    {PLANNER, "POST", "/api/sessions/1/roster", "{\"import\":\"AAAAAAAAAAAAAAAAAAAAAA\"}"},
};

static const char *const wrong[] = {
    "null",
    "true",
    "false",
    "0",
    "-1",
    "1e308",
    "9007199254740993",
    "-9223372036854775808",
    "\"\"",
    "\" \"",
    "\"\\ud83d\\ude00\"",
    "\"<script>\"",
    "\"../../etc\"",
    "\"%s%n\"",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "[{}]",
    "[0]",
    "{\"user\":{}}",
    "[{\"user\":3}]",
    "[{\"user\":\"3\",\"roles\":0}]",
    "{\"webcam\":null}",
    "{\"webcam\":99}",
    "{\"\":1}",
};

static void try_body(const Sound *s, const json_t *body)
{
    char *text = json_dumps(body, 0);
    CHECK(text);
    int status =
        house_ask_as(&house, s->who, &(Ask){.method = s->method, .path = s->path, .body = text});
    if (status == 0 || status >= 500) printf("  %d for %s %s\n", status, s->path, text);
    CHECK(status == 200 || (status >= 400 && status < 500));
    CHECK(json_is_object(house.json));
    CHECK(status == 200 || house_text("text").len > 0);
    free(text);
}

static void try_field(const Sound *s, const char *field)
{
    for (size_t i = 0; i <= COUNT_OF(wrong); i++) {
        json_t *body = json_loads(s->body, 0, NULL);
        if (i == COUNT_OF(wrong)) json_object_del(body, field);
        else json_object_set_new(body, field, json_loads(wrong[i], JSON_DECODE_ANY, NULL));
        try_body(s, body);
        json_decref(body);
    }
}

TEST("A field of another kind is refused with words, never with a fault.")
{
    house.assessment = house_make_assessment();
    house_make_session("BADBOD", house_now_ms(), "", PROCTOR_A, REVIEWER_A);
    for (size_t i = 0; i < COUNT_OF(sound); i++) {
        json_t *fields = json_loads(sound[i].body, 0, NULL);
        CHECK(fields);
        for (void *at = json_object_iter(fields); at; at = json_object_iter_next(fields, at)) {
            char name[64];
            snprintf(name, sizeof name, "%s", json_object_iter_key(at));
            /* An address may guess only so many codes. */
            if (strcmp(name, "code") != 0) try_field(&sound[i], name);
        }
        json_decref(fields);
    }
    CHECK_EQUAL(house_get(PLANNER, "/api/sessions"), 200);
}

TEST("Uploads of any bytes are read or refused, and nothing else happens.")
{
    static const char *const paths[] = {"/api/imports?format=gift", "/api/imports?format=aiken",
                                        "/api/imports", "/api/sessions/1/roster/check"};
    char *bytes = malloc(70000);
    u32 seed = 12345;
    CHECK(bytes);
    for (int round = 0; round < 60; round++) {
        size_t len = round < 40 ? (size_t)round * 7 + 1 : 60000;
        static const char letters[] = "{}=~#%:\\[]<>\"',;\n\r\tABC.1 ANSWER: a\xc3\xa9\xff";
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1664525 + 1013904223;
            bytes[i] = letters[(seed >> 16) % (sizeof letters - 1 - (round % 3 ? 1 : 0))];
        }
        for (size_t p = 0; p < COUNT_OF(paths); p++) {
            int status = house_ask_as(&house, PLANNER,
                                      &(Ask){.method = "POST",
                                             .path = paths[p],
                                             .body = bytes,
                                             .body_len = len,
                                             .type = "application/octet-stream"});
            CHECK(status == 200 || (status >= 400 && status < 500));
            CHECK(json_is_object(house.json));
        }
    }
    free(bytes);
    CHECK_EQUAL(house_get(PLANNER, "/api/assessments"), 200);
    CHECK_EQUAL(json_array_size(house_at("assessments")), 1);
}

TEST("Queries that mean nothing are refused, whatever they hold.")
{
    static const char *const queries[] = {"",
                                          "?from=0",
                                          "?count=1",
                                          "?from=&count=",
                                          "?from=-1&count=1",
                                          "?from=1e3&count=1",
                                          "?from=99999999999999999999&count=1",
                                          "?from=0&count=0x10",
                                          "?from=%00&count=1"};
    char path[128];
    u64 attempt = house_join(CANDIDATE_A, "BADBOD", "Query");
    for (size_t i = 0; i < COUNT_OF(queries); i++) {
        snprintf(path, sizeof path, "/api/attempts/%llu/records%s", (unsigned long long)attempt,
                 queries[i]);
        CHECK(house_get(PROCTOR_A, path) == 400);
    }
    snprintf(path, sizeof path,
             "/api/attempts/%llu/records?from=18446744073709551615&count=18446744073709551615",
             (unsigned long long)attempt);
    CHECK_EQUAL(house_get(PROCTOR_A, path), 200);
    CHECK_EQUAL(house.http.body_len, 0);
}

HOUSE_MAIN()
