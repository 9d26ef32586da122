hall.o: bench/hall.c bench/parts/peer.h src/base/text.h src/base/base.h \
  bench/parts/talk.h src/base/buf.h src/wire/wire.h src/base/limits.h \
  schema/limits.def schema/errors.def schema/states.def \
  schema/settings.def schema/flags.def schema/checks.def \
  schema/tracks.def schema/attempt.def schema/session.def \
  schema/wire.def schema/row.def

bench/parts/peer.h:

src/base/text.h:

src/base/base.h:

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
