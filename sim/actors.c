/* actors.c - the people: candidates whose devices keep what they type until it is acknowledged, and a
 * proctor who acts at random. The network between them and the server loses, doubles and reorders. */
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>

enum { CLIENT_CMD_BASE = 1000000, RESEND_MS = 2500, PROCTOR = 7, PLANNER = 8 };

/* A message on its way; one at a time in each slot. */
typedef struct Letter {
    bool used;
    u32 client, link;
    Asker who;
    u64 cmd, target;
    u8 bytes[256];
    u32 len;
    Refusal refusal; /* of a reply */
    u8 receipt[1024];
    u32 receipt_len;
} Letter;

enum { LETTERS_MAX = 4096, STAFF = CLIENTS_MAX };
static Letter letters[LETTERS_MAX];
static u32 letter_next; /* where to look for a free one */

static u64 letter_new(const Letter *l)
{
    for (u32 i = 0; i < LETTERS_MAX; i++) {
        u32 at = letter_next++ % LETTERS_MAX;
        if (letters[at].used) continue;
        letters[at] = *l;
        letters[at].used = true;
        return at;
    }
    ASSERT(!"more letters than the network holds");
    return 0;
}

/* ---- the network ---- */

static void reply_arrives(World *w, u32 who, u64 letter);

static bool link_holds(const World *w, const Letter *l)
{
    return l->client == STAFF ||
           (w->clients[l->client].online && w->clients[l->client].link == l->link);
}

static i64 delay_ms(World *w)
{
    return prng_between(&w->prng, 5, prng_once_in(&w->prng, 20) ? 3000 : 80);
}

static void on_reply(void *ctx, const Reply *r)
{
    static World *world; /* set through ctx: the low bits carry the client */
    struct ReplyTo {
        World *w;
        u32 client, link;
    } *to = ctx;
    world = to->w;
    Letter l = {.client = to->client,
                .link = to->link,
                .cmd = r->cmd,
                .target = r->target,
                .refusal = r->refusal};
    l.receipt_len = (u32)MIN_OF(r->receipt.len, sizeof l.receipt);
    if (l.receipt_len) memcpy(l.receipt, r->receipt.ptr, l.receipt_len);
    if (prng_once_in(&world->prng, 30)) {
        world->counts.lost_messages++;
        return;
    }
    world_in(world, delay_ms(world), reply_arrives, 0, letter_new(&l));
}

/* One ReplyTo per client and connection is enough: they live as long as the world. */
typedef struct ReplyTo {
    World *w;
    u32 client, link;
} ReplyTo;
enum { REPLY_PLACES = 65536 };
static ReplyTo reply_places[REPLY_PLACES];
static u32 reply_next;

static ReplyTo *reply_to(World *w, u32 client, u32 link)
{
    ReplyTo *to = &reply_places[reply_next++ % REPLY_PLACES];
    *to = (ReplyTo){w, client, link};
    return to;
}

static void command_arrives(World *w, u32 who, u64 letter)
{
    Letter l = letters[letter];
    (void)who;
    letters[letter].used = false;
    Command c;
    if (!link_holds(w, &l) || command_decode((Span){l.bytes, l.len}, &c)) return;
    if (l.client != STAFF) w->clients[l.client].heard_ms = w->now_ms;
    server_ask(w, &l.who, l.cmd, l.target, &c, on_reply, reply_to(w, l.client, l.link));
}

static void send_letter(World *w, const Letter *l)
{
    if (prng_once_in(&w->prng, 30)) {
        w->counts.lost_messages++;
        return;
    }
    world_in(w, delay_ms(w), command_arrives, 0, letter_new(l));
    if (!prng_once_in(&w->prng, 25)) return;
    w->counts.doubled_messages++;
    world_in(w, delay_ms(w), command_arrives, 0, letter_new(l));
}

static void letter_write(Letter *l, const Command *c)
{
    Buf b;
    buf_init(&b, sizeof l->bytes);
    command_encode(&b, c);
    ASSERT(!b.failed && b.len <= sizeof l->bytes);
    memcpy(l->bytes, b.ptr, b.len);
    l->len = (u32)b.len;
    buf_done(&b);
}

static void client_send(World *w, Client *c, u64 cmd, const Command *command)
{
    if (!c->online) return;
    Letter l = {.client = c->index, .link = c->link, .cmd = cmd, .target = c->attempt};
    l.who = (Asker){.attempt = c->attempt, .roles = BY_CANDIDATE};
    letter_write(&l, command);
    send_letter(w, &l);
}

static void staff_send(World *w, u64 cmd, u64 user, u32 roles, u64 target, const Command *command)
{
    Letter l = {
        .client = STAFF, .cmd = cmd, .target = target, .who = {.user = user, .roles = roles}};
    letter_write(&l, command);
    send_letter(w, &l);
}

/* ---- what a device keeps ---- */

static void entry_send(World *w, Client *c, const Entry *e)
{
    Command command = {.kind = CMD_answer,
                       .answer = {e->item, e->rev, w->now_ms, span_of(e->text), 0}};
    client_send(w, c, e->cmd, &command);
}

static void word_send(World *w, Client *c, u32 nth)
{
    char text[32];
    snprintf(text, sizeof text, "word %u of %u", nth, c->index);
    Command command = {.kind = CMD_say, .say = {span_of(text), 0}};
    client_send(w, c, c->words[nth], &command);
}

static void client_resend(World *w, u32 who, u64 arg)
{
    Client *c = &w->clients[who];
    (void)arg;
    u32 window = 12; /* what waits longest goes first */
    for (u32 i = 0; c->online && window && i < c->entries; i++) {
        if (c->journal[i].state != ENTRY_WAITS) continue;
        window--;
        if (prng_once_in(&w->prng, 2)) entry_send(w, c, &c->journal[i]);
    }
    for (u32 i = 0; c->online && i < c->word_count; i++)
        if (c->words[i] && prng_once_in(&w->prng, 2)) word_send(w, c, i);
    world_in(w, prng_wait(&w->prng, RESEND_MS), client_resend, who, 0);
}

static void answer_some(World *w, Client *c)
{
    if (c->entries == JOURNAL_MAX) return;
    Entry *e = &c->journal[c->entries++];
    *e = (Entry){.cmd = c->next_cmd++, .item = (u32)prng_between(&w->prng, 1, SIM_ITEMS)};
    e->rev = ++c->rev[e->item];
    if (!prng_once_in(&w->prng, 12))
        snprintf(e->text, sizeof e->text, "%llx", (unsigned long long)prng_next(&w->prng));
    entry_send(w, c, e);
}

static void say_something(World *w, Client *c)
{
    if (c->word_count == WORDS_MAX) return;
    c->words[c->word_count++] = c->next_cmd++;
    word_send(w, c, c->word_count - 1);
}

static void client_does(World *w, Client *c)
{
    Command command = {.kind = 0};
    switch (prng_below(&w->prng, 24)) {
    case 0: say_something(w, c); return;
    case 1: command.kind = CMD_raise_hand; break;
    case 2: command.kind = CMD_request_pause; break;
    case 3: command.kind = CMD_withdraw_pause; break;
    case 4:
        command = (Command){.kind = CMD_lose_track, .lose_track = {(u8)prng_below(&w->prng, 2), 0}};
        break;
    case 5:
    case 6:
        command =
            (Command){.kind = CMD_restore_track, .restore_track = {(u8)prng_below(&w->prng, 2), 0}};
        break;
    case 7:
        command = (Command){
            .kind = CMD_mark,
            .mark = {(u32)prng_between(&w->prng, 1, SIM_ITEMS), (u8)prng_below(&w->prng, 2), 0}};
        break;
    case 8:
        command = (Command){.kind = CMD_observe,
                            .observe = {FLAG_page_hidden, w->now_ms - 5, w->now_ms, SPAN_NONE, 0}};
        break;
    default: answer_some(w, c); return;
    }
    client_send(w, c, c->next_cmd++, &command);
}

static void client_step(World *w, u32 who, u64 arg)
{
    Client *c = &w->clients[who];
    (void)arg;
    client_does(w, c);
    bool submits = prng_once_in(&w->prng, 400);
    Command submit = {.kind = CMD_submit, .submit = {w->now_ms, 0}};
    if (submits) client_send(w, c, c->next_cmd++, &submit);
    world_in(w, prng_wait(&w->prng, 12000), client_step, who, 0);
}

/* ---- replies ---- */

static Entry *entry_of(Client *c, u64 cmd)
{
    for (u32 i = 0; i < c->entries; i++)
        if (c->journal[i].cmd == cmd) return &c->journal[i];
    return NULL;
}

static void check_receipt(World *w, Client *c, const Entry *e, const Letter *l)
{
    ReceiptBody body;
    u8 hash[SEAL_HASH_BYTES];
    if (!prng_once_in(&w->prng, 8))
        return; /* verifying is slow; one in eight of all seeds is plenty */
    if (receipt_check((Span){l->receipt, l->receipt_len}, w->sign_public, &body)) {
        violation(w, &w->found.other, "the receipt of item %u rev %u is not genuine", e->item,
                  e->rev);
        return;
    }
    seal_sha256(span_of(e->text), hash);
    bool same = body.attempt == c->attempt && body.item == e->item && body.rev == e->rev &&
                !memcmp(hash, body.answer_hash, sizeof hash);
    if (!same)
        violation(w, &w->found.other, "the receipt of item %u rev %u says something else", e->item,
                  e->rev);
}

static void entry_replied(World *w, Client *c, Entry *e, const Letter *l)
{
    switch ((u32)l->refusal) {
    case ACCEPTED:
        w->counts.acknowledged += e->state != ENTRY_STORED;
        e->state = ENTRY_STORED;
        check_receipt(w, c, e, l);
        return;
    case R_CONFLICT: /* fine only when a newer revision of ours is there */
        if (e->rev == c->rev[e->item])
            violation(w, &w->found.other, "the newest revision %u of item %u conflicts", e->rev,
                      e->item);
        if (e->state == ENTRY_WAITS) e->state = ENTRY_REFUSED;
        return;
    case R_IS_PAUSED:
    case R_IS_LOCKED:
    case R_IS_SYSTEM_PAUSED:
    case R_TOO_EARLY:
    case R_BUSY:
    case R_NOT_STORED: return; /* kept, sent again */
    case R_TOO_LATE:
    case R_IS_OVER:
        if (e->state == ENTRY_WAITS) e->state = ENTRY_REFUSED;
        return;
    }
    violation(w, &w->found.other, "an answer is refused: %s", refusal_name(l->refusal));
}

static void reply_arrives(World *w, u32 who, u64 letter)
{
    Letter l = letters[letter];
    (void)who;
    letters[letter].used = false;
    if (l.client == STAFF || !link_holds(w, &l)) return;
    Client *c = &w->clients[l.client];
    Entry *e = entry_of(c, l.cmd);
    if (e) entry_replied(w, c, e, &l);
    for (u32 i = 0; i < c->word_count; i++)
        if (c->words[i] == l.cmd) c->words[i] = 0;
}

void client_check_stored(World *w, Client *c)
{
    for (u32 i = 0; i < c->entries; i++) {
        const Entry *e = &c->journal[i];
        const Attempt *a = engine_attempt(w->engine, c->attempt);
        if (e->state != ENTRY_STORED) continue;
        if (!a || a->item[e->item].rev < e->rev)
            violation(w, &w->found.lost, "acknowledged item %u rev %u is gone", e->item, e->rev);
        else if (a->item[e->item].rev == e->rev &&
                 !span_equal(engine_answer(w->engine, c->attempt, e->item), span_of(e->text)))
            violation(w, &w->found.lost, "acknowledged item %u rev %u has another text", e->item,
                      e->rev);
    }
}

/* ---- connections, as the live socket would see them ---- */

static void client_online(World *w, u32 who, u64 arg);

static void server_notices(World *w, u32 who, u64 link)
{
    Client *c = &w->clients[who];
    if (c->online && c->link != link) return; /* it is back already on a new connection */
    Command command = {.kind = CMD_disconnect, .disconnect = {DISCONNECTED_SILENT, c->heard_ms, 0}};
    Asker server = {.roles = BY_SERVER};
    server_ask(w, &server, 0, c->attempt, &command, NULL, NULL);
}

static void client_offline(World *w, u32 who, u64 arg)
{
    Client *c = &w->clients[who];
    (void)arg;
    c->online = false;
    w->counts.disconnects++;
    world_in(w, prng_between(&w->prng, 0, 15000), server_notices, who, c->link);
    world_in(w, prng_wait(&w->prng, prng_once_in(&w->prng, 6) ? 900000 : 15000), client_online, who,
             0);
}

static void say_hello(World *w, u32 who, u64 link)
{
    Client *c = &w->clients[who];
    if (!c->online || c->link != link) return;
    const Attempt *a = w->up ? engine_attempt(w->engine, c->attempt) : NULL;
    Command command = {.kind = CMD_connect, .connect = {c->device, 0}};
    Asker server = {.roles = BY_SERVER};
    c->heard_ms = w->now_ms;
    /* The socket of a server that stopped breaks: the device comes back until it is known. */
    if (a && !a->connected) server_ask(w, &server, 0, c->attempt, &command, NULL, NULL);
    world_in(w, prng_between(&w->prng, 2000, 5000), say_hello, who, link);
}

static void client_online(World *w, u32 who, u64 arg)
{
    Client *c = &w->clients[who];
    (void)arg;
    c->online = true;
    c->link++;
    say_hello(w, who, c->link);
    world_in(w, prng_wait(&w->prng, w->weather), client_offline, who, 0);
}

/* ---- the proctor ---- */

static Command proctor_action(World *w)
{
    switch (prng_below(&w->prng, 10)) {
    case 0:
    case 1: return (Command){.kind = CMD_admit};
    case 2: return (Command){.kind = CMD_pause, .pause = {SPAN("break"), 0}};
    case 3:
    case 4: return (Command){.kind = CMD_resume};
    case 5: return (Command){.kind = CMD_lock, .lock = {SPAN("review"), 0}};
    case 6:
    case 7: return (Command){.kind = CMD_unlock};
    case 8:
        return (Command){.kind = CMD_decide_pause,
                         .decide_pause = {(u8)prng_below(&w->prng, 2), SPAN_NONE, 0}};
    }
    return (Command){.kind = CMD_message, .message = {0, SPAN("Ten minutes have passed."), 0}};
}

static void proctor_step(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    Command command = proctor_action(w);
    u64 cmd = w->staff_cmd++;
    bool everybody = prng_once_in(&w->prng, 10);
    u32 one = (u32)prng_below(&w->prng, w->client_count);
    for (u32 i = 0; i < w->client_count; i++)
        if (everybody || i == one)
            staff_send(w, cmd, PROCTOR, BY_PROCTOR, w->clients[i].attempt, &command);
    if (prng_once_in(&w->prng, 40)) {
        Command extend = {.kind = CMD_extend, .extend = {60000, SPAN("noise"), 0}};
        staff_send(w, w->staff_cmd++, PLANNER, BY_PLANNER, w->clients[one].attempt, &extend);
    }
    world_in(w, prng_wait(&w->prng, 25000), proctor_step, 0, 0);
}

static void session_starts(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    const Session *s = w->up ? engine_session(w->engine, w->session) : NULL;
    if (s && s->state != SESSION_planned) return;
    Command start = {.kind = CMD_start_session};
    staff_send(w, w->staff_cmd++, PROCTOR, BY_PROCTOR, w->session, &start);
    world_in(w, 4000, session_starts, 0, 0);
}

static void session_ends(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    const Session *s = w->up ? engine_session(w->engine, w->session) : NULL;
    if (s && s->state == SESSION_ended) return;
    Command end = {.kind = CMD_end_session, .end_session = {SPAN("over"), 0}};
    staff_send(w, w->staff_cmd++, PROCTOR, BY_PROCTOR, w->session, &end);
    world_in(w, 4000, session_ends, 0, 0);
}

/* When all is said and done the world ends. */
static void look_for_end(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    bool all = w->up && engine_session(w->engine, w->session)->state == SESSION_ended;
    for (u32 i = 0; all && i < w->client_count; i++)
        all = engine_attempt(w->engine, w->clients[i].attempt)->over_ms != 0;
    if (all) w->over = true;
    else world_in(w, 5000, look_for_end, 0, 0);
}

static void crash_some_time(World *w, u32 who, u64 arg)
{
    (void)who, (void)arg;
    if (prng_once_in(&w->prng, 3))
        disk_faults()->fail_in = (i64)prng_below(&w->prng, 12); /* in mid-commit */
    else if (prng_once_in(&w->prng, 4)) disk_faults()->full = true;
    else server_crash(w, prng_once_in(&w->prng, 2));
    world_in(w, prng_wait(&w->prng, 400000), crash_some_time, 0, 0);
}

/* ---- setting up, in fair weather ---- */

static u64 last_target;

static void note_target(void *ctx, const Reply *r)
{
    (void)ctx;
    if (r->refusal) fprintf(stderr, "set-up refused: %s\n", refusal_name(r->refusal));
    ASSERT(!r->refusal);
    last_target = r->target;
}

/* Asks and waits until it is durable, with the disk answering at once. */
static u64 ask_now(World *w, const Asker *who, u64 target, const Command *c)
{
    Err err = engine_ask(w->engine, who, 0, target, w->session, c, note_target, NULL);
    ASSERT(!err);
    engine_turn(w->engine, w->now_ms);
    for (u32 i = 0; i < w->waiting_count; i++) {
        err = log_append(w->log, w->waiting[i].records, w->waiting[i].count);
        ASSERT(!err);
        engine_durable(w->engine, w->waiting[i].batch, w->now_ms);
    }
    w->waiting_count = 0;
    return last_target;
}

static u64 publish_paper(World *w)
{
    static Item items[SIM_ITEMS];
    Paper p = {.name = SPAN("Simulated"), .items = items, .item_count = SIM_ITEMS};
    Asker planner = {.user = PLANNER, .roles = BY_PLANNER};
    for (u32 i = 0; i < SIM_ITEMS; i++)
        items[i] = (Item){
            .number = i + 1, .kind = ITEM_short_text, .points_milli = 1000, .text = SPAN("?")};
    Err err = engine_publish_paper(w->engine, &planner, 0, &p, SPAN("sim"), note_target, NULL);
    ASSERT(!err);
    engine_turn(w->engine, w->now_ms);
    for (u32 i = 0; i < w->waiting_count; i++) {
        err = log_append(w->log, w->waiting[i].records, w->waiting[i].count);
        ASSERT(!err);
        engine_durable(w->engine, w->waiting[i].batch, w->now_ms);
    }
    w->waiting_count = 0;
    return last_target;
}

static void configure(World *w, u16 setting, i64 value)
{
    Asker planner = {.user = PLANNER, .roles = BY_PLANNER};
    Command c = {.kind = CMD_configure, .configure = {setting, value, 0}};
    if (engine_session(w->engine, w->session)->setting[setting] != value)
        ask_now(w, &planner, w->session, &c);
}

static void make_session(World *w)
{
    Asker planner = {.user = PLANNER, .roles = BY_PLANNER};
    u64 paper = publish_paper(w);
    i64 minutes = prng_between(&w->prng, 10, 30);
    Command create = {.kind = CMD_create_session,
                      .create_session = {SPAN("Simulated"), paper, SIM_ITEMS, SPAN("SIMCODE1"),
                                         SIM_EPOCH_MS, SIM_EPOCH_MS, minutes * 60000, SPAN_NONE,
                                         0}};
    w->session = ask_now(w, &planner, 0, &create);
    Command assign = {.kind = CMD_assign, .assign = {PROCTOR, BY_PROCTOR, 0}};
    ask_now(w, &planner, w->session, &assign);
    static const u16 switches[] = {SETTING_waiting_room, SETTING_credit_pause, SETTING_credit_lock,
                                   SETTING_credit_system_pause, SETTING_credit_outage};
    for (size_t i = 0; i < COUNT_OF(switches); i++)
        configure(w, switches[i], !prng_once_in(&w->prng, 4));
    configure(w, SETTING_limit_for_session, prng_once_in(&w->prng, 5));
    configure(w, SETTING_grace_ms,
              prng_once_in(&w->prng, 3) ? 0 : prng_between(&w->prng, 1000, 90000));
    configure(w, SETTING_outage_credit_max_ms, prng_between(&w->prng, 0, 900000));
}

static void make_client(World *w, u32 i)
{
    Client *c = &w->clients[i];
    char name[16];
    Asker candidate = {.roles = BY_CANDIDATE}, server = {.roles = BY_SERVER};
    *c = (Client){.index = i,
                  .device = i + 1,
                  .next_cmd = (u64)(i + 1) * CLIENT_CMD_BASE,
                  .link = 1,
                  .online = true,
                  .heard_ms = w->now_ms};
    snprintf(name, sizeof name, "c%u", i);
    Command join = {.kind = CMD_join, .join = {span_of(name), SPAN_NONE, 1000, 0}};
    c->attempt = ask_now(w, &candidate, 0, &join);
    candidate.attempt = c->attempt;
    Command connect = {.kind = CMD_connect, .connect = {c->device, 0}};
    ask_now(w, &server, c->attempt, &connect);
    u32 disclosure = session_disclosure(engine_session(w->engine, w->session));
    ask_now(w, &candidate, c->attempt, &(Command){.kind = CMD_consent, .consent = {disclosure, 0}});
    for (u8 k = 1; k <= 7; k++)
        ask_now(
            w, &candidate, c->attempt,
            &(Command){.kind = CMD_report_check, .report_check = {k, CHECK_PASSED, SPAN_NONE, 0}});
    ask_now(w, &candidate, c->attempt, &(Command){.kind = CMD_ready});
}

void actors_begin(World *w)
{
    for (u32 i = 0; i < LETTERS_MAX; i++)
        letters[i].used = false;
    letter_next = reply_next = 0;
    w->staff_cmd = 1;
    w->disk_planned = true; /* the set-up writes by itself */
    make_session(w);
    w->client_count = (u32)prng_between(&w->prng, 2, CLIENTS_MAX);
    w->weather =
        prng_once_in(&w->prng, 2) ? 3600000 * 9 : (u32)prng_between(&w->prng, 60000, 600000);
    for (u32 i = 0; i < w->client_count; i++)
        make_client(w, i);
    w->disk_planned = false;
    for (u32 i = 0; i < w->client_count; i++) {
        world_in(w, prng_wait(&w->prng, 5000), client_step, i, 0);
        world_in(w, RESEND_MS, client_resend, i, 0);
        world_in(w, 1000, say_hello, i, 1);
        world_in(w, prng_wait(&w->prng, w->weather), client_offline, i, 0);
    }
    world_in(w, prng_wait(&w->prng, 30000), session_starts, 0, 0);
    world_in(w, prng_wait(&w->prng, 10000), proctor_step, 0, 0);
    world_in(w, prng_between(&w->prng, 20 * 60000, 150 * 60000), session_ends, 0, 0);
    if (!prng_once_in(&w->prng, 3)) world_in(w, prng_wait(&w->prng, 300000), crash_some_time, 0, 0);
    look_for_end(w, 0, 0);
}
