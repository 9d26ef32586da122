/* wire.h - commands, events, rows and live messages as C structs, and their one binary form.
 *
 * Everything here is drawn from schema/ *.def: a new row there is a new struct, codec and JSON form
 * here. Form: little endian; str and blob are a u32 length and the bytes; str must be UTF-8; a
 * message must be read to its last byte. Stored events have the same form as sent ones.
 *
 * Ownership: decoding copies nothing, Spans point into the input. Encoding appends to a Buf whose
 * limit bounds the size. */
#ifndef INVIGIL_WIRE_H
#define INVIGIL_WIRE_H

#include "base/base.h"
#include "base/buf.h"
#include "base/limits.h"

/* Field types of the schema, besides u8 ... i64. */
typedef Span str;  /* UTF-8 */
typedef Span blob; /* any bytes */
typedef double f64;

/* ---- words of the schema ---- */

typedef enum Refusal {
    ACCEPTED = 0,
#define R(id, name, http, text) R_##name = id,
#include "schema/errors.def"
#undef R
} Refusal;

/* Roles add up. One bit each, also in the log. */
typedef enum Role {
    BY_CANDIDATE = 1,
    BY_PROCTOR = 2,
    BY_REVIEWER = 4,
    BY_GRADER = 8,
    BY_PLANNER = 16,
    BY_ADMINISTRATOR = 32,
    BY_SERVER = 64,
    BY_PHONE = 128, /* the second camera of an attempt: sends its pictures, and nothing else */
} Role;
enum { BY_STAFF = BY_PROCTOR | BY_REVIEWER | BY_GRADER | BY_PLANNER | BY_ADMINISTRATOR };
/* In the roles of an assignment to a session alone: this proctor leads the others there. */
enum { ASSIGNED_LEAD = 128 };

typedef enum AttemptState {
#define A(id, name, word) ATTEMPT_##name = id,
#define Z(id, name, word)
#define H(bit, name, word)
#define Q(id, name, words)
#include "schema/states.def"
#undef A
    ATTEMPT_STATES
} AttemptState;

typedef enum SessionState {
#define A(id, name, word)
#undef Z
#define Z(id, name, word) SESSION_##name = id,
#include "schema/states.def"
#undef Z
} SessionState;

typedef enum Hold {
#define Z(id, name, word)
#undef H
#define H(bit, name, word) HOLD_##name = bit,
#include "schema/states.def"
#undef H
} Hold;

typedef enum StopCause {
#define H(bit, name, word)
#undef Q
#define Q(id, name, words) STOP_##name = id,
#include "schema/states.def"
#undef A
#undef Z
#undef H
#undef Q
} StopCause;

typedef enum Setting {
#define T(id, name, unit, standard, least, most, words, help) SETTING_##name = id,
#include "schema/settings.def"
#undef T
    SETTINGS_END = 48 /* ids are below this; raise it together with a new row */
} Setting;

typedef enum FlagClass { FLAG_BEHAVIOUR, FLAG_IDENTITY, FLAG_TECHNICAL } FlagClass;
typedef enum FlagType {
#define G(id, name, class, severity, weight, debounce, words, help) FLAG_##name = id,
#include "schema/flags.def"
#undef G
} FlagType;

typedef enum Check {
#define K(id, name, setting, words) CHECK_##name = id,
#include "schema/checks.def"
#undef K
} Check;
enum { CHECK_PASSED = 1, CHECK_WARNED = 2, CHECK_FAILED = 3 };

typedef enum Track {
#define N(id, name, setting, words) TRACK_##name = id,
#include "schema/tracks.def"
#undef N
} Track;

/* What is shown at the door: numbers of tracks. */
typedef enum Proof {
#define P(track, name, setting, words) PROOF_##name = track,
#include "schema/proofs.def"
#undef P
} Proof;
typedef enum ProofOutcome { PROOF_IS_FINE = 1, PROOF_AGAIN = 2 } ProofOutcome;

typedef enum FlagDecision {
    FLAG_UNDECIDED = 0,
    FLAG_CONFIRMED = 1,
    FLAG_DISMISSED = 2
} FlagDecision;
typedef enum Outcome { OUTCOME_NONE = 0, OUTCOME_CLEAR = 1, OUTCOME_ESCALATE = 2 } Outcome;
typedef enum DisconnectCause {
    DISCONNECTED_CLOSED = 1,
    DISCONNECTED_SILENT = 2,
    DISCONNECTED_BY_SERVER = 3
} DisconnectCause;
typedef enum EndCause {
    ENDED_BY_TIME = 1,
    ENDED_BY_PROCTOR = 2, /* after a warning */
    ENDED_BY_SESSION = 3,
    ENDED_FOR_BREACH = 4, /* by a proctor, marked as a clear breach */
} EndCause;

/* Where a command may stand: bits for the masks in the tables. */
enum {
    IN_NONE = 1 << ATTEMPT_none,
    IN_INVITED = 1 << ATTEMPT_invited,
    IN_JOINED = 1 << ATTEMPT_joined,
    IN_WAITING = 1 << ATTEMPT_waiting,
    IN_ACTIVE = 1 << ATTEMPT_active,
    IN_SUBMITTED = 1 << ATTEMPT_submitted,
    IN_ENDED = 1 << ATTEMPT_ended,
    IN_ABSENT = 1 << ATTEMPT_absent,
    SN_NONE = 1 << SESSION_none,
    SN_PLANNED = 1 << SESSION_planned,
    SN_RUNNING = 1 << SESSION_running,
    SN_ENDED = 1 << SESSION_ended,
};
typedef enum Audience { TO_ALL, TO_STAFF } Audience;

/* ---- streams ---- */

/* Each attempt, session and assessment has an event stream of its own, with versions 1, 2, 3 ... */
typedef enum StreamKind {
    STREAM_SERVER = 0,
    STREAM_SESSION = 1,
    STREAM_ATTEMPT = 2,
    STREAM_ASSESSMENT = 3
} StreamKind;
/* Below 2^53, so that browsers can hold it in a number: kind in bits 50-52, id below. */
static inline u64 stream_id(StreamKind kind, u64 id)
{
    return (u64)kind << 50 | id;
}
static inline StreamKind stream_kind(u64 stream)
{
    return (StreamKind)(stream >> 50 & 7);
}
static inline u64 stream_object(u64 stream)
{
    return stream & (((u64)1 << 50) - 1);
}

/* ---- commands and events ---- */

#define F(type, name) type name;
#define C(id, name, who, states, fields)                                                           \
    typedef struct Cmd_##name {                                                                    \
        fields u8 none_;                                                                           \
    } Cmd_##name;
#define E(id, name, leads, audience, fields)
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields)                                                       \
    typedef struct Evt_##name {                                                                    \
        fields u8 none_;                                                                           \
    } Evt_##name;
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E

typedef enum CommandKind {
#define C(id, name, who, states, fields) CMD_##name = id,
#define E(id, name, leads, audience, fields)
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
} CommandKind;

typedef enum EventKind {
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields) EVT_##name = id,
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
} EventKind;

typedef struct Command {
    CommandKind kind;
    union {
#define C(id, name, who, states, fields) Cmd_##name name;
#define E(id, name, leads, audience, fields)
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
    };
} Command;

typedef struct Event {
    EventKind kind;
    u8 role;   /* in which role: one bit of Role */
    i64 at_ms; /* server's clock when it was decided */
    u64 actor; /* user id; for candidates without an account the attempt id; 0: the server */
    u64 cmd;   /* the command id it follows from; 0: none */
    union {
#define C(id, name, who, states, fields)
#define E(id, name, leads, audience, fields) Evt_##name name;
#include "schema/attempt.def"
#include "schema/session.def"
#undef C
#undef E
    };
} Event;

void command_encode(Buf *out, const Command *c);
Err command_decode(Span in, Command *out) MUST_CHECK;
void event_encode(Buf *out, const Event *e);
Err event_decode(Span in, Event *out) MUST_CHECK;
/* {"kind":"paused","at":...,"role":"proctor","actor":7,"reason":"..."}; blobs as hex. */
void event_json(Buf *out, const Event *e);
/* A text in quotes, with what JSON asks to be escaped; nothing below 0x20 is left in it. */
void json_text(Buf *out, Span text);

const char *command_name(CommandKind kind); /* "pause"; NULL: no such command */
const char *event_name(EventKind kind);
bool command_known(u32 kind);
/* The masks of the table row. */
u32 command_who(CommandKind kind);
u32 command_states(CommandKind kind);
bool command_is_session(CommandKind kind); /* belongs to a session stream, not an attempt */
Audience event_audience(EventKind kind);

/* ---- live messages ---- */

#define U(id, name, fields)                                                                        \
    typedef struct Msg_##name {                                                                    \
        fields u8 none_;                                                                           \
    } Msg_##name;
#define D(id, name, fields)                                                                        \
    typedef struct Msg_##name {                                                                    \
        fields u8 none_;                                                                           \
    } Msg_##name;
#include "schema/wire.def"
#undef U
#undef D

typedef enum MessageKind {
#define U(id, name, fields) MSG_##name = id,
#define D(id, name, fields) MSG_##name = id,
#include "schema/wire.def"
#undef U
#undef D
} MessageKind;

typedef struct Message {
    MessageKind kind;
    union {
#define U(id, name, fields) Msg_##name name;
#define D(id, name, fields) Msg_##name name;
#include "schema/wire.def"
#undef U
#undef D
    };
} Message;
#undef F

void message_encode(Buf *out, const Message *m);
Err message_decode(Span in, Message *out) MUST_CHECK; /* both directions; see message_goes_up */
bool message_goes_up(MessageKind kind);

/* ---- rows of the live monitor ---- */

typedef struct Row {
#define W(type, name) type name;
#include "schema/row.def"
#undef W
} Row;

void row_encode(Buf *out, const Row *r);
Err row_decode(Span in, Row *out) MUST_CHECK;

/* ---- words for people ---- */

const char *refusal_text(Refusal r);
const char *refusal_name(Refusal r);
u32 refusal_http(Refusal r);
const char *attempt_state_word(AttemptState s);
i64 setting_default(u32 setting);
bool setting_valid(u32 setting, i64 value);
const char *setting_name(u32 setting); /* NULL: no such setting */
bool setting_by_name(Span name, u32 *setting);
const char *flag_name(u32 type); /* NULL: no such flag */
u8 flag_severity(u32 type);
FlagClass flag_class(u32 type);
/* The setting that requires a check, a track, a proof; 0: never required by a setting. */
u32 check_setting(u32 check);
u32 track_setting(u32 track);
/* Its bit in lost_tracks: cameras and screens by their number, the microphone is the last. 0: no track. */
u8 track_bit(u32 track);
u32 proof_setting(u32 proof);

#endif
