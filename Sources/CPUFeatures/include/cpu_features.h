// What this processor can do; asked once at start.
#ifndef INSPECT_CPU_FEATURES_H
#define INSPECT_CPU_FEATURES_H

/// 4, 3 or 2 for the x86-64 level that the processor and the system support, 0 elsewhere.
static inline int cpu_x86_level(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("x86-64-v4")) return 4;
  if (__builtin_cpu_supports("x86-64-v3")) return 3;
  if (__builtin_cpu_supports("x86-64-v2")) return 2;
#endif
  return 0;
}

/// Integer dot products of 8-bit values; level 4 does not imply them.
static inline int cpu_has_vnni(void) {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512vnni") != 0;
#else
  return 0;
#endif
}

/// Processors that this process may run on.
int cpu_count_usable(void);

#endif
