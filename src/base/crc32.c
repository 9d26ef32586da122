/* crc32.c - CRC-32 with eight tables, eight bytes a step: the disk is faster than one byte a step. */
#include "base/crc32.h"

#include <pthread.h>

static u32 table[8][256];

static void tables_make(void)
{
    for (u32 i = 0; i < 256; i++) {
        u32 c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? 0xedb88320u ^ c >> 1 : c >> 1;
        table[0][i] = c;
    }
    for (u32 i = 0; i < 256; i++)
        for (int k = 1; k < 8; k++)
            table[k][i] = table[k - 1][i] >> 8 ^ table[0][table[k - 1][i] & 0xff];
}

static u32 crc_eight(u32 c, const u8 *p)
{
    u32 low = c ^ ((u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24);
    return table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^ table[5][low >> 16 & 0xff] ^
           table[4][low >> 24] ^ table[3][p[4]] ^ table[2][p[5]] ^ table[1][p[6]] ^ table[0][p[7]];
}

u32 crc32_of(u32 before, Span bytes)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, tables_make);
    u32 c = ~before;
    size_t i = 0;
    for (; i + 8 <= bytes.len; i += 8)
        c = crc_eight(c, bytes.ptr + i);
    for (; i < bytes.len; i++)
        c = table[0][(c ^ bytes.ptr[i]) & 0xff] ^ c >> 8;
    return ~c;
}
