#define _GNU_SOURCE
#include "cpu_features.h"

#include <sched.h>

int cpu_count_usable(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}
