// Sixteen 16-bit counters, moved and summed up together: histograms that slide.
#ifndef INSPECT_COUNTERS_H
#define INSPECT_COUNTERS_H

#include "vectors.h"

typedef VTYPE(uint16_t, 32) counters;

VINLINE counters counters_load(const void *p) {
  counters v;
  memcpy(&v, p, sizeof v);
  return v;
}
VINLINE void counters_store(void *p, counters v) { memcpy(p, &v, sizeof v); }
VINLINE counters counters_add(counters a, counters b) { return a + b; }
VINLINE counters counters_sub(counters a, counters b) { return a - b; }
VINLINE counters counters_zero(void) { return (counters)(uint16_t)0; }

/// Where a running sum over counters passes a limit.
typedef struct counters_place {
  /// The first counter with which the sum is above the limit.
  long index;
  /// The sum of those before it.
  uint16_t below;
} counters_place;

/// The sum of all sixteen must be above the limit and fit in 16 bits.
VINLINE counters_place counters_passing(counters c, uint16_t limit) {
  const counters zero = (counters)(uint16_t)0;
  // The sum up to every counter, by doubling. Lanes 16 and above are those of zero.
  counters sum = c;
  sum += __builtin_shufflevector(sum, zero, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14);
  sum += __builtin_shufflevector(sum, zero, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
  sum += __builtin_shufflevector(sum, zero, 16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
  sum += __builtin_shufflevector(sum, zero, 16, 16, 16, 16, 16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7);
  counters_place place;
#if defined(__AVX512BW__) && defined(__AVX512VL__)
  place.index = __builtin_popcount(
      _mm256_cmple_epu16_mask((__m256i)sum, _mm256_set1_epi16((short)limit)));
#elif defined(__AVX2__)
  counters rest = __builtin_elementwise_sub_sat(sum, (counters)limit);
  place.index =
      __builtin_popcount((unsigned)_mm256_movemask_epi8((__m256i)(rest == zero))) / 2;
#else
  // A mask is -1 in every lane that holds.
  counters holds = (counters)(sum <= (counters)limit);
  place.index = (uint16_t)(0 - __builtin_reduce_add(holds));
#endif
  uint16_t sums[17];
  sums[0] = 0;
  memcpy(sums + 1, &sum, sizeof sum);
  place.below = sums[place.index];
  return place;
}

#endif
