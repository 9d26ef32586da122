/* words.c - look-ups in the tables that are not messages: refusals, states, settings, flags. */
#include "wire/wire.h"

const char *refusal_text(Refusal r)
{
    switch (r) {
    case ACCEPTED: return "";
#define R(id, name, http, text)                                                                    \
    case R_##name:                                                                                 \
        return text;
#include "schema/errors.def"
#undef R
    }
    return "Refused.";
}

const char *refusal_name(Refusal r)
{
    switch (r) {
    case ACCEPTED: return "ACCEPTED";
#define R(id, name, http, text)                                                                    \
    case R_##name:                                                                                 \
        return #name;
#include "schema/errors.def"
#undef R
    }
    return "REFUSED";
}

u32 refusal_http(Refusal r)
{
    switch (r) {
    case ACCEPTED: return 200;
#define R(id, name, http, text)                                                                    \
    case R_##name:                                                                                 \
        return http;
#include "schema/errors.def"
#undef R
    }
    return 500;
}

const char *attempt_state_word(AttemptState s)
{
    switch (s) {
#define A(id, name, word)                                                                          \
    case ATTEMPT_##name:                                                                           \
        return word;
#define Z(id, name, word)
#define H(bit, name, word)
#define Q(id, name, words)
#include "schema/states.def"
#undef A
#undef Z
#undef H
#undef Q
    case ATTEMPT_STATES: break;
    }
    return "Unknown";
}

typedef struct SettingRow {
    u32 id;
    const char *name;
    i64 standard, least, most;
} SettingRow;

static const SettingRow SETTING_ROWS[] = {
#define T(id, name, unit, standard, least, most, words, help) {id, #name, standard, least, most},
#include "schema/settings.def"
#undef T
};

static const SettingRow *setting_row(u32 setting)
{
    for (size_t i = 0; i < COUNT_OF(SETTING_ROWS); i++)
        if (SETTING_ROWS[i].id == setting) return &SETTING_ROWS[i];
    return NULL;
}

i64 setting_default(u32 setting)
{
    const SettingRow *row = setting_row(setting);
    return row ? row->standard : 0;
}

bool setting_valid(u32 setting, i64 value)
{
    const SettingRow *row = setting_row(setting);
    return row && value >= row->least && value <= row->most;
}

const char *setting_name(u32 setting)
{
    const SettingRow *row = setting_row(setting);
    return row ? row->name : NULL;
}

bool setting_by_name(Span name, u32 *setting)
{
    for (size_t i = 0; i < COUNT_OF(SETTING_ROWS); i++) {
        if (!span_equal(name, span_of(SETTING_ROWS[i].name))) continue;
        *setting = SETTING_ROWS[i].id;
        return true;
    }
    return false;
}

typedef struct FlagRow {
    u32 type;
    const char *name;
    FlagClass class;
    u8 severity;
} FlagRow;

static const FlagRow FLAG_ROWS[] = {
#define G(id, name, class, severity, weight, debounce, words, help)                                \
    {id, #name, FLAG_##class, severity},
#include "schema/flags.def"
#undef G
};

static const FlagRow *flag_row(u32 type)
{
    for (size_t i = 0; i < COUNT_OF(FLAG_ROWS); i++)
        if (FLAG_ROWS[i].type == type) return &FLAG_ROWS[i];
    return NULL;
}

const char *flag_name(u32 type)
{
    const FlagRow *row = flag_row(type);
    return row ? row->name : NULL;
}

u8 flag_severity(u32 type)
{
    const FlagRow *row = flag_row(type);
    return row ? row->severity : 0;
}

FlagClass flag_class(u32 type)
{
    const FlagRow *row = flag_row(type);
    return row ? row->class : FLAG_TECHNICAL;
}

u32 check_setting(u32 check)
{
    switch (check) {
#define K(id, name, setting, words)                                                                \
    case id:                                                                                       \
        return setting;
#include "schema/checks.def"
#undef K
    }
    return 0;
}

u32 track_setting(u32 track)
{
    switch (track) {
#define N(id, name, setting, words)                                                                \
    case id:                                                                                       \
        return setting;
#include "schema/tracks.def"
#undef N
    }
    return 0;
}

u8 track_bit(u32 track)
{
    u32 place = track == TRACK_microphone ? 7 : track;
    bool known = track < 7 || track == TRACK_microphone;
    return (u8)(known ? 1u << place : 0u);
}

u32 proof_setting(u32 proof)
{
    switch (proof) {
#define P(track, name, setting, words)                                                             \
    case track:                                                                                    \
        return setting;
#include "schema/proofs.def"
#undef P
    }
    return 0;
}
