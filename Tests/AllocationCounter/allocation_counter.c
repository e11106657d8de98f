// Counts what each thread of the tests asks of malloc. A program's own functions of these names stand
// before those of the C library, for the libraries too that it loads.
#include "allocation_counter.h"

#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

#if defined(__GLIBC__) && !defined(SANITIZED)

static _Thread_local unsigned long asked __attribute__((tls_model("initial-exec")));

unsigned long allocations_of_this_thread(void) { return asked; }
int allocations_are_counted(void) { return 1; }

// The C library's own, under the names that stay when these here take the others.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

void *malloc(size_t size) {
  ++asked;
  return __libc_malloc(size);
}
void *calloc(size_t number, size_t size) {
  ++asked;
  return __libc_calloc(number, size);
}
void *realloc(void *old, size_t size) {
  ++asked;
  return __libc_realloc(old, size);
}
void *memalign(size_t alignment, size_t size) {
  ++asked;
  return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **out, size_t alignment, size_t size) {
  *out = memalign(alignment, size);
  return *out ? 0 : 12;  // ENOMEM
}

#else

unsigned long allocations_of_this_thread(void) { return 0; }
int allocations_are_counted(void) { return 0; }

#endif
