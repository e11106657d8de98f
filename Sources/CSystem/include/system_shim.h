// The few things of the processor and the system that Swift cannot reach by itself.
#ifndef INSPECT_SYSTEM_SHIM_H
#define INSPECT_SYSTEM_SHIM_H

/// 4, 3 or 2 for the x86-64 level that the processor and the system support, 0 elsewhere.
int system_x86_level(void);

/// Processors that this process may run on.
int system_usable_processors(void);

/// Bytes that the largest cache of a processor holds; 0 where the system does not say.
long system_cache_bytes(void);

/// Tells the processor that the caller waits in a loop.
static inline void system_pause(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Lets others have the processor.
void system_yield(void);

/// Names the calling thread; the system keeps 15 characters.
void system_name_thread(const char *name);

/// Reserves bytes behind the end of a file without changing its size; 0 where that worked.
int system_reserve(int descriptor, long long offset, long long count);

#endif
