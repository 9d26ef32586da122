/* devices.h - many candidates' devices on one thread. Each types answers at its own pace, keeps what is
 * not acknowledged, comes back when the connection is lost and then sends that again; each receipt is
 * checked and kept as a promise. What a device writes follows from its number, the question and the
 * revision, so that anybody can tell whether a stored text is the right one. */
#ifndef INVIGIL_TEST_REAL_DEVICES_H
#define INVIGIL_TEST_REAL_DEVICES_H

#include "bench/parts/talk.h"
#include "seal/seal.h"
#include "sim/prng.h"
#include "test/real/server.h"

enum {
    DEVICES_MAX = 64,
    DEVICE_ITEMS_MAX = 64,
    DEVICE_IN_FLIGHT = 2, /* of different questions: of one, the older would be out of date */
    DEVICE_IN_BYTES = 65536,
    DEVICE_PAUSE_MS = 40, /* between an acknowledgement and the next answer, at most */
};

typedef enum DeviceStep {
    DEVICE_DOWN,
    DEVICE_CONNECTING,
    DEVICE_JOINING,
    DEVICE_UPGRADING,
    DEVICE_ENTERING, /* welcome or the missed events are awaited */
    DEVICE_LIVE,
} DeviceStep;

/* An answer that was acknowledged, kept under the version of its event. */
typedef struct Promise {
    bool given;
    ReceiptBody says;
    u64 sent_ns; /* when it was sent first */
    size_t receipt_at, receipt_len;
} Promise;

typedef struct Waiting {
    u64 cmd;
    u32 item, rev;
    u64 sent_ns;
} Waiting;

typedef struct Device {
    u32 number;
    int fd;
    DeviceStep step;
    char cookie[COOKIE_BYTES];
    u64 attempt, cmd;
    u64 seen_ver, promised_ver; /* the highest of each */
    bool active, over;
    u32 sent[DEVICE_ITEMS_MAX + 1]; /* highest revision of each question */
    u32 turn;
    Waiting waiting[DEVICE_IN_FLIGHT];
    u32 waiting_count;
    u64 next_ns;
    Promise *promises;
    u64 promises_cap;
    u8 *in;
    size_t in_len;
} Device;

typedef struct Devices {
    RealServer *server;
    const char *code;
    u32 disclosure, items, count;
    u8 sign_public[SEAL_SIGN_PUBLIC_BYTES];
    Prng chance;
    Device d[DEVICES_MAX];
    Buf out, text, receipts;
    u64 promises, fresh, resent; /* fresh: acknowledged since it was last set to 0 */
    bool may_be_cut;             /* a connection may end while the server runs */
    void (*on_event)(void *ctx, Device *d, u64 ver, const Event *e); /* may be NULL */
    void *ctx;
} Devices;

/* Says what went wrong, with the server's last words, and ends everything. */
_Noreturn void real_fail(const Devices *all, const char *format, ...) PRINTF_LIKE(2, 3);

void devices_init(Devices *all, RealServer *s, u32 count, u64 seed);
/* Takes what came, sends what is due; waits for about a millisecond. */
void devices_turn(Devices *all);
/* Until all have lost their connection: what was on its way from an ended server still counts. */
void devices_drain(Devices *all);
/* Takes this device's connection away, as a bad network does. */
void device_cut(Device *d);
u32 devices_live(const Devices *all);
bool devices_done(const Devices *all); /* nothing waits for an acknowledgement */
void answer_text(Buf *out, u32 number, u32 item, u32 rev);
Promise *device_promise(Devices *all, Device *d, u64 ver);

#endif
