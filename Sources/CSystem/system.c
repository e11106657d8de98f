#define _GNU_SOURCE
#include "system_shim.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

int system_x86_level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return 4;
  if (__builtin_cpu_supports("x86-64-v3")) return 3;
  if (__builtin_cpu_supports("x86-64-v2")) return 2;
#endif
  return 0;
}

int system_usable_processors(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

long system_cache_bytes(void) {
  long bytes = 0;
#if defined(__GLIBC__)
  bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
  if (bytes <= 0) bytes = sysconf(_SC_LEVEL2_CACHE_SIZE);
#endif
  return bytes > 0 ? bytes : 0;
}

void system_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

int system_reserve(int descriptor, long long offset, long long count) {
  return fallocate(descriptor, FALLOC_FL_KEEP_SIZE, offset, count);
}

void system_yield(void) { sched_yield(); }
