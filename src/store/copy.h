/* copy.h - whole files and folders: copied, hashed, made durable, removed. Knows nothing of what is in
 * them. */
#ifndef INVIGIL_COPY_H
#define INVIGIL_COPY_H

#include "base/base.h"

/* Copies what the file holds now and makes it durable; `to` must not exist. ERR_MISSING: no such file. */
Err copy_file(const char *from, const char *to) MUST_CHECK;
/* SHA-256 of a whole file, and its length. */
Err copy_hash(const char *path, u8 hash[32], u64 *bytes) MUST_CHECK;
Err copy_sync(const char *path) MUST_CHECK; /* of a file that somebody else wrote */
/* Makes the folders that the path of a file leads through, below `root`, which exists. */
Err copy_make_way(const char *root, const char *path) MUST_CHECK;
/* The folder's own name and those of all folders in it become durable. */
Err copy_sync_tree(const char *folder) MUST_CHECK;
/* Removes a folder with all that is in it. */
void copy_remove(const char *folder);

#endif
