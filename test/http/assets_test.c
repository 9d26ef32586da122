#include "http/assets.h"
#include "test/test.h"

static bool etag_ends(Span etag, const char *end)
{
    size_t n = strlen(end);
    return etag.len > n && memcmp(etag.ptr + etag.len - n, end, n) == 0 && etag.ptr[0] == '"';
}

TEST("Every asset is found by its path, and the table is sorted.")
{
    for (u32 i = 0; i < asset_count; i++) {
        CHECK(asset_find(assets[i].path) == &assets[i]);
        CHECK_EQUAL(assets[i].path.ptr[0], '/');
        CHECK(assets[i].type.len > 0);
    }
}

TEST("A variant is smaller than the identity, and each has an entity tag of its own.")
{
    for (u32 i = 0; i < asset_count; i++) {
        const Asset *a = &assets[i];
        CHECK(a->identity.ptr);
        CHECK_EQUAL(a->identity.etag.len, 18);
        CHECK(!a->gzip.ptr || (a->gzip.len < a->identity.len && etag_ends(a->gzip.etag, "-gz\"")));
        CHECK(!a->br.ptr || (a->br.len < a->identity.len && etag_ends(a->br.etag, "-br\"")));
    }
}

TEST("Pages may change at any time; what carries a hash in its name never does.")
{
    for (u32 i = 0; i < asset_count; i++) {
        Span path = assets[i].path;
        bool below_assets = path.len > 8 && memcmp(path.ptr, "/assets/", 8) == 0;
        CHECK(!assets[i].immutable || below_assets);
    }
}

TEST("What is not there is not found, however it is asked for.")
{
    CHECK(!asset_find(SPAN("")));
    CHECK(!asset_find(SPAN_NONE));
    CHECK(!asset_find(SPAN("index.html")));
    CHECK(!asset_find(SPAN("/assets/../index.html")));
    CHECK(!asset_find(SPAN("/no/such/")));
    CHECK(!asset_find(SPAN("/index.html\0")));
    char longest[600];
    memset(longest, '/', sizeof longest);
    CHECK(!asset_find((Span){(u8 *)longest, sizeof longest}));
    longest[1] = 'a';
    CHECK(asset_page((Span){(u8 *)longest, sizeof longest}) == asset_find(SPAN("/")));
}

TEST("An address that the browser's router knows leads to its page.")
{
    if (!asset_count) SKIP("built without the browser side");
    const Asset *live = asset_find(SPAN("/live/index.html")), *home = asset_find(SPAN("/"));
    CHECK(live && home && live != home);
    CHECK(asset_find(SPAN("/live/")) == live);
    CHECK(asset_page(SPAN("/live")) == live);
    CHECK(asset_page(SPAN("/live/")) == live);
    CHECK(asset_page(SPAN("/live/42/list")) == live);
    CHECK(asset_page(SPAN("/")) == home);
    CHECK(asset_page(SPAN("/nothing")) == home);
    CHECK(asset_page(SPAN("/assets")) == home);
    CHECK(asset_page(SPAN_NONE) == home);
}

TEST_MAIN()
