#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/demo.h"
#include "cmd/memory.h"
#include "http/note.h"
#include "http/site.h"

typedef struct Serving {
    const char *data, *listen, *level;
    bool demo;
    SiteOptions site;
    char host[128];
} Serving;

/* "127.0.0.1:8080", "[::1]:8080", "localhost:0". */
static bool listen_read(Serving *s)
{
    const char *colon = strrchr(s->listen, ':');
    u64 port;
    if (!colon || !text_to_u64(span_of(colon + 1), &port) || port > 65535) return false;
    size_t len = (size_t)(colon - s->listen);
    const char *from = s->listen;
    if (len >= 2 && from[0] == '[' && from[len - 1] == ']') {
        from++;
        len -= 2;
    }
    if (!len || len >= sizeof s->host) return false;
    memcpy(s->host, from, len);
    s->host[len] = 0;
    s->site.host = s->host;
    s->site.port = (u16)port;
    return true;
}

static bool is_loopback(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 ||
           strncmp(host, "127.", 4) == 0;
}

/* "https://exam.example.org", with a port or without, and nothing behind. */
static bool is_origin(Span url)
{
    size_t at = text_starts(url, SPAN("https://")) ? 8 : text_starts(url, SPAN("http://")) ? 7 : 0;
    bool fine = at && url.len > at;
    for (; fine && at < url.len; at++)
        fine = url.ptr[at] > ' ' && url.ptr[at] < 127 && url.ptr[at] != '/' && url.ptr[at] != '@';
    return fine;
}

static int complain(const char *what)
{
    fprintf(stderr, "invigil: %s\n", what);
    return 2;
}

static int options_check(Serving *s)
{
    NoteLevel level;
    if (!listen_read(s)) return complain("--listen needs HOST:PORT, for example 127.0.0.1:8080.");
    if (!note_level_by_name(s->level, &level)) {
        return complain("--log-level is error, info or debug.");
    }
    if (!s->site.cert_file != !s->site.key_file) {
        return complain("--cert and --key go together: both PEM files, or none.");
    }
    if (s->demo && !is_loopback(s->host)) {
        return complain(
            "--demo has passwords that everybody knows: it only listens on 127.0.0.1, ::1 "
            "or localhost.");
    }
    if (s->site.public_url && !is_origin(span_of(s->site.public_url))) {
        return complain(
            "--public-url is scheme and host alone, for example https://exam.example.org.");
    }
    note_set_level(level);
    return 0;
}

static bool make_demo(const Serving *s, char *why, size_t size)
{
    bool empty;
    if (!s->demo) return true;
    if (!demo_wanted(s->data, &empty, why, size)) return false;
    return !empty || demo_fill(s->data, why, size);
}

static void say_where(const Serving *s, const Site *site)
{
    char base[256];
    bool tls = s->site.cert_file != NULL;
    bool v6 = strchr(s->host, ':') != NULL;
    snprintf(base, sizeof base, "%s://%s%s%s:%u/", tls ? "https" : "http", v6 ? "[" : "", s->host,
             v6 ? "]" : "", site_port(site));
    note(NOTE_INFO, "listening", "address=%s host=%s port=%u scheme=%s version=%s", base, s->host,
         site_port(site), tls ? "https" : "http", INVIGIL_VERSION);
    if (!tls && !is_loopback(s->host) && !s->site.public_url) {
        note(NOTE_ERROR, "plain_http",
             "advice=cameras_need_https_give_--cert_and_--key_or_a_proxy_with_tls");
    }
    if (s->demo) demo_print(base);
}

int cmd_serve(int argc, char **argv)
{
    Serving s = {.data = DATA_STANDARD, .listen = "127.0.0.1:8080", .level = "info"};
    const Flag flags[] = {
        {"--data", &s.data, NULL},           {"--listen", &s.listen, NULL},
        {"--cert", &s.site.cert_file, NULL}, {"--key", &s.site.key_file, NULL},
        {"--demo", NULL, &s.demo},           {"--web-root", &s.site.web_root, NULL},
        {"--log-level", &s.level, NULL},     {"--public-url", &s.site.public_url, NULL},
    };
    char why[512] = "";
    if (!flags_only(argc, argv, flags, COUNT_OF(flags))) return 2;
    int status = options_check(&s);
    if (status) return status;
    memory_settings();
    s.site.data = s.data;
    Site *site = make_demo(&s, why, sizeof why) ? site_open(&s.site, why, sizeof why) : NULL;
    if (!site) {
        fprintf(stderr, "invigil: %s\n", why);
        return 1;
    }
    say_where(&s, site);
    site_run(site);
    site_close(site);
    note(NOTE_INFO, "stopped", "%s", "");
    return 0;
}
