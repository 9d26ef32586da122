/* memory.h - how the server takes memory from the system. */
#ifndef INVIGIL_MEMORY_H
#define INVIGIL_MEMORY_H

/* Before the threads, once. The first HEAP_KEPT_BYTES that malloc gives out come in pages of 2 MB where the system
 * has them, and stay with the process when they are freed; what is never used is never taken. */
void memory_settings(void);

#endif
