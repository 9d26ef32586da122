/* site.h - one running Invigil: the data directory, the engine and its store, and the server in front
 * of them. Reads no flags and prints nothing but the text log; cmd does the rest.
 *
 * Data directory (mode 0700, files 0600): log.db (events), people.db (users, sign-ins, wrapped keys),
 * evidence/ (encrypted records).
 *
 *   Site *site = site_open(&options, why, sizeof why);   replays, listens
 *   site_run(site);                                      until SIGINT, SIGTERM or site_stop
 *   site_close(site); */
#ifndef INVIGIL_SITE_H
#define INVIGIL_SITE_H

#include "base/base.h"

#define INVIGIL_VERSION "0.1.0"

typedef struct Site Site;

typedef struct SiteOptions {
    const char *data; /* directory; made when it does not exist */
    const char *host;
    u16 port; /* 0: any free one */
    const char *cert_file, *key_file;
    /* "https://exam.example.org": how browsers reach this server through a proxy that speaks TLS. Then
     * this is the only origin, and X-Forwarded-For is believed. NULL: browsers come directly. */
    const char *public_url;
    const char *web_root; /* serve the browser side from this folder instead of the built-in one */
    i64 import_age_ms;    /* 0: IMPORT_AGE_MS */
    i64 disconnected_ms;  /* 0: DISCONNECTED_AFTER_MS; tests are less patient */
} SiteOptions;

Site *site_open(const SiteOptions *o, char *why, size_t size);
void site_run(Site *s);
void site_stop(Site *s); /* any thread: drains, then site_run returns */
void site_close(Site *s);
u16 site_port(const Site *s);

/* Makes the directory (0700) if need be and writes the path of a file in it. False: why says what. */
bool site_data_path(const char *data, const char *file, char *path, size_t path_size, char *why,
                    size_t size);

#endif
