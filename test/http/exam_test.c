/* From a question file to a result: what planners, candidates and proctors do over HTTP and the live
 * socket, with the refusals on the way. */
#include "test/http/house.h"

static int look(const char *code)
{
    char body[128];
    snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    return house_post(NOBODY, "/api/join/look", body);
}

static int join(Who who, const char *code, const char *name, const char *number)
{
    char body[256];
    snprintf(body, sizeof body, "{\"code\":\"%s\",\"name\":\"%s\",\"number\":\"%s\"}", code, name,
             number);
    return house_post(who, "/api/join", body);
}

static Refusal ask(Line *l, u64 target, CommandKind kind)
{
    return line_ask(l, target, &(Command){.kind = kind});
}

#define NO_EVIDENCE "\"webcam\":0,\"screen\":0,\"fullscreen\":0"

TEST("A question file is checked before anything is stored, and its errors name the line.")
{
    CHECK_EQUAL(house_upload(PLANNER, "/api/imports?name=bad.gift&format=gift",
                             "::A:: 1 + 1 is {=2 ~3}\n\n::B:: {=a\n"),
                200);
    CHECK_TEXT(house_text("format"), "gift");
    CHECK_EQUAL(house_number("errors.0.line"), 3);
    CHECK(house_text("errors.0.reason").len > 10);
    char body[128];
    snprintf(body, sizeof body, "{\"import\":\"%.*s\",\"name\":\"X\"}",
             SPAN_ARG(house_text("import")));
    CHECK_REFUSAL(house_post(PLANNER, "/api/assessments", body), 422, "FILE_HAS_ERRORS");
    CHECK_EQUAL(house_get(PLANNER, "/api/assessments"), 200);
    CHECK_EQUAL(json_array_size(house_at("assessments")), 0);
}

TEST("A file that is empty, no text or too large is refused as a whole.")
{
    Ask binary = {.method = "POST",
                  .path = "/api/imports?format=gift",
                  .body = "\xff\xfe\x00x",
                  .body_len = 4,
                  .type = "application/octet-stream"};
    CHECK_REFUSAL(house_upload(PLANNER, "/api/imports?format=gift", " \n"), 400, "FILE_EMPTY");
    CHECK_REFUSAL(house_ask_as(&house, PLANNER, &binary), 400, "FILE_NOT_TEXT");
    CHECK_REFUSAL(house_upload(PLANNER, "/api/imports?format=docx", "x"), 400, "BAD_VALUE");
    CHECK_REFUSAL(house_post(PLANNER, "/api/imports", "{}"), 400, "MALFORMED");
    char *large = malloc(HTTP_BODY_BYTES_MAX + 2);
    CHECK(large);
    memset(large, 'x', HTTP_BODY_BYTES_MAX + 1);
    large[HTTP_BODY_BYTES_MAX + 1] = 0;
    CHECK_EQUAL(house_upload(PLANNER, "/api/imports?format=gift", large), 413);
    free(large);
    CHECK_EQUAL(house_get(PLANNER, "/api/assessments"), 200);
}

TEST("A checked file belongs to who uploaded it, and can be applied once.")
{
    char body[128];
    CHECK_EQUAL(house_upload(PLANNER, "/api/imports?name=t.gift", house_gift), 200);
    CHECK_EQUAL(json_array_size(house_at("items")), 4);
    CHECK_TEXT(house_text("items.0.kind"), "single_choice");
    snprintf(body, sizeof body, "{\"import\":\"%.*s\",\"name\":\"Once\"}",
             SPAN_ARG(house_text("import")));
    CHECK_REFUSAL(house_post(ADMINISTRATOR, "/api/assessments", body), 403, "NOT_ALLOWED");
    CHECK_EQUAL(house_post(PLANNER, "/api/assessments", body), 200);
    CHECK_REFUSAL(house_post(PLANNER, "/api/assessments", body), 410, "IMPORT_GONE");
    CHECK_REFUSAL(house_post(PLANNER, "/api/assessments", "{\"import\":\"AAAA\",\"name\":\"x\"}"),
                  410, "IMPORT_GONE");
    CHECK_EQUAL(house_get(PLANNER, "/api/assessments"), 200);
    CHECK_TEXT(house_text("assessments.0.name"), "Once");
    CHECK_EQUAL(house_number("assessments.0.items"), 4);
    house.assessment = (u64)house_number("assessments.0.assessment");
}

TEST("A session names what is wrong with it, and is not made then.")
{
    static const struct {
        const char *change, *field;
    } cases[] = {
        {"\"name\":\"\"", "name"},
        {"\"assessment\":999", "assessment"},
        {"\"code\":\"a b\"", "code"},
        {"\"code\":\"abc\"", "code"},
        {"\"duration_ms\":0", "duration_ms"},
        {"\"duration_ms\":\"60\"", "duration_ms"},
        {"\"starts_ms\":5", "starts_ms"},
        {"\"settings\":{\"nonsense\":1}", "nonsense"},
        {"\"settings\":{\"webcam\":7}", "webcam"},
        {"\"settings\":[]", "settings"},
        {"\"public_key\":\"AAAA\"", "public_key"},
        {"\"staff\":[{\"user\":4,\"roles\":[\"emperor\"]}]", "roles"},
        {"\"staff\":[{\"user\":4,\"roles\":[\"administrator\"]}]", "roles"},
        {"\"staff\":[{\"user\":999,\"roles\":[\"proctor\"]}]", "staff"},
        {"\"keys\":[{\"user\":4,\"wrapped\":\"\"}]", "wrapped"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        json_t *body =
            json_loads("{\"name\":\"N\",\"code\":\"\",\"opens_ms\":1000,\"starts_ms\":2000,"
                       "\"duration_ms\":60000}",
                       0, NULL);
        char change[128], *text;
        json_object_set_new(body, "assessment", json_integer((json_int_t)house.assessment));
        snprintf(change, sizeof change, "{%s}", cases[i].change);
        json_t *more = json_loads(change, 0, NULL);
        json_object_update(body, more);
        text = json_dumps(body, 0);
        json_decref(body);
        json_decref(more);
        int status = house_post(PLANNER, "/api/sessions", text);
        free(text);
        CHECK(status == 400 || status == 404);
        CHECK_TEXT(house_text("detail.field"), cases[i].field);
    }
    CHECK_EQUAL(house_get(PLANNER, "/api/sessions"), 200);
    CHECK_EQUAL(json_array_size(house_at("sessions")), 0);
}

TEST("A session comes back as it was made, to those who may see it.")
{
    char path[64];
    i64 now = house_now_ms();
    house.session_a = house_make_session("OPEN1", now - 1000, NO_EVIDENCE ",\"waiting_room\":1",
                                         PROCTOR_A, REVIEWER_A);
    CHECK_TEXT(house_text("code"), "OPEN1");
    snprintf(path, sizeof path, "/api/sessions/%llu", (unsigned long long)house.session_a);
    CHECK_EQUAL(house_get(PROCTOR_A, path), 200);
    CHECK_TEXT(house_text("name"), "Session OPEN1");
    CHECK_TEXT(house_text("my_roles.0"), "proctor");
    CHECK_EQUAL(house_number("settings.webcam"), 0);
    CHECK_EQUAL(house_number("settings.waiting_room"), 1);
    CHECK_EQUAL(json_array_size(house_at("staff")), 2);
    CHECK_REFUSAL(house_get(PROCTOR_B, path), 404, "NOT_FOUND");
    CHECK_EQUAL(house_get(PROCTOR_B, "/api/sessions"), 200);
    CHECK_EQUAL(json_array_size(house_at("sessions")), 0);
    snprintf(path, sizeof path, "/api/sessions/%llu/key", (unsigned long long)house.session_a);
    CHECK_EQUAL(house_get(PROCTOR_A, path), 200);
    CHECK_TEXT(house_text("wrapped"), "AAEC");
    CHECK_EQUAL(house_get(REVIEWER_A, path), 200);
    CHECK_TEXT(house_text("wrapped"), "");
}

TEST("A code that another session uses is taken; a made one is not.")
{
    char body[256];
    snprintf(
        body, sizeof body,
        "{\"name\":\"N\",\"assessment\":%llu,\"code\":\"OPEN1\",\"opens_ms\":1,\"starts_ms\":2,"
        "\"duration_ms\":60000}",
        (unsigned long long)house.assessment);
    CHECK_REFUSAL(house_post(PLANNER, "/api/sessions", body), 409, "CODE_TAKEN");
    snprintf(body, sizeof body,
             "{\"name\":\"N\",\"assessment\":%llu,\"code\":\"\",\"opens_ms\":1,\"starts_ms\":2,"
             "\"duration_ms\":60000}",
             (unsigned long long)house.assessment);
    CHECK_EQUAL(house_post(PLANNER, "/api/sessions", body), 200);
    CHECK_EQUAL(house_text("code").len, 8);
}

TEST("Each reason why a code does not work has its own words.")
{
    i64 now = house_now_ms();
    Line planner;
    line_open(&planner, PLANNER);
    house_make_session("LATER", now + 3600000, NO_EVIDENCE, PROCTOR_A, REVIEWER_A);
    u64 cancelled = house_make_session("CANCEL", now, NO_EVIDENCE, PROCTOR_A, REVIEWER_A);
    u64 closed =
        house_make_session("CLOSED", now, NO_EVIDENCE ",\"late_entry\":0", PROCTOR_A, REVIEWER_A);
    u64 over = house_make_session("OVER", now, NO_EVIDENCE, PROCTOR_A, REVIEWER_A);
    house_make_session("LISTED", now, NO_EVIDENCE ",\"open_to_code\":0", PROCTOR_A, REVIEWER_A);
    house_make_session("FULL", now, NO_EVIDENCE ",\"max_candidates\":1", PROCTOR_A, REVIEWER_A);
    Command why = {.kind = CMD_cancel_session};
    why.cancel_session.reason = SPAN("The room is closed.");
    CHECK_EQUAL(line_ask(&planner, cancelled, &why), ACCEPTED);
    CHECK_EQUAL(ask(&planner, closed, CMD_start_session), ACCEPTED);
    CHECK_EQUAL(ask(&planner, over, CMD_start_session), ACCEPTED);
    why = (Command){.kind = CMD_end_session};
    why.end_session.reason = SPAN("Everybody is done.");
    CHECK_EQUAL(line_ask(&planner, over, &why), ACCEPTED);
    line_close(&planner);

    CHECK_REFUSAL(look("NEVER1"), 404, "CODE_UNKNOWN");
    CHECK_REFUSAL(look("open1"), 404, "CODE_UNKNOWN");
    CHECK_REFUSAL(look("LATER"), 409, "CODE_NOT_OPEN");
    CHECK_EQUAL(house_number("detail.opens_ms"), now + 3600000);
    CHECK_REFUSAL(look("CANCEL"), 410, "CODE_CANCELLED");
    CHECK_REFUSAL(look("CLOSED"), 409, "CODE_CLOSED");
    CHECK_REFUSAL(look("OVER"), 410, "CODE_EXPIRED");
    CHECK_EQUAL(look("LISTED"), 200);
    CHECK_EQUAL(house_number("roster_only"), 1);
    CHECK_REFUSAL(join(NOBODY, "LISTED", "Stranger", ""), 403, "CODE_NOT_YOURS");
    CHECK_EQUAL(join(NOBODY, "FULL", "First", ""), 200);
    CHECK_REFUSAL(join(NOBODY, "FULL", "Second", ""), 409, "CODE_FULL");
}

TEST("What is shown before joining is what the session is set to.")
{
    CHECK_EQUAL(look("OPEN1"), 200);
    CHECK_TEXT(house_text("organization"), "Test College");
    CHECK_TEXT(house_text("assessment_name"), "Once");
    CHECK_EQUAL(house_number("settings.webcam"), 0);
    CHECK_EQUAL(house_number("settings.retention_days"), 30);
    CHECK(house_number("disclosure") > 0);
    i64 disclosure = house_number("disclosure");
    CHECK_EQUAL(json_array_size(house_at("staff")), 2);
    CHECK(!house_at("code"));
    CHECK_EQUAL(look("LISTED"), 200);
    CHECK(house_number("disclosure") != disclosure);
}

TEST("A roster is checked, applied, and applied again without doubling anybody.")
{
    static const char csv[] = "name,email,number,time_factor\nAda Example,ada@example.org,11,125\n"
                              "Ben Example,ben@example.org,12,\nBen Example,ben@example.org,12,\n"
                              ",,,\nCleo Example,cleo@example.org,13,abc\n";
    char path[64], body[128];
    snprintf(path, sizeof path, "/api/sessions/%llu/roster/check",
             (unsigned long long)house.session_a);
    CHECK_EQUAL(house_upload(PLANNER, path, csv), 200);
    CHECK_EQUAL(house_number("counts.new"), 2);
    CHECK_EQUAL(house_number("counts.duplicate"), 1);
    CHECK(house_number("counts.error") >= 1);
    CHECK_TEXT(house_text("rows.0.status"), "new");
    snprintf(body, sizeof body, "{\"import\":\"%.*s\"}", SPAN_ARG(house_text("import")));
    snprintf(path, sizeof path, "/api/sessions/%llu/roster", (unsigned long long)house.session_a);
    CHECK_REFUSAL(house_post(ADMINISTRATOR, path, body), 410, "IMPORT_GONE");
    CHECK_EQUAL(house_post(PLANNER, path, body), 200);
    CHECK_EQUAL(house_number("added"), 2);
    CHECK_REFUSAL(house_post(PLANNER, path, body), 410, "IMPORT_GONE");
    snprintf(path, sizeof path, "/api/sessions/%llu/roster/check",
             (unsigned long long)house.session_a);
    CHECK_EQUAL(house_upload(PLANNER, path, csv), 200);
    CHECK_EQUAL(house_number("counts.new"), 0);
    CHECK_EQUAL(house_number("counts.unchanged"), 2);
    CHECK_EQUAL(house_upload(PLANNER, path, "name,number\nAda Other,11\n"), 200);
    CHECK_TEXT(house_text("rows.0.status"), "duplicate");
    CHECK_REFUSAL(house_upload(PLANNER, path, ""), 400, "FILE_EMPTY");
}

TEST("A person on the list takes the own seat; nobody else gets it.")
{
    house_join(CANDIDATE_A, "OPEN1", "ada example");
    u64 seat = house.attempt[CANDIDATE_A];
    CHECK_EQUAL(join(CANDIDATE_A, "OPEN1", "ada example", ""), 200);
    CHECK_EQUAL(house_number("attempt"), (i64)seat);
    CHECK_REFUSAL(join(NOBODY, "OPEN1", "Ada Example", ""), 409, "SEAT_IN_USE");
    CHECK(json_is_true(house_at("detail.may_take_over")));
    CHECK_REFUSAL(join(NOBODY, "OPEN1", "Somebody", "11"), 409, "SEAT_IN_USE");
    CHECK_EQUAL(join(NOBODY, "OPEN1", "Ada Example", "99"), 200); /* another person of that name */
    CHECK(house_number("attempt") != (i64)seat);
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam"), 200);
    CHECK_TEXT(house_text("number"), "11");
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/me"), 200);
    CHECK_EQUAL(house_number("attempt"), (i64)seat);
    CHECK_TEXT(house_text("roles.0"), "candidate");
}

/* ---- the exam ---- */

static void pass_checks(Line *l, u64 attempt)
{
    Command c = {.kind = CMD_consent};
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam"), 200);
    c.consent.disclosure = (u32)house_number("disclosure") ^ 1; /* what was never shown */
    CHECK_EQUAL(line_ask(l, attempt, &c), R_CONFLICT);
    c.consent.disclosure ^= 1;
    CHECK_EQUAL(line_ask(l, attempt, &c), ACCEPTED);
    CHECK_EQUAL(ask(l, attempt, CMD_ready), ACCEPTED);
}

static void write_answer(Line *l, u64 attempt, u32 item, u32 rev, const char *value, Refusal want)
{
    Command c = {.kind = CMD_answer};
    c.answer.item = item;
    c.answer.rev = rev;
    c.answer.device_ms = house_now_ms();
    c.answer.value = span_of(value);
    CHECK_EQUAL(line_ask(l, attempt, &c), want);
}

/* Asks for the paper over the socket; json: what came. */
static Refusal read_paper(Line *l, Span *json)
{
    CHECK(line_send(l, &(Message){.kind = MSG_read_paper}));
    CHECK(line_wait(l, MSG_paper));
    *json = l->m.paper.paper;
    return (Refusal)l->m.paper.refusal;
}

static void check_no_paper(Line *l, Refusal why)
{
    Span json;
    CHECK_EQUAL(read_paper(l, &json), why);
    CHECK_EQUAL(json.len, 0);
}

TEST("The paper is hidden until the start; then it has no keys, and is the same over the socket.")
{
    Line candidate, proctor;
    u64 a = house.attempt[CANDIDATE_A];
    line_open(&candidate, CANDIDATE_A);
    line_open(&proctor, PROCTOR_A);
    CHECK_REFUSAL(house_get(CANDIDATE_A, "/api/exam/paper"), 409, "TOO_EARLY");
    check_no_paper(&candidate, R_TOO_EARLY);
    pass_checks(&candidate, a);
    CHECK_REFUSAL(house_get(CANDIDATE_A, "/api/exam/paper"), 409, "TOO_EARLY");
    check_no_paper(&candidate, R_TOO_EARLY);
    CHECK_EQUAL(ask(&proctor, house.session_a, CMD_start_session), ACCEPTED);
    CHECK_REFUSAL(house_get(CANDIDATE_A, "/api/exam/paper"), 409, "TOO_EARLY");
    check_no_paper(&candidate, R_TOO_EARLY);
    check_no_paper(&proctor, R_NOT_FOUND);
    CHECK_EQUAL(ask(&proctor, a, CMD_admit), ACCEPTED);
    Message f = {.kind = MSG_follow};
    f.follow.stream = stream_id(STREAM_ATTEMPT, a);
    CHECK(line_send(&candidate, &f));
    Event e = {0};
    while (e.kind != EVT_began) {
        CHECK(line_wait(&candidate, MSG_event));
        if (candidate.m.event.event.len) CHECK(event_decode(candidate.m.event.event, &e) == OK);
    }
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam/paper"), 200);
    Span told;
    CHECK_EQUAL(read_paper(&candidate, &told), ACCEPTED);
    json_t *same = json_loadb((const char *)told.ptr, told.len, 0, NULL);
    CHECK(same && json_equal(same, house_at("")));
    json_decref(same);
    CHECK_EQUAL(json_array_size(house_at("items")), 4);
    CHECK_EQUAL(json_array_size(house_at("items.0.options")), 3);
    CHECK(!house_at("items.0.name") && !house_at("items.0.feedback"));
    CHECK(!house_at("items.0.options.0.fraction") && !house_at("items.0.options.0.feedback"));
    CHECK_EQUAL(json_array_size(house_at("items.2.options")),
                0); /* the accepted numbers are keys */
    line_close(&candidate);
    line_close(&proctor);
}

TEST("An answer that was replied to is stored, with a receipt, also after a restart.")
{
    Line l;
    u64 a = house.attempt[CANDIDATE_A];
    line_open(&l, CANDIDATE_A);
    write_answer(&l, a, 1, 1, "1", ACCEPTED);
    CHECK(l.m.reply.receipt.len > 93);
    CHECK(l.m.reply.ver > 0);
    CHECK_EQUAL(house_get(NOBODY, "/api/server"), 200);
    u8 key[SEAL_SIGN_PUBLIC_BYTES];
    size_t len;
    ReceiptBody body;
    CHECK(text_from_base64url(house_text("sign_public"), key, sizeof key, &len) && len == 32);
    CHECK_EQUAL(receipt_check(l.m.reply.receipt, key, &body), OK);
    CHECK_EQUAL(body.attempt, a);
    CHECK_EQUAL(body.item, 1);
    write_answer(&l, a, 3, 1, "8", ACCEPTED);
    write_answer(&l, a, 4, 1, "Because \"x\" < y & z", ACCEPTED);
    write_answer(&l, a, 99, 1, "1", R_NO_SUCH_ITEM);
    line_close(&l);
    house_stop(&house);
    house_start(&house);
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam/answers"), 200);
    CHECK_EQUAL(json_array_size(house_at("answers")), 3);
    CHECK_EQUAL(house_number("answers.0.item"), 1);
    CHECK_TEXT(house_text("answers.2.value"), "Because \"x\" < y & z");
    CHECK(house_number("answers.0.stored_ms") > 0);
    CHECK_EQUAL(house_get(NOBODY, "/api/server"), 200);
    u8 again[SEAL_SIGN_PUBLIC_BYTES];
    CHECK(text_from_base64url(house_text("sign_public"), again, sizeof again, &len));
    CHECK(memcmp(key, again, sizeof key) == 0);
}

TEST("While locked the paper is closed and answers are refused; both come back.")
{
    Line candidate, proctor;
    u64 a = house.attempt[CANDIDATE_A];
    line_open(&candidate, CANDIDATE_A);
    line_open(&proctor, PROCTOR_A);
    Command lock = {.kind = CMD_lock};
    lock.lock.reason = SPAN("Please wait for me.");
    CHECK_EQUAL(line_ask(&proctor, a, &lock), ACCEPTED);
    CHECK_REFUSAL(house_get(CANDIDATE_A, "/api/exam/paper"), 409, "IS_LOCKED");
    check_no_paper(&candidate, R_IS_LOCKED);
    write_answer(&candidate, a, 2, 1, "true", R_IS_LOCKED);
    CHECK_EQUAL(ask(&proctor, a, CMD_unlock), ACCEPTED);
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam/paper"), 200);
    write_answer(&candidate, a, 2, 1, "true", ACCEPTED);
    line_close(&candidate);
    line_close(&proctor);
}

TEST("After submitting there is a result, and the paper is closed.")
{
    Line l;
    u64 a = house.attempt[CANDIDATE_A];
    char path[64];
    line_open(&l, CANDIDATE_A);
    CHECK_REFUSAL(house_get(CANDIDATE_A, "/api/exam/result"), 409, "TOO_EARLY");
    CHECK_EQUAL(ask(&l, a, CMD_submit), ACCEPTED);
    CHECK_EQUAL(house_get(CANDIDATE_A, "/api/exam/result"), 200);
    CHECK_TEXT(house_text("state"), "submitted");
    CHECK_EQUAL(house_number("points"), 3);
    CHECK_EQUAL(house_number("max"), 3);
    CHECK_EQUAL(house_number("unmarked"), 1);
    CHECK_TEXT(house_text("items.0.marked_by"), "machine");
    CHECK_TEXT(house_text("items.3.marked_by"), "waiting");
    CHECK_REFUSAL(house_get(CANDIDATE_A, "/api/exam/paper"), 409, "IS_OVER");
    check_no_paper(&l, R_IS_OVER);
    line_close(&l);
    snprintf(path, sizeof path, "/api/attempts/%llu/paper", (unsigned long long)a);
    CHECK_EQUAL(house_get(REVIEWER_A, path), 200);
    CHECK_EQUAL(house_number("answers.0.points"), 1);
    CHECK(json_is_null(house_at("answers.3.points")));
    CHECK_EQUAL(house_number("items.0.options.0.fraction"), 1);
}

TEST("Staff read what happened, with names, and looking at evidence is on record.")
{
    char path[64];
    u64 a = house.attempt[CANDIDATE_A];
    snprintf(path, sizeof path, "/api/attempts/%llu/media", (unsigned long long)a);
    CHECK_EQUAL(house_get(REVIEWER_A, path), 200);
    CHECK_EQUAL(house.http.body_len, 0);
    snprintf(path, sizeof path, "/api/attempts/%llu/events", (unsigned long long)a);
    CHECK_EQUAL(house_get(REVIEWER_A, path), 200);
    size_t n = json_array_size(house_at("events"));
    CHECK(n > 10);
    snprintf(path, sizeof path, "events.%zu.kind", n - 1);
    CHECK_TEXT(house_text(path), "evidence_viewed");
    snprintf(path, sizeof path, "events.%zu.actor_name", n - 1);
    CHECK_TEXT(house_text(path), "REVIEWER_A");
    CHECK_EQUAL(house_number("events.0.ver"), 1);
    snprintf(path, sizeof path, "/api/attempts/%llu", (unsigned long long)a);
    CHECK_EQUAL(house_get(PROCTOR_A, path), 200);
    CHECK_TEXT(house_text("row.name"), "Ada Example");
    CHECK_EQUAL(house_number("row.state"), ATTEMPT_submitted);
    CHECK_TEXT(house_text("session_name"), "Session OPEN1");
}

/* Last: after it this address may not try any more. */
TEST("Guessing codes ends after a few tries, also for the right one.")
{
    int status = 0, tries = 0;
    while (status != 429 && tries++ < 3 * CODE_TRIES_MAX)
        status = look("GUESS");
    CHECK_EQUAL(status, 429);
    CHECK_REFUSAL(look("OPEN1"), 429, "TOO_MANY_TRIES");
}

HOUSE_MAIN()
