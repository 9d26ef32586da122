/* book.h - what was promised against what is stored. */
#ifndef INVIGIL_TEST_REAL_BOOK_H
#define INVIGIL_TEST_REAL_BOOK_H

#include "test/real/devices.h"

/* The server must not run. Every chain is recomputed; every promise must be in the log as its receipt
 * says; no revision is there twice, late or out of order, and nothing that nobody wrote. */
void book_compare(Devices *all);
u64 book_answers(void); /* in the log at the last comparison */

#endif
