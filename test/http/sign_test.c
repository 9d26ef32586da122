#include "test/http/house.h"

static int sign_in(const char *email, const char *password)
{
    char body[256];
    snprintf(body, sizeof body, "{\"email\":\"%s\",\"password\":\"%s\"}", email, password);
    return house_post(NOBODY, "/api/signin", body);
}

TEST("Who is not signed in is told so, and nothing else.")
{
    CHECK_EQUAL(house_get(NOBODY, "/api/me"), 200);
    CHECK_EQUAL(json_object_size(house.json), 1);
    CHECK_EQUAL(house_number("signed_in"), 0);
    CHECK_REFUSAL(house_get(NOBODY, "/api/sessions"), 401, "NOT_SIGNED_IN");
}

TEST("A person signs in with address and password; the cookie is for this host alone.")
{
    CHECK_EQUAL(sign_in("planner@EXAMPLE.org", HOUSE_PASSWORD), 200);
    CHECK_TEXT(house_text("name"), "PLANNER");
    CHECK_TEXT(house_text("roles.0"), "planner");
    const char *head = house.http.head;
    CHECK(strstr(head, "Set-Cookie: __Host-invigil="));
    CHECK(strstr(head, "; Path=/;") && strstr(head, "Secure") && strstr(head, "HttpOnly"));
    CHECK(strstr(head, "SameSite=Lax") && !strstr(head, "Domain"));
}

TEST("A wrong password and an unknown address get the same answer.")
{
    CHECK_REFUSAL(sign_in("planner@example.org", "wrong"), 401, "WRONG_PASSWORD");
    CHECK_REFUSAL(sign_in("stranger@example.org", "wrong"), 401, "WRONG_PASSWORD");
    CHECK(!strstr(house.http.head, "Set-Cookie"));
}

TEST("A suspended person and a sign-in that is over are nobody.")
{
    CHECK_REFUSAL(house_get(SUSPENDED, "/api/sessions"), 401, "NOT_SIGNED_IN");
    CHECK_REFUSAL(house_get(EXPIRED, "/api/sessions"), 401, "NOT_SIGNED_IN");
    CHECK_REFUSAL(sign_in("suspended@example.org", HOUSE_PASSWORD), 403, "NOT_ALLOWED");
}

TEST("A cookie that nobody gave out is refused, whatever its form.")
{
    static const char *const cookies[] = {
        "__Host-invigil=",
        "__Host-invigil=AAAA",
        "__Host-invigil=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "__Host-invigil=!!!!AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "invigil=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    };
    for (size_t i = 0; i < COUNT_OF(cookies); i++) {
        Ask a = {.method = "GET", .path = "/api/sessions", .cookie = cookies[i]};
        CHECK_REFUSAL(house_ask_as(&house, NOBODY, &a), 401, "NOT_SIGNED_IN");
    }
}

TEST("After signing out the cookie is worth nothing, and its live socket is closed.")
{
    Line l;
    CHECK_EQUAL(sign_in("grader@example.org", HOUSE_PASSWORD), 200);
    Span cookie = client_header(&house.http, "Set-Cookie");
    snprintf(house.cookie[GRADER], sizeof house.cookie[GRADER], "%.*s",
             (int)strcspn((const char *)cookie.ptr, ";"), (const char *)cookie.ptr);
    line_open(&l, GRADER);
    CHECK_EQUAL(house_post(GRADER, "/api/signout", "{}"), 200);
    CHECK(strstr(house.http.head, "Max-Age=0"));
    CHECK(!line_wait(&l, MSG_pong));
    CHECK_EQUAL(l.closed, LIVE_SIGNED_OUT);
    CHECK_REFUSAL(house_get(GRADER, "/api/identity"), 401, "NOT_SIGNED_IN");
    line_close(&l);
}

TEST("What changes anything must come from a page of this server.")
{
    char other_port[64];
    snprintf(other_port, sizeof other_port, "http://127.0.0.1:%u", house.port ^ 1);
    char https[64];
    snprintf(https, sizeof https, "https://127.0.0.1:%u", house.port);
    const char *const origins[] = {"",         "null", "http://example.org",
                                   other_port, https,  "http://127.0.0.1"};
    for (size_t i = 0; i < COUNT_OF(origins); i++) {
        Ask a = {.method = "POST", .path = "/api/signout", .body = "{}", .origin = origins[i]};
        CHECK_REFUSAL(house_ask_as(&house, PROCTOR_A, &a), 403, "WRONG_ORIGIN");
    }
    CHECK_EQUAL(house_get(PROCTOR_A, "/api/identity"), 200);
}

TEST("Every answer carries the strict headers; answers of the interface are not stored.")
{
    static const char *const must[] = {
        "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';",
        "Cross-Origin-Opener-Policy: same-origin\r\n",
        "Cross-Origin-Embedder-Policy: require-corp\r\n",
        "Cross-Origin-Resource-Policy: same-origin\r\n",
        "X-Content-Type-Options: nosniff\r\n",
        "Referrer-Policy: no-referrer\r\n",
    };
    static const char *const paths[] = {"/api/me", "/api/nothing",  "/api/sessions", "/",
                                        "/exam/",  "/no/such.file", "/live"};
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        house_get(NOBODY, paths[i]);
        for (size_t n = 0; n < COUNT_OF(must); n++)
            CHECK(strstr(house.http.head, must[n]));
        bool api = strncmp(paths[i], "/api/", 5) == 0;
        CHECK(!api || strstr(house.http.head, "Cache-Control: no-store\r\n"));
        CHECK(!strstr(house.http.head, "Strict-Transport-Security"));
    }
}

TEST("Camera and screen are allowed on the exam's page and nowhere else.")
{
    house_get(NOBODY, "/exam/7");
    CHECK(strstr(house.http.head, "camera=(self)") &&
          strstr(house.http.head, "display-capture=(self)"));
    house_get(NOBODY, "/examine");
    CHECK(strstr(house.http.head, "camera=()"));
    house_get(NOBODY, "/live/");
    CHECK(strstr(house.http.head, "camera=()") && strstr(house.http.head, "display-capture=()"));
}

TEST("An unknown path is 404, a known one with another method 405.")
{
    CHECK_EQUAL(house_get(PLANNER, "/api/nothing"), 404);
    CHECK_EQUAL(house_get(PLANNER, "/api/sessions/x"), 404);
    CHECK_EQUAL(house_get(PLANNER, "/api/sessions/1/"), 404);
    CHECK_EQUAL(house_get(PLANNER, "/api/sessions/-1"), 404);
    CHECK_EQUAL(house_get(PLANNER, "/api/sessions/99999999999999999999"), 404);
    CHECK_EQUAL(house_get(PLANNER, "/api/signin"), 405);
    CHECK_EQUAL(house_post(PLANNER, "/api/me", "{}"), 405);
    CHECK_EQUAL(house_post(PLANNER, "/manage/", "{}"), 405);
}

TEST("JSON that is too deep, doubled, cut, too long or of another kind is refused and says why.")
{
    CHECK_REFUSAL(house_post(NOBODY, "/api/signin", "{\"email\":\"a\",\"email\":\"b\"}"), 400,
                  "MALFORMED");
    CHECK(house_text("detail.reason").len > 0);
    CHECK_REFUSAL(house_post(NOBODY, "/api/signin", "{\"email\":"), 400, "MALFORMED");
    CHECK_REFUSAL(house_post(NOBODY, "/api/signin", "[]"), 400, "MALFORMED");
    CHECK_REFUSAL(
        house_post(NOBODY, "/api/signin", "{\"email\":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}"), 400,
        "MALFORMED");
    CHECK_REFUSAL(house_post(NOBODY, "/api/signin", "{\"email\":7,\"password\":\"x\"}"), 400,
                  "BAD_VALUE");
    CHECK_TEXT(house_text("detail.field"), "email");
    Ask form = {.method = "POST", .path = "/api/signin", .body = "{}", .type = "text/plain"};
    CHECK_REFUSAL(house_ask_as(&house, NOBODY, &form), 400, "MALFORMED");
    char *large = malloc(JSON_BYTES_MAX + 64);
    CHECK(large);
    memset(large, ' ', JSON_BYTES_MAX + 32);
    memcpy(large, "{}", 2);
    large[JSON_BYTES_MAX + 32] = 0;
    CHECK_REFUSAL(house_post(NOBODY, "/api/signin", large), 413, "TOO_LARGE");
    free(large);
}

TEST("An identity is stored once; another key pair in its place must be asked for.")
{
    static const char key_a[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    static const char key_b[] = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    char body[512];
    const char *form =
        "{\"box_public\":\"%s\",\"sign_public\":\"%s\",\"wrapped_private\":\"AQID\"%s}";
    Ask a = {.method = "PUT", .path = "/api/identity", .body = body};
    CHECK_EQUAL(house_get(REVIEWER_A, "/api/identity"), 200);
    CHECK_TEXT(house_text("box_public"), "");
    snprintf(body, sizeof body, form, key_a, key_a, "");
    CHECK_EQUAL(house_ask_as(&house, REVIEWER_A, &a), 200);
    CHECK_EQUAL(house_ask_as(&house, REVIEWER_A, &a), 200);
    snprintf(body, sizeof body, form, key_b, key_b, "");
    CHECK_REFUSAL(house_ask_as(&house, REVIEWER_A, &a), 409, "CONFLICT");
    snprintf(body, sizeof body, form, key_b, key_b, ",\"replace\":true");
    CHECK_EQUAL(house_ask_as(&house, REVIEWER_A, &a), 200);
    snprintf(body, sizeof body, form, "AQID", key_b, "");
    CHECK_REFUSAL(house_ask_as(&house, REVIEWER_A, &a), 400, "BAD_VALUE");
    CHECK_TEXT(house_text("detail.field"), "box_public");
    CHECK_EQUAL(house_get(REVIEWER_A, "/api/identity"), 200);
    CHECK_TEXT(house_text("box_public"), key_b);
}

/* Last: after it this address may not try any more. */
TEST("Guessing passwords ends after a few tries, also for the right one.")
{
    int status = 0, tries = 0;
    while (status != 429 && tries++ < 3 * SIGNIN_TRIES_MAX)
        status = sign_in("proctor_a@example.org", "guess");
    CHECK_EQUAL(status, 429);
    CHECK_REFUSAL(sign_in("proctor_a@example.org", HOUSE_PASSWORD), 429, "TOO_MANY_TRIES");
    CHECK_REFUSAL(sign_in("proctor_b@example.org", HOUSE_PASSWORD), 429, "TOO_MANY_TRIES");
    CHECK_EQUAL(house_get(PROCTOR_A, "/api/identity"), 200); /* who is in stays in */
}

HOUSE_MAIN()
