exam_test.o: test/sweep/exam_test.c test/sweep/world.h src/app/engine.h \
  src/base/arena.h src/base/base.h src/core/core.h src/base/limits.h \
  schema/limits.def src/core/paper.h schema/items.def src/wire/wire.h \
  src/base/buf.h schema/errors.def schema/states.def schema/settings.def \
  schema/flags.def schema/checks.def schema/tracks.def \
  schema/attempt.def schema/session.def schema/wire.def schema/row.def \
  src/port/port.h src/seal/seal.h src/store/log.h src/store/disk.h \
  src/store/pack_internal.h src/base/map.h src/store/pack_files.h \
  src/store/pack_form.h src/store/pack.h test/store/kit.h \
  test/sweep/faults.h test/store/fault_vfs.h test/test.h

test/sweep/world.h:

src/app/engine.h:

src/base/arena.h:

src/base/base.h:

src/core/core.h:

src/base/limits.h:

schema/limits.def:

src/core/paper.h:

schema/items.def:

src/wire/wire.h:

src/base/buf.h:

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

src/port/port.h:

src/seal/seal.h:

src/store/log.h:

src/store/disk.h:

src/store/pack_internal.h:

src/base/map.h:

src/store/pack_files.h:

src/store/pack_form.h:

src/store/pack.h:

test/store/kit.h:

test/sweep/faults.h:

test/store/fault_vfs.h:

test/test.h:
