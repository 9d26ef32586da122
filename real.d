real.o: test/real/real.c src/base/date.h src/base/base.h src/base/text.h \
  test/real/book.h test/real/devices.h bench/parts/talk.h src/base/buf.h \
  src/wire/wire.h src/base/limits.h schema/limits.def schema/errors.def \
  schema/states.def schema/settings.def schema/flags.def \
  schema/checks.def schema/tracks.def schema/attempt.def \
  schema/session.def schema/wire.def schema/row.def src/seal/seal.h \
  sim/prng.h test/real/server.h

src/base/date.h:

src/base/base.h:

src/base/text.h:

test/real/book.h:

test/real/devices.h:

bench/parts/talk.h:

src/base/buf.h:

src/wire/wire.h:

src/base/limits.h:

schema/limits.def:

schema/errors.def:

schema/states.def:

schema/settings.def:

schema/flags.def:

schema/checks.def:

schema/tracks.def:

schema/attempt.def:

schema/session.def:

schema/wire.def:

schema/row.def:

src/seal/seal.h:

sim/prng.h:

test/real/server.h:
