#include "http/assets.h"

enum { PATH_BYTES_MAX = 256 };

static int span_compare(Span a, Span b)
{
    size_t n = MIN_OF(a.len, b.len);
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static const Asset *find_exact(Span path)
{
    u32 low = 0, high = asset_count;
    while (low < high) {
        u32 middle = low + (high - low) / 2;
        int order = span_compare(path, assets[middle].path);
        if (order == 0) return &assets[middle];
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return NULL;
}

/* DIR + "index.html", where dir ends in '/'. */
static const Asset *find_index(Span dir)
{
    static const Span name = {(const u8 *)"index.html", 10};
    u8 path[PATH_BYTES_MAX];
    if (dir.len + name.len > sizeof path) return NULL;
    memcpy(path, dir.ptr, dir.len);
    memcpy(path + dir.len, name.ptr, name.len);
    return find_exact((Span){path, dir.len + name.len});
}

const Asset *asset_find(Span path)
{
    if (!path.len || path.ptr[0] != '/') return NULL;
    return path.ptr[path.len - 1] == '/' ? find_index(path) : find_exact(path);
}

const Asset *asset_page(Span path)
{
    u8 dir[PATH_BYTES_MAX];
    size_t n = 1;
    while (n < path.len && path.ptr[n] != '/')
        n++;
    const Asset *page = NULL;
    if (path.len && n + 1 < sizeof dir) {
        memcpy(dir, path.ptr, n);
        dir[n] = '/';
        page = n > 1 ? find_index((Span){dir, n + 1}) : NULL;
    }
    return page ? page : find_index(SPAN("/"));
}
