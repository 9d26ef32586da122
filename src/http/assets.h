/* assets.h - the browser side, built into the program: no file is read while serving.
 *
 * tools/embed.mjs writes the table from web/dist. Everything here is constant memory of the
 * program. A variant (gzip, brotli) has ptr NULL when it would not be smaller. Whoever answers a
 * request picks the variant by Accept-Encoding, sends that variant's etag, says
 * "Vary: Accept-Encoding", and "Cache-Control: public, max-age=31536000, immutable" when the asset
 * is immutable (its name carries the hash of its content), else "no-cache". */
#ifndef INVIGIL_ASSETS_H
#define INVIGIL_ASSETS_H

#include "base/base.h"

typedef struct AssetBody {
    const u8 *ptr;
    size_t len;
    Span etag; /* with its quotes, ready for the header and for comparing with If-None-Match */
} AssetBody;

typedef struct Asset {
    Span path; /* as in the address: "/assets/exam-Cp5OQWjg.js", "/exam/index.html" */
    Span type; /* for Content-Type */
    bool immutable;
    AssetBody identity, gzip, br;
} Asset;

/* Sorted by the bytes of path. */
extern const Asset assets[];
extern const u32 asset_count;

/* The asset of exactly this path; a path that ends in '/' means the index.html in it. NULL: none. */
const Asset *asset_find(Span path);
/* The page for an address that the browser's router understands: "/live", "/live/" and
 * "/live/42/list" are all the page /live/index.html; "/" and unknown first words are the page
 * /index.html. NULL when the program was built without the browser side. */
const Asset *asset_page(Span path);

#endif
