/* plants.h - `PLANTED(name)` is where a bug of schema/plants.def would be. Zero in every build that is
 * not made to test the simulator. */
#ifndef INVIGIL_PLANTS_H
#define INVIGIL_PLANTS_H

#ifdef INVIGIL_PLANTS
enum {
    PLANT_none,
#define P(name, what) PLANT_##name,
#include "schema/plants.def"
#undef P
};
extern int planted_bug; /* the one that is chosen */
#define PLANTED(name) (planted_bug == PLANT_##name)
#else
#define PLANTED(name) 0
#endif

#endif
