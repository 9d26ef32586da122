/* frame.c - WebSocket frame headers and masks (RFC 6455, section 5). Pure: bytes in, values out. */
#include "net/internal.h"

int frame_read(const u8 *p, size_t len, FrameHead *out)
{
    if (len < 2) return 0;
    u8 opcode = p[0] & 15, length = p[1] & 127;
    bool fin = p[0] & 128, known = opcode <= OP_BINARY || (opcode >= OP_CLOSE && opcode <= OP_PONG);
    bool control = opcode >= OP_CLOSE;
    if ((p[0] & 0x70) || !known || !(p[1] & 128)) return -1; /* reserved bits, or not masked */
    if (control && (!fin || length > 125)) return -1;
    size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0, need = 2 + extra + 4;
    if (len < need) return 0;
    u64 n = extra ? 0 : length;
    for (size_t i = 0; i < extra; i++)
        n = n << 8 | p[2 + i];
    /* The shortest form is demanded, and the highest bit must be clear. */
    if ((extra == 2 && n < 126) || (extra == 8 && (n < 65536 || n >> 63))) return -1;
    *out = (FrameHead){.len = n, .opcode = opcode, .fin = fin};
    memcpy(out->mask, p + 2 + extra, 4);
    return (int)need;
}

u8 frame_write(u8 out[10], u8 opcode, size_t len)
{
    u64 n = len;
    u8 extra = len < 126 ? 0 : len < 65536 ? 2 : 8;
    out[0] = (u8)(128 | opcode);
    out[1] = (u8)(extra == 0 ? len : extra == 2 ? 126 : 127);
    for (u8 i = extra; i > 0; i--, n >>= 8)
        out[1 + i] = (u8)n;
    return (u8)(2 + extra);
}

void frame_unmask(u8 *p, size_t len, const u8 mask[4], u64 at)
{
    u8 m[8];
    u64 wide, word;
    for (size_t i = 0; i < 8; i++)
        m[i] = mask[(at + i) & 3];
    memcpy(&wide, m, 8);
    size_t i = 0;
    for (; i + 8 <= len; i += 8) {
        memcpy(&word, p + i, 8);
        word ^= wide;
        memcpy(p + i, &word, 8);
    }
    for (; i < len; i++)
        p[i] ^= m[i & 7];
}

bool frame_close_code_ok(u32 code)
{
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}
