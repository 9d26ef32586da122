/* Numbers for the core without a C library: what the compiler knows by itself. */
#ifndef INVIGIL_WASM_MATH_H
#define INVIGIL_WASM_MATH_H

#define isnan(x) __builtin_isnan(x)
#define isfinite(x) __builtin_isfinite(x)
#define fabs(x) __builtin_fabs(x)
#define floor(x) __builtin_floor(x)
#define ceil(x) __builtin_ceil(x)

#endif
