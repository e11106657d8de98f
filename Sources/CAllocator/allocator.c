#include "allocator_shim.h"

#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

void allocator_give_memory_back(void) {
#if defined(__GLIBC__)
  // By itself the C library keeps blocks of up to 32 MiB once one of that size was freed.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 20);
  malloc_trim(0);
#endif
}
