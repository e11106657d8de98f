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

/// Between the cache and the memory behind it.
typedef struct KERNEL_TABLE memory_kernels {
  /// Asks for so many bytes from `from` on, which will be read soon; they need not be ours.
  void (*ask)(const void *from, long bytes);
  /// Copies past the cache; others see it after `settle`. Any count, no slack needed.
  void (*stream)(const void *from, void *to, long bytes);
  void (*settle)(void);
} memory_kernels;

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
  /// Counts neighbours two by two: adds to 65536 counters, one for each pair of levels, the left
  /// one in the low byte. count is even.
  void (*histogram_pairs8)(u8_row in, long count, uint32_t *pairs);
  /// Adds to 65536 counters.
  void (*histogram16)(u16_row in, long count, uint32_t *table);
  /// sums[0] += pixels, sums[1] += squares; range[0] = min, range[1] = max of itself and the row.
  void (*moments8)(u8_row in, long count, uint64_t *sums, uint32_t *range);
  void (*moments16)(u16_row in, long count, uint64_t *sums, uint32_t *range);
  /// out[x] = above[x] + the sum of in up to and including x. Any count, no slack needed.
  void (*integral8)(u8_row in, const int32_t *above, int32_t *out, long count);
  void (*integral16)(u16_row in, const int32_t *above, int32_t *out, long count);
  void (*integral8_wide)(u8_row in, const double *above, double *out, long count);
  void (*integral16_wide)(u16_row in, const double *above, double *out, long count);
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
  /// Of every row: out[x] = the extreme of in[x ..< x + size], size at least 2. Strides in pixels, whole
  /// lines of 64 bytes apart. in padded; it is overwritten from the line boundary before it on.
  void (*row_extremes8)(uint8_t *in, long in_stride, uint8_t *out, long out_stride, long rows, long count,
                        long size, long largest);
  void (*row_extremes16)(uint16_t *in, long in_stride, uint16_t *out, long out_stride, long rows,
                         long count, long size, long largest);
  /// The rows of out are `stride` pixels apart: out[k][x] = the extreme of rows[k ..< k + taps][x] for
  /// k < outputs, taps at least 2. For few taps.
  void (*column_extremes8)(const void *const _Nonnull *_Nonnull rows, long taps, uint8_t *out, long stride,
                           long outputs, long count, long largest);
  void (*column_extremes16)(const void *const _Nonnull *_Nonnull rows, long taps, uint16_t *out,
                            long stride, long outputs, long count, long largest);
  /// Row by row: running[x] = the extreme of itself and rows[k][x]; out[k][x] = that, or the extreme of
  /// that and others[k][x]. Strides, in pixels, of either sign. running is padded and only for this.
  void (*running_extremes8)(const void *const _Nonnull *_Nonnull rows, long row_count, uint8_t *running,
                            uint8_t *_Nullable others, long others_stride, uint8_t *out, long stride,
                            long count, long largest);
  void (*running_extremes16)(const void *const _Nonnull *_Nonnull rows, long row_count,
                             uint16_t *running, uint16_t *_Nullable others, long others_stride,
                             uint16_t *out, long stride, long count, long largest);
  /// out[x] = the extreme of a[x] and b[x]; out may be a or b.
  void (*extremes8)(u8_row a, u8_row b, uint8_t *out, long count, long largest);
  void (*extremes16)(u16_row a, u16_row b, uint16_t *out, long count, long largest);
} order_kernels;

/// A new level for every level.
typedef struct KERNEL_TABLE level_kernels {
  /// out[x] = table[in[x]]; 256 or 65536 entries. Any count, no slack needed.
  void (*look_up8)(u8_row in, uint8_t *out, long count, u8_row table);
  void (*look_up16)(u16_row in, uint16_t *out, long count, u16_row table);
  /// All bits the other way round; counts bytes.
  void (*invert)(u8_row in, uint8_t *out, long bytes);
  /// scale * a * b in single precision, from left to right, rounded to nearest even and saturated.
  void (*multiply8)(u8_row a, u8_row b, uint8_t *out, long count, float scale);
  void (*multiply16)(u16_row a, u16_row b, uint16_t *out, long count, float scale);
  /// out = a - b > margin ? above : otherwise. Any count, no slack needed; b padded.
  void (*compare8)(u8_row a, u8_row b, uint8_t *out, long count, long margin, uint8_t above,
                   uint8_t otherwise);
  /// out[x] = table[in[x]]. Any count, no slack needed.
  void (*fetch8)(u8_row in, uint32_t *out, long count, u32_row table);
  /// out[x] = low[x] | high[x] << 16, numbers from 0 on. Any count, no slack needed.
  void (*join_pairs)(const int16_t *low, const int16_t *high, uint32_t *out, long count);
  /// Of every lane the low and the high 16 bits, weighed by those of weights: out = sum >> 15,
  /// rounded. Padded rows.
  void (*mix_pairs8)(u32_row pairs, u32_row weights, uint8_t *out, long count);
} level_kernels;

/// Differences: signed sums along columns and rows.
typedef struct KERNEL_TABLE derivative_kernels {
  /// out[x] = sum of weights[i] * rows[i][x], wrapping in 16 bits.
  void (*rows8)(const void *const _Nonnull *_Nonnull rows, const int16_t *weights, long taps,
                int16_t *out, long count);
  /// out[x] = sum of first[i] * a[x + i] + second[i] * b[x + i], saturated to 16 bits, plus 32768.
  /// a and b padded.
  void (*window)(const int16_t *a, const int16_t *b, const int16_t *first, const int16_t *second,
                 long taps, uint16_t *out, long count);
  /// One term of three taps whose sums fit in 16 bits.
  void (*window3)(const int16_t *a, const int16_t *weights, uint16_t *out, long count);
  /// smooth = above + 2 * here + below, slope = below - above.
  void (*sobel_rows8)(u8_row above, u8_row here, u8_row below, int16_t *smooth, int16_t *slope,
                      long count);
  /// |smooth[x + 2] - smooth[x]| + |slope[x] + 2 * slope[x + 1] + slope[x + 2]|, saturated. Padded.
  void (*gradient_window8)(const int16_t *smooth, const int16_t *slope, uint8_t *out, long count);
  /// The same sums one by one, and not saturated. Padded, out too.
  void (*sobel_window)(const int16_t *smooth, const int16_t *slope, int16_t *dx, int16_t *dy,
                       uint16_t *sum, long count);
  /// 0 no edge, 1 perhaps, 2 certain: sums that are not exceeded across the edge. The rows of sums
  /// have one pixel of border on either side: sum[0] lies left of the first pixel. Padded.
  void (*suppress)(const int16_t *dx, const int16_t *dy, u16_row above, u16_row here, u16_row below,
                   uint8_t *out, long count, uint16_t low, uint16_t high);
} derivative_kernels;

/// The middle one of a window.
typedef struct KERNEL_TABLE rank_kernels {
  /// Sorts every column of size (3 or 5) rows: the least to out, the next to out + stride, …
  void (*sort_columns8)(const void *const _Nonnull *_Nonnull rows, long size, uint8_t *out,
                        long stride, long count);
  void (*sort_columns16)(const void *const _Nonnull *_Nonnull rows, long size, uint16_t *out,
                         long stride, long count);
  /// The median of size sorted columns: of the window that begins at each pixel. Padded.
  void (*median_window8)(u8_row columns, long size, long stride, uint8_t *out, long count);
  void (*median_window16)(u16_row columns, long size, long stride, uint16_t *out, long count);
  /// The medians of 3x3 pixels of two rows, upper around rows[1] and lower around rows[2] of four
  /// rows: those of columns 1 ... count - 2. count: at least a register and two.
  void (*median3_rows8)(const void *const _Nonnull *_Nonnull rows, uint8_t *upper, uint8_t *lower,
                        long count);
  void (*median3_rows16)(const void *const _Nonnull *_Nonnull rows, uint16_t *upper, uint16_t *lower,
                         long count);
  /// The medians of windows of size x size pixels along a row. columns: for each of count + size - 1
  /// columns of the windows, how often each of 16 groups of levels and each of 256 levels occurs in it.
  /// work: 256 numbers; reached: 16.
  void (*counted_medians8)(u16_row columns, long size, uint16_t *work, long *reached, uint8_t *out,
                           long count);
  /// Weighs neighbours by how like they are: for every pixel and every neighbour at an offset (in
  /// bytes) its weight is exp2(-(difference^2 * colour + distance[i])). in has room around it.
  void (*bilateral8)(u8_row in, const long *offsets, f32_row distances, long neighbours, float colour,
                     uint8_t *out, long count);
  /// in[x], other[x] in turns: count of each. Padded.
  void (*interleave8)(u8_row in, u8_row other, uint8_t *out, long count);
  /// The same in 16 bits, two neighbours at a time: here has every pixel twice, here + offsets[i] two
  /// neighbours of each, and weights[i] holds theirs for the distance (one in each half, 32767 is 1).
  /// The weight of a difference d is exp(-16 y), y = min(d, most)^2 * scale * slope / 2^32, which
  /// must stay below 1. At most 256 neighbours. Padded, out too.
  void (*bilateral_pairs8)(u8_row here, const long *offsets, u32_row weights, long pairs,
                           uint16_t most, uint16_t scale, uint16_t slope, uint8_t *out, long count);
} rank_kernels;

/// Pixels at other places.
typedef struct KERNEL_TABLE place_kernels {
  void (*reverse8)(u8_row in, uint8_t *out, long count);
  void (*reverse16)(u16_row in, uint16_t *out, long count);
  /// Blocks of 16 rows (8 of 16-bit pixels) and as many columns become columns: so many side by side,
  /// and `down` of them, at most four, one below the other. Out row i is column i. Strides in bytes, of
  /// either sign. Where far is not 0 and down is 4, out lies at multiples of 64 bytes and is written
  /// past the cache.
  void (*transpose8)(u8_row in, long in_stride, uint8_t *out, long out_stride, long blocks, long down,
                     long far);
  void (*transpose16)(u8_row in, long in_stride, uint8_t *out, long out_stride, long blocks, long down,
                      long far);
  /// The rounded mean of 2 x 2 pixels. Any count, no slack needed.
  void (*halve8)(u8_row upper, u8_row lower, uint8_t *out, long count);
  void (*halve16)(u16_row upper, u16_row lower, uint16_t *out, long count);
  /// 1 4 6 4 1 along columns; out as 16 or 32 bits.
  void (*pyramid_rows8)(const void *const _Nonnull *_Nonnull rows, uint16_t *out, long count);
  void (*pyramid_rows16)(const void *const _Nonnull *_Nonnull rows, uint32_t *out, long count);
  /// 1 4 6 4 1 along the row at every second pixel, by 256, rounded: out[x] from in[2x ... 2x + 4].
  void (*pyramid_window8)(u16_row in, uint8_t *out, long count);
  void (*pyramid_window16)(u32_row in, uint16_t *out, long count);
  /// Two rows mixed, 16384 parts in all, in parts of 1/128 of a level.
  void (*mix_levels8)(u8_row upper, u8_row lower, int16_t *out, long count, int16_t upper_part,
                      int16_t lower_part);
  /// Pairs of such numbers at places mixed, parts[x] holding 16384 in all in its halves, and rounded
  /// to levels. Padded; work has room for 256 numbers, as below.
  void (*mix_pairs8)(const int16_t *in, const int32_t *places, u32_row parts, uint8_t *out, long count,
                     uint32_t *work);
  /// The same of as many numbers from each place on as the span, a multiple of four, has; weights
  /// span by span. In single precision, rounded and saturated. Padded.
  void (*mix_spans8)(f32_row in, const int32_t *places, f32_row weights, long span, float *work,
                     uint8_t *out, long count);
  void (*mix_spans16)(f32_row in, const int32_t *places, f32_row weights, long span, float *work,
                      uint16_t *out, long count);
  /// out[x] = sum of weights[i] * rows[i][x], in single precision, added from the first on.
  void (*weigh_columns8)(const void *const _Nonnull *_Nonnull rows, f32_row weights, long taps,
                         float *out, long count);
  void (*weigh_columns16)(const void *const _Nonnull *_Nonnull rows, f32_row weights, long taps,
                          float *out, long count);
  /// The same of rows of single precision, rounded and saturated.
  void (*weigh4_8)(const void *const _Nonnull *_Nonnull rows, f32_row weights, long taps,
                   uint8_t *out, long count);
  /// out[x] = start + step * x. Padded.
  void (*ramp)(float *out, long count, float start, float step);
  /// values /= divisors, 0 where the divisor is 0. Padded.
  void (*divide)(float *values, f32_row divisors, long count);
  /// Pixels at real places, linear between four. Sixteen places of which one has not all of them
  /// inside are left out, and their flag is set. Padded rows; work has room for 1024 numbers.
  void (*sample_linear8)(u8_row in, long stride, long width, long height, f32_row xs, f32_row ys,
                         uint8_t *out, long count, uint8_t *flags, uint32_t *work);
  void (*sample_linear16)(u8_row in, long stride, long width, long height, f32_row xs, f32_row ys,
                          uint16_t *out, long count, uint8_t *flags, uint32_t *work);
  /// The same, cubic between sixteen.
  void (*sample_cubic8)(u8_row in, long stride, long width, long height, f32_row xs, f32_row ys,
                        uint8_t *out, long count, uint8_t *flags, uint32_t *work);
  void (*sample_cubic16)(u8_row in, long stride, long width, long height, f32_row xs, f32_row ys,
                         uint16_t *out, long count, uint8_t *flags, uint32_t *work);
} place_kernels;

/// Distances, sums and lines of flat pictures.
typedef struct KERNEL_TABLE distance_kernels {
  /// rows below: out = in is zero ? 0 : above + 1, saturating at 65535 / 2.
  void (*grow8)(u8_row in, u16_row above, uint16_t *out, long count);
  void (*grow16)(u16_row in, u16_row above, uint16_t *out, long count);
  /// columns = min(here, columns + 1): from the row below to this one. columns padded.
  void (*sweep)(u16_row here, uint16_t *columns, long count);
  /// out = columns squared; answers the largest of columns. Padded.
  long (*square)(u16_row columns, uint32_t *out, long count);
  /// out[x] = min over |k| <= reach of in[x + k]^2 + k^2, as 256 times its root, saturated. in has
  /// reach pixels of border on either side. Padded.
  void (*nearest)(u32_row squares, long reach, uint16_t *out, long count);
} distance_kernels;

/// Stretches of foreground of flat pictures.
typedef struct KERNEL_TABLE run_kernels {
  /// The ends of a row's runs of pixels above the threshold, or of the others where `dark` is 1:
  /// ends[2i] is the first column of run i, ends[2i + 1] one past its last. Answers the number of
  /// ends; there is room for count + 1. Nothing is written to pixels, so slack is only read.
  long (*find8)(u8_row in, long count, uint8_t threshold, long dark, int32_t *ends);
  long (*find16)(u16_row in, long count, uint16_t threshold, long dark, int32_t *ends);
} run_kernels;

/// Correlation of small templates with a whole picture of a coarse level. Padded rows all through;
/// outputs are written up to four whole registers past the count.
typedef struct KERNEL_TABLE correlate_kernels {
  /// out[x] = the four pixels from in[x] on.
  void (*quads8)(u8_row in, uint32_t *out, long count);
  /// sums[x] = in[0] + … + in[x - 1], squares the same of squares; both wrap.
  void (*running8)(u8_row in, uint32_t *sums, uint32_t *squares, long count);
  /// out[x] = sum over all terms, a multiple of four, of the four products of the bytes of
  /// quads[x + offset] (unsigned) and of the word (signed, -15 ... 15, so that the sums of eight
  /// products, 30600 at most, fit in 16 bits).
  void (*dots8)(u32_row quads, const int32_t *offsets, const int32_t *words, long terms,
                int32_t *out, long count);
  /// out[x] = sum over all spans of running[x + end] - running[x + start].
  void (*spans)(u32_row running, const int32_t *starts, const int32_t *ends, long spans,
                uint32_t *out, long count);
  /// The correlation coefficient of dot products, sums and sums of squares; where it is better than
  /// the best so far it takes its place, and the pose is noted. weights: pixels, the template's mean,
  /// the root of its power, the least variance; either: the sign does not matter.
  void (*rate)(const int32_t *dots, const int32_t *sums, const int32_t *squares, f32_row weights,
               long either, int32_t pose, float *best, int32_t *poses, long count);
  /// Pixels at (pose[0] + a x + b y, pose[1] + a y - b x) with a, b = pose[2], pose[3], linear between
  /// four; -1 outside. Answers how many lie inside.
  long (*sample8)(u8_row in, long stride, long width, long height, f32_row xs, f32_row ys,
                  const float *pose, float *out, long count);
  /// out: the sums of the samples, of their squares, and of their products with the five rows of
  /// basis, stride apart. count is a multiple of 16.
  void (*moments)(f32_row samples, f32_row basis, long stride, float *out, long count);
  /// out[x] = the sum of maps[x + offset] over all offsets, which fits in 8 bits; answers the largest.
  /// Written up to a whole register past the count.
  long (*sums8)(u8_row maps, const int32_t *offsets, long terms, uint8_t *out, long count);
} correlate_kernels;

typedef __attribute__((ext_vector_type(16))) uint8_t sixteen_bytes;
typedef __attribute__((ext_vector_type(8))) uint16_t eight_words;

/// Eight samples of a camera in a row without gaps, and how they become words:
/// high << shift | (low * factors >> down & mask), 16 bits each.
typedef struct sample_plan {
  /// Bytes of eight samples, at most 16.
  long step;
  /// Which of the bytes make up each sample's two words, the lower one first; 128: a zero.
  sixteen_bytes high;
  sixteen_bytes low;
  eight_words factors;
  int shift;
  int down;
  uint16_t mask;
} sample_plan;

/// Rows as cameras write them. Whole registers only: each answers how many pixels it has done, an
/// even number; nothing is read or written beyond them, and whoever calls does the rest.
typedef struct KERNEL_TABLE camera_kernels {
  /// `bytes` of the row may be read. Answers a multiple of 8.
  long (*unpack)(u8_row in, long bytes, uint16_t *out, long count, const sample_plan *plan);
  /// Red, green, blue of BT.601 in video range, 20 bits of fixed point. Where the first luma byte
  /// (the second is two further) and the colour differences lie in each four bytes.
  long (*yuv422)(u8_row in, uint8_t *out, long count, long luma, long u, long v);
  /// The same of a row of luma and one of u and v in turn, or v and u.
  long (*yuv420)(u8_row luma, u8_row colour, uint8_t *out, long count, long v_first);
} camera_kernels;

/// Pixels of three channels.
typedef struct KERNEL_TABLE colour_kernels {
  /// BT.601 in 15-bit parts. Any count, no slack needed.
  void (*gray8)(u8_row in, uint8_t *out, long count);
  /// Red, green, blue of columns 1 ... count - 2 of a mosaic's row between its neighbours. first: 0
  /// or 1, the first column that is not green; swap: 0 where that is red, 1 where it is blue. Any
  /// count from 3, no slack needed.
  void (*demosaic8)(u8_row above, u8_row here, u8_row below, uint8_t *out, long count, long first,
                    long swap);
  void (*demosaic16)(u16_row above, u16_row here, u16_row below, uint16_t *out, long count,
                     long first, long swap);
  /// The same, but for green where it was not seen: the mean of the two neighbours, beside or above and
  /// below, that differ less, else beside.
  void (*demosaic_along_edges8)(u8_row above, u8_row here, u8_row below, uint8_t *out, long count,
                                long first, long swap);
  void (*demosaic_along_edges16)(u16_row above, u16_row here, u16_row below, uint16_t *out, long count,
                                 long first, long swap);
  /// Hue, saturation, value: value the largest, spread what it has over the least; saturation = (spread *
  /// saturations[value] + 2048) >> 12 and hue = (part * hues[spread] + 2048) >> 12, below 0 plus 180, where
  /// part is green - blue, blue - red + 2 spread, or red - green + 4 spread, by which is the value. Any
  /// count, no slack needed; work: 384 bytes.
  void (*hsv8)(u8_row in, uint8_t *out, long count, const int32_t *hues, const int32_t *saturations,
               uint8_t *work);
  /// L, a, b: linear[level] of the three, mixed by nine parts of 1/4096, bent[that], mixed and rounded.
  /// Any count, no slack needed; work: 384 bytes.
  void (*lab8)(u8_row in, uint8_t *out, long count, const int32_t *linear, const int32_t *bent,
               const int32_t *parts, uint8_t *work);
} colour_kernels;

/// Rows of single precision for the learned methods: any count, no slack needed. Sums are added in
/// the order told, so that every instruction set gives the same bits.
typedef struct KERNEL_TABLE plane_kernels {
  /// out[x] = 0 + weights[0] * base[x + offsets[0]] + …, added from the first on. out lies elsewhere.
  void (*weigh)(f32_row base, const long *offsets, f32_row weights, long taps, float *out, long count);
  /// out[x] = the larger of itself and that sum.
  void (*raise)(f32_row base, const long *offsets, f32_row weights, long taps, float *out, long count);
  /// out = sums * scale, then sums += entering - leaving.
  void (*slide)(float *sums, f32_row entering, f32_row leaving, float *out, long count, float scale);
  /// out[x] = the larger of itself and min((in[x] - mean) * scale - 1, most).
  void (*rate)(f32_row in, float *out, long count, float mean, float scale, float most);
  /// out[x] = max(0, here[x] + decay * the largest of ahead[x - 1 ... x + 1]). ahead has one number
  /// on either side; out is another row.
  void (*path)(f32_row here, f32_row ahead, float *out, long count, float decay);
  /// sums[x] = the sum down the rows of the squared difference of the three planes of a and b.
  void (*differ)(const f32_row _Nonnull *_Nonnull a, const f32_row _Nonnull *_Nonnull b,
                 long a_stride, long b_stride, long rows, float *sums, long count);
  /// nearest = the smaller of itself and the mean over 9 x 9 pixels of the squared difference of the
  /// three planes of a and b, which begin four rows and four columns before it, and of b from so
  /// many columns across and rows down on, each in its turn; sums of three columns are added up.
  /// Registers are read past the last column. work: for every shift fourteen rows of count + 8
  /// numbers, rounded up to 16, and 32 numbers more.
  void (*lower)(const f32_row _Nonnull *_Nonnull a, const f32_row _Nonnull *_Nonnull b,
                long a_stride, long b_stride, long rows, long count, long across, long down,
                float *work, float *nearest, long nearest_stride);
} plane_kernels;

/// Pixels of single precision: any count, no slack needed where not said.
typedef struct KERNEL_TABLE real_kernels {
  /// kind as of pair8, up to 4.
  void (*pair)(f32_row a, f32_row b, float *out, long count, long kind);
  /// scale * a * b, from left to right.
  void (*multiply)(f32_row a, f32_row b, float *out, long count, float scale);
  /// kind as of threshold8.
  void (*threshold)(f32_row in, float *out, long count, long kind, float threshold, float max);
  /// As sort_columns8 and median_window8. Padded.
  void (*sort_columns)(const void *const _Nonnull *_Nonnull rows, long size, float *out, long stride, long count);
  void (*median_window)(f32_row columns, long size, long stride, float *out, long count);
} real_kernels;

/// Patterns with a bit a pixel, 64 pixels a word; strides in words. Padded: a register and a word may
/// be read past what is told of every row, and a register written past what is told of the answer.
typedef struct KERNEL_TABLE pattern_kernels {
  /// counts[i] = bits of the rows, at most eight, in which the eight of part from 8 i on are unlike
  /// those of other from 8 i + shift on; shift from 0 to 63.
  void (*unlike)(const uint64_t *part, long part_stride, const uint64_t *other, long other_stride,
                 long shift, long rows, uint8_t *counts, long words);
  /// out[x] = counts[x] + … + counts[x + span - 1], at most 1000 of them.
  void (*gather)(u8_row counts, long span, uint16_t *out, long count);
  /// sums += entering; where that is less than least, it is the least and number the choice; then
  /// sums -= leaving.
  void (*choose)(uint16_t *sums, u16_row entering, u16_row leaving, uint16_t *least,
                 uint16_t *choices, uint16_t number, long count);
} pattern_kernels;

typedef struct KERNEL_TABLE kernel_table {
  /// Told by the kernels as they were compiled, proof of what runs: the bytes of a register, and
  /// the x86-64 level (2, 3, 4), 0 elsewhere.
  long register_bytes;
  long compiled_level;
  memory_kernels memory;
  point_kernels point;
  measure_kernels measure;
  window_kernels window;
  order_kernels order;
  level_kernels level;
  derivative_kernels derivative;
  rank_kernels rank;
  place_kernels place;
  distance_kernels distance;
  run_kernels run;
  correlate_kernels correlate;
  camera_kernels camera;
  colour_kernels colour;
  plane_kernels plane;
  real_kernels real;

  pattern_kernels pattern;
} kernel_table;

#pragma clang assume_nonnull end
#endif
