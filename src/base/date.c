#include "base/date.h"

#include <stdio.h>

enum { DAY_MS = 86400000 };

/* Days since 1970-01-01 of a Gregorian date (Hinnant, "chrono-compatible low-level date algorithms"). */
static i64 days_from_civil(i64 y, i64 m, i64 d)
{
    y -= m <= 2;
    i64 era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    i64 doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void civil_from_days(i64 z, i64 *y, i64 *m, i64 *d)
{
    z += 719468;
    i64 era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
    i64 yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    i64 doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *d = doy - (153 * mp + 2) / 5 + 1;
    *m = mp < 10 ? mp + 3 : mp - 9;
    *y = yoe + era * 400 + (*m <= 2);
}

void date_text(i64 at_ms, char out[DATE_TEXT_SIZE])
{
    i64 before = at_ms % DAY_MS < 0, days = at_ms / DAY_MS - before, y, m, d;
    i64 ms = at_ms % DAY_MS + before * DAY_MS;
    civil_from_days(days, &y, &m, &d);
    y = y < 0 ? 0 : y > 9999 ? 9999 : y; /* keeps the form for absurd instants */
    snprintf(out, DATE_TEXT_SIZE, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", (u32)y % 10000u,
             (u32)m % 100u, (u32)d % 100u, (u32)(ms / 3600000) % 100u, (u32)(ms / 60000 % 60),
             (u32)(ms / 1000 % 60), (u32)(ms % 1000));
}

/* Exactly n digits. */
static bool take_digits(Span *s, size_t n, i64 *out)
{
    i64 v = 0;
    if (s->len < n) return false;
    for (size_t i = 0; i < n; i++) {
        u8 d = (u8)(s->ptr[i] - '0');
        if (d > 9) return false;
        v = v * 10 + d;
    }
    *s = (Span){s->ptr + n, s->len - n};
    *out = v;
    return true;
}

static bool take(Span *s, u8 c)
{
    if (!s->len || s->ptr[0] != c) return false;
    *s = (Span){s->ptr + 1, s->len - 1};
    return true;
}

/* Digits after the point; only the first three count. */
static bool take_fraction(Span *s, i64 *ms)
{
    i64 scale = 100;
    *ms = 0;
    if (!s->len) return false;
    for (; s->len && s->ptr[0] >= '0' && s->ptr[0] <= '9'; scale /= 10) {
        *ms += (s->ptr[0] - '0') * scale;
        *s = (Span){s->ptr + 1, s->len - 1};
    }
    return scale < 100;
}

static bool take_offset(Span *s, i64 *offset_ms)
{
    i64 h, m;
    if (take(s, 'Z') || take(s, 'z')) {
        *offset_ms = 0;
        return true;
    }
    bool minus = take(s, '-');
    if (!minus && !take(s, '+')) return false;
    if (!take_digits(s, 2, &h) || !take(s, ':') || !take_digits(s, 2, &m) || h > 23 || m > 59)
        return false;
    *offset_ms = (h * 60 + m) * (minus ? -60000 : 60000);
    return true;
}

static i64 month_days(i64 y, i64 m)
{
    static const u8 days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    return days[m - 1] + (m == 2 && leap);
}

bool date_parse(Span s, i64 *at_ms)
{
    i64 y, mo, d, h, mi, sec = 0, ms = 0, offset;
    if (!take_digits(&s, 4, &y) || !take(&s, '-') || !take_digits(&s, 2, &mo) || !take(&s, '-') ||
        !take_digits(&s, 2, &d))
        return false;
    if (mo < 1 || mo > 12 || d < 1 || d > month_days(y, mo)) return false;
    if (!take(&s, 'T') && !take(&s, 't') && !take(&s, ' ')) return false;
    if (!take_digits(&s, 2, &h) || !take(&s, ':') || !take_digits(&s, 2, &mi)) return false;
    if (take(&s, ':') && !take_digits(&s, 2, &sec)) return false;
    if (take(&s, '.') && !take_fraction(&s, &ms)) return false;
    if (!take_offset(&s, &offset) || s.len || h > 23 || mi > 59 || sec > 59) return false;
    *at_ms = days_from_civil(y, mo, d) * DAY_MS + ((h * 60 + mi) * 60 + sec) * 1000 + ms - offset;
    return true;
}
