/* crc32.h - the checksum of zip and Ethernet: finds accidents, not intent. */
#ifndef INVIGIL_CRC32_H
#define INVIGIL_CRC32_H

#include "base/base.h"

/* Start with 0, go on with the result. */
u32 crc32_of(u32 before, Span bytes);

#endif
