// Rows to columns, in tiles whose columns become whole lines of the cache.
#ifndef INSPECT_TRANSPOSE_H
#define INSPECT_TRANSPOSE_H

#include "vectors.h"

// Rows stay in registers only where nothing is left of the loops over them.
#define UNROLLED(n) _Pragma("clang loop unroll(full)") for (int i = 0; i < n; ++i)

/// 16 rows of 16 bytes become 16 columns; strides in bytes, of either sign.
VINLINE void transpose_16x16_u8(const uint8_t *in, long in_stride, uint8_t *out, long out_stride) {
  typedef VTYPE(uint8_t, 16) block;
  block a[16], b[16];
  UNROLLED(16) memcpy(&a[i], in + i * in_stride, 16);
  // Four rounds of interleaving the first half of the rows with the second.
  _Pragma("clang loop unroll(full)") for (int round = 0; round < 4; ++round) {
    UNROLLED(8) {
      b[2 * i] = __builtin_shufflevector(a[i], a[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,
                                         22, 7, 23);
      b[2 * i + 1] = __builtin_shufflevector(a[i], a[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,
                                             29, 14, 30, 15, 31);
    }
    UNROLLED(16) a[i] = b[i];
  }
  UNROLLED(16) memcpy(out + i * out_stride, &a[i], 16);
}

/// 8 rows of 8 16-bit pixels become 8 columns; strides in bytes, of either sign.
VINLINE void transpose_8x8_u16(const uint8_t *in, long in_stride, uint8_t *out, long out_stride) {
  typedef VTYPE(uint16_t, 16) block;
  block a[8], b[8];
  UNROLLED(8) memcpy(&a[i], in + i * in_stride, 16);
  _Pragma("clang loop unroll(full)") for (int round = 0; round < 3; ++round) {
    UNROLLED(4) {
      b[2 * i] = __builtin_shufflevector(a[i], a[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
      b[2 * i + 1] = __builtin_shufflevector(a[i], a[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
    }
    UNROLLED(8) a[i] = b[i];
  }
  UNROLLED(8) memcpy(out + i * out_stride, &a[i], 16);
}

/// Bytes of a line of the cache: as much of every output row is made at once.
#define LINE_BYTES 64

// A tile becomes columns in `tile` first and goes from there line by line: output rows lie far apart,
// often at a power of two, and parts of their lines would push each other out of the cache. What goes
// past the cache, at multiples of a line, is followed by `store_fence`; the rows further on are then
// asked for.
#define TRANSPOSE_TILE(name, block, side, bytes)                                                    \
  VINLINE void name(const uint8_t *in, long in_stride, uint8_t *out, long out_stride, long down,   \
                    long far) {                                                                     \
    _Alignas(LINE_BYTES) uint8_t tile[side * LINE_BYTES];                                           \
    for (long j = 0; j < down; ++j) {                                                               \
      if (far) {                                                                                    \
        for (int i = 0; i < side; i += LINE_BYTES / 16)                                             \
          prefetch(in + 4 * LINE_BYTES + (j * side + i + ((uintptr_t)in / 16) % 4) * in_stride);    \
      }                                                                                             \
      block(in + j * side * in_stride, in_stride, tile + j * side * bytes, LINE_BYTES);             \
    }                                                                                               \
    long count = down * side * bytes;                                                               \
    for (int i = 0; i < side; ++i) {                                                                \
      uint8_t *to = out + i * out_stride;                                                           \
      const uint8_t *from = tile + i * LINE_BYTES;                                                  \
      if (far && count == LINE_BYTES) {                                                             \
        for (int k = 0; k < LINE_BYTES; k += VECTOR_BYTES) vu8_stream(to + k, vu8_load(from + k));  \
      } else if (count == LINE_BYTES) {                                                             \
        for (int k = 0; k < LINE_BYTES; k += VECTOR_BYTES) vu8_store(to + k, vu8_load(from + k));   \
      } else {                                                                                      \
        memcpy(to, from, count);                                                                    \
      }                                                                                             \
    }                                                                                               \
  }
/// Up to four blocks of 16 rows of 16 bytes, one below the other.
TRANSPOSE_TILE(transpose_tile_u8, transpose_16x16_u8, 16, 1)
/// Up to four blocks of 8 rows of 8 16-bit pixels.
TRANSPOSE_TILE(transpose_tile_u16, transpose_8x8_u16, 8, 2)

#endif
