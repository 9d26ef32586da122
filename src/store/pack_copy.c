#include "store/pack_copy.h"

#include "store/copy.h"
#include "store/pack_files.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static Err pairs_of_session(const char *folder, u64 session, PackPair *each, void *ctx)
{
    u64 *numbers;
    u32 count;
    Err err = segments_list(folder, session, &numbers, &count);
    if (err) return err == ERR_MISSING ? OK : err;
    for (u32 i = 0; !err && i < count; i++) {
        char path[PATH_MAX];
        struct stat st;
        err = segment_path(folder, session, (u32)numbers[i], ".rec", path, sizeof path);
        if (!err && stat(path, &st) == 0)
            err = each(ctx, session, (u32)numbers[i], (u64)st.st_size);
    }
    free(numbers);
    return err;
}

Err pack_pairs(const char *folder, PackPair *each, void *ctx)
{
    u64 *sessions;
    u32 count;
    Err err = sessions_list(folder, &sessions, &count);
    if (err) return err == ERR_MISSING ? OK : err;
    for (u32 i = 0; !err && i < count; i++)
        err = pairs_of_session(folder, sessions[i], each, ctx);
    free(sessions);
    return err;
}

static Err pack_copy_one(const char *from, const char *to, u64 session, u32 number,
                         const char *ending)
{
    char source[PATH_MAX], target[PATH_MAX];
    Err err = segment_path(from, session, number, ending, source, sizeof source);
    if (!err) err = segment_path(to, session, number, ending, target, sizeof target);
    return err ? err : copy_file(source, target);
}

Err pack_copy(const char *from, const char *to, u64 session, u32 number)
{
    char path[PATH_MAX];
    u64 bytes;
    int len = snprintf(path, sizeof path, "%s/%llu", to, (unsigned long long)session);
    if (len < 0 || (size_t)len >= sizeof path) return ERR_LIMIT;
    if (mkdir(path, 0700) && errno != EEXIST) return errno == ENOSPC ? ERR_FULL : ERR_IO;
    Err err = pack_copy_one(from, to, session, number, ".rec");
    if (err) return err;
    err = pack_copy_one(from, to, session, number, ".idx");
    if (err && err != ERR_MISSING) return err;
    /* Only an index that says that it is closed, for as many bytes as were copied, is taken as it is; that
     * of a pair which is being written is made from the records. */
    return segment_mend(to, session, number, &bytes);
}
