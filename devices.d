devices.o: test/real/devices.c test/real/devices.h bench/parts/talk.h \
  src/base/buf.h src/base/base.h src/wire/wire.h src/base/limits.h \
  schema/limits.def schema/errors.def schema/states.def \
  schema/settings.def schema/flags.def schema/checks.def \
  schema/tracks.def schema/attempt.def schema/session.def \
  schema/wire.def schema/row.def src/seal/seal.h sim/prng.h \
  test/real/server.h

test/real/devices.h:

bench/parts/talk.h:

src/base/buf.h:

src/base/base.h:

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
