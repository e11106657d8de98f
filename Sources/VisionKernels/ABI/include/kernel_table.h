// The leaf loops of one instruction set, as a table of functions. One table is chosen at start;
// tests pass others. The kernels themselves are Swift (VisionKernels/Shared); the table is C because
// its function pointers cross modules.
//
// The rules of every row kernel, which callers keep and kernels rely on:
// - `count` pixels are written. Rows are at least 64 pixels long, or are followed by slack to one
//   whole register, for reading and for writing: the last register of a row may overlap the one
//   before it, or spill into the slack.
// - "padded" rows are scratch of ours: readable for 128 bytes past the pixels asked for and
//   writable up to the next whole register.
// - No allocation, no global state, no failure. Rows do not overlap unless said.
#ifndef INSPECT_KERNEL_TABLE_H
#define INSPECT_KERNEL_TABLE_H

#include <stdint.h>

#define KERNEL_TABLE __attribute__((swift_attr("@Sendable")))
#pragma clang assume_nonnull begin

typedef const uint8_t *u8_row;
typedef const uint16_t *u16_row;
typedef const uint32_t *u32_row;
typedef const float *f32_row;

/// Every pixel for itself; any count, no slack needed.
typedef struct KERNEL_TABLE point_kernels {
  /// kind: 0 binary, 1 binary-inv, 2 trunc, 3 tozero, 4 tozero-inv; "above" is pixel > threshold.
  void (*threshold8)(u8_row in, uint8_t *out, long count, long kind, uint8_t threshold, uint8_t max);
  void (*threshold16)(u16_row in, uint16_t *out, long count, long kind, uint16_t threshold,
                      uint16_t max);
  /// kind: 0 |a - b|, 1 a + b, 2 a - b (both saturating), 3 min, 4 max, 5 and, 6 or, 7 xor.
  void (*pair8)(u8_row a, u8_row b, uint8_t *out, long count, long kind);
  void (*pair16)(u16_row a, u16_row b, uint16_t *out, long count, long kind);
} point_kernels;

/// Numbers about a row; any count, no slack needed.
typedef struct KERNEL_TABLE measure_kernels {
  /// Adds to four tables of 256 counters that lie one behind the other; the histogram is their sum.
  void (*histogram8)(u8_row in, long count, uint32_t *tables);
  /// Adds to 65536 counters.
  void (*histogram16)(u16_row in, long count, uint32_t *table);
  /// sums[0] += pixels, sums[1] += squares; range[0] = min, range[1] = max of itself and the row.
  void (*moments8)(u8_row in, long count, uint64_t *sums, uint32_t *range);
  void (*moments16)(u16_row in, long count, uint64_t *sums, uint32_t *range);
} measure_kernels;

/// Weighted and unweighted sums along columns and rows.
typedef struct KERNEL_TABLE window_kernels {
  /// out[x] = in[x] + … + in[x + size - 1], wrapping: right where the sum fits in 16 bits. in padded.
  void (*row_sums8)(u8_row in, uint16_t *out, long count, long size);
  /// The same for 16-bit pixels in 32 bits.
  void (*row_sums16)(u16_row in, uint32_t *out, long count, long size);
  /// sums += entering - leaving; out = sums * scale, rounded to nearest. sums, entering, leaving
  /// padded; out too.
  void (*slide_sums8)(uint32_t *sums, u16_row entering, u16_row leaving, uint8_t *out, long count,
                      float scale);
  void (*slide_sums16)(uint32_t *sums, u32_row entering, u32_row leaving, uint16_t *out, long count,
                       float scale);
  /// sums += entering. Padded rows.
  void (*add_sums8)(uint32_t *sums, u16_row entering, long count);
  void (*add_sums16)(uint32_t *sums, u32_row entering, long count);

  /// out[x] = sum of weights[i] * rows[i][x] - 32768, as the bits of a signed number. Symmetric
  /// weights, an odd number of them, whole 256ths that add up to 256.
  void (*weigh_rows8)(const void *const _Nonnull *_Nonnull rows, u16_row weights, long taps,
                      uint16_t *out, long count);
  /// The second pass: out[x] = (sum of weights[i] * (in[x + i] + 32768) + 32768) >> 16. in padded.
  void (*weigh_window8)(u16_row in, u16_row weights, long taps, uint8_t *out, long count);
  /// The same two passes for weights 1 2 1 (3 taps) and 1 4 6 4 1 (5 taps), the sum not shifted.
  void (*binomial_rows8)(const void *const _Nonnull *_Nonnull rows, long taps, uint16_t *out,
                         long count);
  void (*binomial_window8)(u16_row in, long taps, uint8_t *out, long count);
  /// The two passes for 16-bit pixels, in single precision, terms added in ascending order.
  void (*weigh_rows16)(const void *const _Nonnull *_Nonnull rows, f32_row weights, long taps,
                       float *out, long count);
  void (*weigh_window16)(f32_row in, f32_row weights, long taps, uint16_t *out, long count);
} window_kernels;

/// Minima and maxima; `largest` is 0 for minima and 1 for maxima.
typedef struct KERNEL_TABLE order_kernels {
  /// out[x] = the extreme of in[x ..< x + size]. in and work padded; both may be overwritten.
  void (*row_extremes8)(uint8_t *in, uint8_t *out, long count, long size, long largest);
  void (*row_extremes16)(uint16_t *in, uint16_t *out, long count, long size, long largest);
  /// out[x] = the extreme of rows[i][x], i < taps.
  void (*column_extremes8)(const void *const _Nonnull *_Nonnull rows, long taps, uint8_t *out,
                           long count, long largest);
  void (*column_extremes16)(const void *const _Nonnull *_Nonnull rows, long taps, uint16_t *out,
                            long count, long largest);
  /// out[x] = the extreme of a[x] and b[x]; out may be a or b.
  void (*extremes8)(u8_row a, u8_row b, uint8_t *out, long count, long largest);
  void (*extremes16)(u16_row a, u16_row b, uint16_t *out, long count, long largest);
  /// prefix = the extreme of prefix and in; out = the extreme of prefix and suffix.
  void (*join_extremes8)(uint8_t *prefix, u8_row in, u8_row suffix, uint8_t *out, long count,
                         long largest);
  void (*join_extremes16)(uint16_t *prefix, u16_row in, u16_row suffix, uint16_t *out, long count,
                          long largest);
} order_kernels;

typedef struct KERNEL_TABLE kernel_table {
  /// Told by the kernels as they were compiled, proof of what runs: the bytes of a register, and
  /// the x86-64 level (2, 3, 4), 0 elsewhere.
  long register_bytes;
  long compiled_level;
  point_kernels point;
  measure_kernels measure;
  window_kernels window;
  order_kernels order;
} kernel_table;

#pragma clang assume_nonnull end
#endif
