/* limits.h - every bound in the program as a constant; schema/limits.def says why. */
#ifndef INVIGIL_LIMITS_H
#define INVIGIL_LIMITS_H

enum {
#define L(name, value, why) name = value,
#include "schema/limits.def"
#undef L
};

#endif
