#ifndef INSPECT_ALLOCATION_COUNTER_H
#define INSPECT_ALLOCATION_COUNTER_H

/// How often the calling thread has asked for memory since it began.
unsigned long allocations_of_this_thread(void);

/// 0 where this build cannot count: under a sanitizer, or with another C library than glibc.
int allocations_are_counted(void);

#endif
