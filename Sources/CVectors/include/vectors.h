// Vector primitives for the kernels: what Swift's SIMD types do not lower to one instruction.
//
// A vector is one register of the instruction set that the including module is compiled for: 16
// bytes (x86-64-v2, NEON), 32 (v3) or 64 (v4). The element type is in the name: u8, u16, s16, u32,
// s32, f32. Loads and stores are unaligned. Everything is a clang vector operation, so that it
// compiles for any machine; x86 instructions that clang does not find by itself stand behind #if.
#ifndef INSPECT_VECTORS_H
#define INSPECT_VECTORS_H

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#if defined(__AVX512BW__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif

#define VINLINE static inline __attribute__((always_inline))
#define VTYPE(element, bytes) __attribute__((ext_vector_type((bytes) / sizeof(element)))) element

typedef VTYPE(uint8_t, VECTOR_BYTES) vu8;
typedef VTYPE(int8_t, VECTOR_BYTES) vs8;
typedef VTYPE(uint16_t, VECTOR_BYTES) vu16;
typedef VTYPE(int16_t, VECTOR_BYTES) vs16;
typedef VTYPE(uint32_t, VECTOR_BYTES) vu32;
typedef VTYPE(int32_t, VECTOR_BYTES) vs32;
typedef VTYPE(float, VECTOR_BYTES) vf32;
// Parts of a register, for widening loads and narrowing stores.
typedef VTYPE(uint8_t, VECTOR_BYTES / 2) vu8_half;
typedef VTYPE(uint8_t, VECTOR_BYTES / 4) vu8_quarter;
typedef VTYPE(uint16_t, VECTOR_BYTES / 2) vu16_half;

/// Bytes in a register of the including module: proves which instruction set a table was made for.
VINLINE long vector_bytes(void) { return VECTOR_BYTES; }

/// 4 where compiled for x86-64-v4, 3 for v3, 2 for v2, 0 elsewhere.
VINLINE long vector_level(void) {
#if defined(__AVX512BW__)
  return 4;
#elif defined(__AVX2__)
  return 3;
#elif defined(__SSE4_2__)
  return 2;
#else
  return 0;
#endif
}

/// Asks for the cache line at `p`, which need not be memory of ours.
VINLINE void prefetch(const void *p) { __builtin_prefetch(p); }

/// Stores past the cache, at multiples of the register's size; what was stored so is seen by others
/// after `store_fence`.
VINLINE void vu8_stream(void *p, vu8 v) { __builtin_nontemporal_store(v, (vu8 *)p); }
VINLINE void store_fence(void) {
#if defined(__x86_64__)
  __builtin_ia32_sfence();
#else
  __atomic_thread_fence(__ATOMIC_RELEASE);
#endif
}

// Loads, stores, one value in every lane.
#define VMEMORY(type, element)                                                    \
  VINLINE type type##_load(const void *p) {                                      \
    type v;                                                                       \
    memcpy(&v, p, sizeof v);                                                      \
    return v;                                                                     \
  }                                                                               \
  VINLINE void type##_store(void *p, type v) { memcpy(p, &v, sizeof v); }         \
  VINLINE type type##_splat(element x) { return (type)(x); }
VMEMORY(vu8, uint8_t)
VMEMORY(vu16, uint16_t)
VMEMORY(vs16, int16_t)
VMEMORY(vu32, uint32_t)
VMEMORY(vs32, int32_t)
VMEMORY(vf32, float)

// Wrapping arithmetic and order.
#define VARITHMETIC(type)                                                         \
  VINLINE type type##_add(type a, type b) { return a + b; }                       \
  VINLINE type type##_sub(type a, type b) { return a - b; }                       \
  VINLINE type type##_mul(type a, type b) { return a * b; }                       \
  VINLINE type type##_min(type a, type b) { return __builtin_elementwise_min(a, b); } \
  VINLINE type type##_max(type a, type b) { return __builtin_elementwise_max(a, b); }
VARITHMETIC(vu8)
VARITHMETIC(vu16)
VARITHMETIC(vs16)
VARITHMETIC(vu32)
VARITHMETIC(vs32)
VINLINE vf32 vf32_add(vf32 a, vf32 b) { return a + b; }
VINLINE vf32 vf32_sub(vf32 a, vf32 b) { return a - b; }
VINLINE vf32 vf32_mul(vf32 a, vf32 b) { return a * b; }

// The order of 16-bit lanes in a register that is otherwise moved as bytes.
VINLINE vu8 vu8_min_u16(vu8 a, vu8 b) { return (vu8)__builtin_elementwise_min((vu16)a, (vu16)b); }
VINLINE vu8 vu8_max_u16(vu8 a, vu8 b) { return (vu8)__builtin_elementwise_max((vu16)a, (vu16)b); }

// Saturating sums and differences.
VINLINE vu8 vu8_add_saturating(vu8 a, vu8 b) { return __builtin_elementwise_add_sat(a, b); }
VINLINE vu8 vu8_sub_saturating(vu8 a, vu8 b) { return __builtin_elementwise_sub_sat(a, b); }
VINLINE vu16 vu16_add_saturating(vu16 a, vu16 b) { return __builtin_elementwise_add_sat(a, b); }
VINLINE vu16 vu16_sub_saturating(vu16 a, vu16 b) { return __builtin_elementwise_sub_sat(a, b); }

// Rounded up means: (a + b + 1) / 2.
VINLINE vu8 vu8_average(vu8 a, vu8 b) {
  typedef VTYPE(uint16_t, VECTOR_BYTES * 2) wide;
  wide sum = __builtin_convertvector(a, wide) + __builtin_convertvector(b, wide);
  return __builtin_convertvector((sum + (uint16_t)1) >> (uint16_t)1, vu8);
}
VINLINE vu16 vu16_average(vu16 a, vu16 b) {
  typedef VTYPE(uint32_t, VECTOR_BYTES * 2) wide;
  wide sum = __builtin_convertvector(a, wide) + __builtin_convertvector(b, wide);
  return __builtin_convertvector((sum + 1u) >> 1u, vu16);
}

// Logical shifts by the same count in every lane.
VINLINE vu16 vu16_shift_right(vu16 a, int n) { return a >> (uint16_t)n; }
VINLINE vu16 vu16_shift_left(vu16 a, int n) { return a << (uint16_t)n; }
VINLINE vu32 vu32_shift_right(vu32 a, int n) { return a >> (uint32_t)n; }
VINLINE vs32 vs32_shift_right(vs32 a, int n) { return a >> (int32_t)n; }

// Widening loads: as many narrow pixels as the wide register has lanes.
VINLINE vu16 vu16_load_u8(const void *p) {
  vu8_half v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, vu16);
}
VINLINE vu32 vu32_load_u8(const void *p) {
  vu8_quarter v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, vu32);
}
VINLINE vu32 vu32_load_u16(const void *p) {
  vu16_half v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, vu32);
}
VINLINE vf32 vf32_load_u16(const void *p) {
  return __builtin_convertvector(__builtin_convertvector(vu32_load_u16(p), vs32), vf32);
}
VINLINE vf32 vf32_load_u8(const void *p) {
  return __builtin_convertvector(__builtin_convertvector(vu32_load_u8(p), vs32), vf32);
}

// Narrowing stores: the low bits of every lane.
VINLINE void vu16_store_u8(void *p, vu16 v) {
  vu8_half narrow = __builtin_convertvector(v, vu8_half);
  memcpy(p, &narrow, sizeof narrow);
}
VINLINE void vu32_store_u8(void *p, vu32 v) {
  vu8_quarter narrow = __builtin_convertvector(v, vu8_quarter);
  memcpy(p, &narrow, sizeof narrow);
}
VINLINE void vu32_store_u16(void *p, vu32 v) {
  vu16_half narrow = __builtin_convertvector(v, vu16_half);
  memcpy(p, &narrow, sizeof narrow);
}

// Real and whole numbers; real values are cut towards zero.
VINLINE vf32 vf32_from_s32(vs32 a) { return __builtin_convertvector(a, vf32); }
VINLINE vs32 vs32_from_f32(vf32 a) { return __builtin_convertvector(a, vs32); }
VINLINE vs32 vs32_from_u32(vu32 a) { return (vs32)a; }
VINLINE vu32 vu32_from_s32(vs32 a) { return (vu32)a; }
VINLINE vs16 vs16_from_u32(vu32 a) { return (vs16)a; }
VINLINE vs16 vs16_from_u16(vu16 a) { return (vs16)a; }
VINLINE vu16 vu16_from_u32(vu32 a) { return (vu16)a; }
VINLINE vu8 vu8_from_u16(vu16 a) { return (vu8)a; }
VINLINE vu16 vu16_from_u8(vu8 a) { return (vu16)a; }
VINLINE vs16 vs16_from_s32(vs32 a) { return (vs16)a; }
VINLINE vu16 vu16_from_s16(vs16 a) { return (vu16)a; }

/// a[2i] * b[2i] + a[2i + 1] * b[2i + 1] in 32 bits.
VINLINE vs32 vs16_dot_pairs(vs16 a, vs16 b) {
#if defined(__AVX512BW__)
  return (vs32)_mm512_madd_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (vs32)_mm256_madd_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (vs32)_mm_madd_epi16((__m128i)a, (__m128i)b);
#else
  typedef VTYPE(int16_t, VECTOR_BYTES / 2) vs16_half;
  vs16_half ae = a.even, ao = a.odd, be = b.even, bo = b.odd;
  return __builtin_convertvector(ae, vs32) * __builtin_convertvector(be, vs32) +
         __builtin_convertvector(ao, vs32) * __builtin_convertvector(bo, vs32);
#endif
}

/// The sums of the products of neighbouring bytes, a unsigned and b signed; they must fit in 16 bits.
VINLINE vs16 vu32_dot_pairs(vu32 a, vu32 b) {
#if defined(__AVX512BW__)
  return (vs16)_mm512_maddubs_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (vs16)_mm256_maddubs_epi16((__m256i)a, (__m256i)b);
#elif defined(__SSSE3__)
  return (vs16)_mm_maddubs_epi16((__m128i)a, (__m128i)b);
#else
  vs16 first = (vs16)((vu16)a & (uint16_t)255) * ((vs16)((vu16)b << (uint16_t)8) >> (int16_t)8);
  return first + (vs16)((vu16)a >> (uint16_t)8) * ((vs16)b >> (int16_t)8);
#endif
}
/// The sums of neighbouring lanes.
VINLINE vs32 vs16_add_pairs(vs16 a) {
#if defined(__AVX512BW__)
  return (vs32)_mm512_madd_epi16((__m512i)a, _mm512_set1_epi16(1));
#elif defined(__AVX2__)
  return (vs32)_mm256_madd_epi16((__m256i)a, _mm256_set1_epi16(1));
#elif defined(__SSSE3__)
  return (vs32)_mm_madd_epi16((__m128i)a, _mm_set1_epi16(1));
#else
  return ((vs32)((vu32)a << 16u) >> 16) + ((vs32)a >> 16);
#endif
}
/// A shift that brings zeros in.
VINLINE vs32 vs32_shift_right_unsigned(vs32 a, int n) { return (vs32)((vu32)a >> (uint32_t)n); }

// Interleaving two registers within their 16-byte blocks, and the packing that undoes it; a pair of
// these keeps the lanes in order whatever the register's width.
VINLINE vs16 vs16_interleave_low(vs16 a, vs16 b) {
#if defined(__AVX512BW__)
  return (vs16)_mm512_unpacklo_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (vs16)_mm256_unpacklo_epi16((__m256i)a, (__m256i)b);
#else
  return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
#endif
}
VINLINE vs16 vs16_interleave_high(vs16 a, vs16 b) {
#if defined(__AVX512BW__)
  return (vs16)_mm512_unpackhi_epi16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (vs16)_mm256_unpackhi_epi16((__m256i)a, (__m256i)b);
#else
  return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
#endif
}
/// Values 0 ... 65535 of two registers as 16 bits, block by block: undoes the interleaving.
VINLINE vu16 vs32_pack_u16(vs32 low, vs32 high) {
#if defined(__AVX512BW__)
  return (vu16)_mm512_packus_epi32((__m512i)low, (__m512i)high);
#elif defined(__AVX2__)
  return (vu16)_mm256_packus_epi32((__m256i)low, (__m256i)high);
#elif defined(__SSE4_1__)
  return (vu16)_mm_packus_epi32((__m128i)low, (__m128i)high);
#else
  vu16_half l = __builtin_convertvector(low, vu16_half);
  vu16_half h = __builtin_convertvector(high, vu16_half);
  return __builtin_shufflevector(l, h, 0, 1, 2, 3, 4, 5, 6, 7);
#endif
}

/// 0, 1, 2, … in the lanes.
VINLINE vs32 vs32_counting(void) {
  vs32 v;
  for (int i = 0; i < VECTOR_BYTES / 4; ++i) v[i] = i;
  return v;
}

/// The sum of all lanes up to and including each: the steps of a running sum, wrapping.
VINLINE vu16 vu16_running_sum(vu16 v) {
  const vu16 z = (vu16)(uint16_t)0;
#if VECTOR_BYTES == 16
  v += __builtin_shufflevector(z, v, 7, 8, 9, 10, 11, 12, 13, 14);
  v += __builtin_shufflevector(z, v, 6, 7, 8, 9, 10, 11, 12, 13);
  v += __builtin_shufflevector(z, v, 4, 5, 6, 7, 8, 9, 10, 11);
#elif VECTOR_BYTES == 32
  // Within the 16-byte halves first (byte shifts), then the low half's total onto the high half.
  __m256i x = (__m256i)v;
  x = _mm256_add_epi16(x, _mm256_slli_si256(x, 2));
  x = _mm256_add_epi16(x, _mm256_slli_si256(x, 4));
  x = _mm256_add_epi16(x, _mm256_slli_si256(x, 8));
  const __m256i last = _mm256_set1_epi16(0x0f0e);
  __m256i total = _mm256_shuffle_epi8(_mm256_permute2x128_si256(x, x, 0x08), last);
  v = (vu16)_mm256_add_epi16(x, total);
#else
  __m512i x = (__m512i)v;
  x = _mm512_add_epi16(x, _mm512_bslli_epi128(x, 2));
  x = _mm512_add_epi16(x, _mm512_bslli_epi128(x, 4));
  x = _mm512_add_epi16(x, _mm512_bslli_epi128(x, 8));
  const __m512i last = _mm512_set1_epi16(0x0f0e);
  __m512i totals = _mm512_shuffle_epi8(x, last);
  // Blocks 0, 1, 2 moved up by one, by two, by three.
  const __m512i zero = _mm512_setzero_si512();
  __m512i up1 = _mm512_alignr_epi64(totals, zero, 6);
  __m512i up2 = _mm512_alignr_epi64(totals, zero, 4);
  __m512i up3 = _mm512_alignr_epi64(totals, zero, 2);
  x = _mm512_add_epi16(x, _mm512_add_epi16(up1, _mm512_add_epi16(up2, up3)));
  v = (vu16)x;
  (void)z;
#endif
  return v;
}
/// The last lane in every lane.
VINLINE vu16 vu16_splat_last(vu16 v) { return (vu16)(v[VECTOR_BYTES / 2 - 1]); }

VINLINE vu32 vu32_running_sum(vu32 v) {
  const vu32 z = (vu32)0u;
#if VECTOR_BYTES == 16
  v += __builtin_shufflevector(z, v, 3, 4, 5, 6);
  v += __builtin_shufflevector(z, v, 2, 3, 4, 5);
#elif VECTOR_BYTES == 32
  v += __builtin_shufflevector(z, v, 7, 8, 9, 10, 11, 12, 13, 14);
  v += __builtin_shufflevector(z, v, 6, 7, 8, 9, 10, 11, 12, 13);
  v += __builtin_shufflevector(z, v, 4, 5, 6, 7, 8, 9, 10, 11);
#else
  v += __builtin_shufflevector(z, v, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
  v += __builtin_shufflevector(z, v, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
  v += __builtin_shufflevector(z, v, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27);
  v += __builtin_shufflevector(z, v, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
#endif
  return v;
}
VINLINE vu32 vu32_splat_last(vu32 v) { return (vu32)(v[VECTOR_BYTES / 4 - 1]); }

// Bits and comparisons; a comparison gives all bits of a lane or none.
#define VBITS(type)                                                               \
  VINLINE type type##_and(type a, type b) { return a & b; }                       \
  VINLINE type type##_or(type a, type b) { return a | b; }                        \
  VINLINE type type##_xor(type a, type b) { return a ^ b; }                       \
  VINLINE type type##_greater(type a, type b) { return (type)(a > b); }           \
  VINLINE type type##_equal(type a, type b) { return (type)(a == b); }            \
  /** The lanes of a where the mask is set, of b elsewhere. */                    \
  VINLINE type type##_select(type mask, type a, type b) { return (a & mask) | (b & ~mask); }
VBITS(vu8)
VBITS(vu16)
VBITS(vs16)
VBITS(vu32)
VBITS(vs32)
VINLINE vs32 vf32_greater(vf32 a, vf32 b) { return (vs32)(a > b); }
/// a >= b, or either is not a number.
VINLINE vs32 vf32_notLess(vf32 a, vf32 b) { return ~(vs32)(a < b); }
VINLINE vs32 vf32_equal(vf32 a, vf32 b) { return (vs32)(a == b); }
VINLINE vf32 vf32_select(vs32 mask, vf32 a, vf32 b) {
  return (vf32)(((vs32)a & mask) | ((vs32)b & ~mask));
}
VINLINE vs16 vs16_abs(vs16 a) { return __builtin_elementwise_abs(a); }
VINLINE vs16 vs16_shift_right(vs16 a, int n) { return a >> (int16_t)n; }
VINLINE vs16 vs16_shift_left(vs16 a, int n) { return a << (int16_t)n; }
VINLINE vs32 vs32_shift_left(vs32 a, int n) { return a << (int32_t)n; }
VINLINE vs16 vs16_load_u8(const void *p) { return (vs16)vu16_load_u8(p); }
VINLINE vu32 vu32_from_u16_low(vu16 a) { return __builtin_convertvector(a.lo, vu32); }
VINLINE vu32 vu32_from_u16_high(vu16 a) { return __builtin_convertvector(a.hi, vu32); }
VINLINE vf32 vf32_div(vf32 a, vf32 b) { return a / b; }
VINLINE vf32 vf32_min(vf32 a, vf32 b) { return __builtin_elementwise_min(a, b); }
VINLINE vf32 vf32_max(vf32 a, vf32 b) { return __builtin_elementwise_max(a, b); }
VINLINE vf32 vf32_floor(vf32 a) { return __builtin_elementwise_floor(a); }
VINLINE vf32 vf32_sqrt(vf32 a) { return __builtin_elementwise_sqrt(a); }
VINLINE vf32 vf32_from_bits(vs32 a) { return (vf32)a; }
VINLINE vs32 vf32_bits(vf32 a) { return (vs32)a; }

/// Whether any lane of a mask is set.
VINLINE int vs32_any(vs32 mask) { return __builtin_reduce_or(mask) != 0; }
/// The sum over all lanes.
VINLINE int32_t vs32_sum(vs32 v) { return __builtin_reduce_add(v); }
VINLINE int vu8_any(vu8 mask) { return __builtin_reduce_or(mask) != 0; }
VINLINE uint32_t vu32_largest(vu32 a) { return __builtin_reduce_max(a); }

/// The upper halves of the 32-bit products.
VINLINE vu16 vu16_mul_high(vu16 a, vu16 b) {
#if defined(__AVX512BW__)
  return (vu16)_mm512_mulhi_epu16((__m512i)a, (__m512i)b);
#elif defined(__AVX2__)
  return (vu16)_mm256_mulhi_epu16((__m256i)a, (__m256i)b);
#elif defined(__SSE2__)
  return (vu16)_mm_mulhi_epu16((__m128i)a, (__m128i)b);
#else
  typedef VTYPE(uint32_t, VECTOR_BYTES * 2) wide;
  wide product = __builtin_convertvector(a, wide) * __builtin_convertvector(b, wide);
  return __builtin_convertvector(product >> 16u, vu16);
#endif
}

/// table[index & 15] where the index's top bit is clear, else 0; the table repeats every 16 bytes.
VINLINE vu8 vu8_look_up(vu8 table, vu8 index) {
#if defined(__AVX512BW__)
  return (vu8)_mm512_shuffle_epi8((__m512i)table, (__m512i)index);
#elif defined(__AVX2__)
  return (vu8)_mm256_shuffle_epi8((__m256i)table, (__m256i)index);
#elif defined(__SSSE3__)
  return (vu8)_mm_shuffle_epi8((__m128i)table, (__m128i)index);
#else
  vu8 out;
  for (int i = 0; i < VECTOR_BYTES; ++i) out[i] = index[i] & 0x80 ? 0 : table[index[i] & 15];
  return out;
#endif
}
/// 16 bytes, again and again.
VINLINE vu8 vu8_repeat_16(const void *p) {
  typedef VTYPE(uint8_t, 16) block;
  block b;
  memcpy(&b, p, 16);
#if VECTOR_BYTES == 64
  return __builtin_shufflevector(b, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2,
                                 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7,
                                 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
                                 12, 13, 14, 15);
#elif VECTOR_BYTES == 32
  return __builtin_shufflevector(b, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2,
                                 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#else
  return b;
#endif
}
/// Values of two registers as signed 16 bits, saturated, block by block: undoes the interleaving.
VINLINE vs16 vs32_pack_s16(vs32 low, vs32 high) {
#if defined(__AVX512BW__)
  return (vs16)_mm512_packs_epi32((__m512i)low, (__m512i)high);
#elif defined(__AVX2__)
  return (vs16)_mm256_packs_epi32((__m256i)low, (__m256i)high);
#elif defined(__SSE2__)
  return (vs16)_mm_packs_epi32((__m128i)low, (__m128i)high);
#else
  typedef VTYPE(int16_t, VECTOR_BYTES / 2) vs16_half;
  vs32 least = (vs32)(-32768), most = (vs32)32767;
  low = vs32_min(vs32_max(low, least), most);
  high = vs32_min(vs32_max(high, least), most);
  vs16_half l = __builtin_convertvector(low, vs16_half);
  vs16_half h = __builtin_convertvector(high, vs16_half);
  return __builtin_shufflevector(l, h, 0, 1, 2, 3, 4, 5, 6, 7);
#endif
}

/// The four bytes at every place from p on.
VINLINE vu32 vu32_gather(const void *p, vs32 places) {
#if defined(__AVX512BW__)
  return (vu32)_mm512_i32gather_epi32((__m512i)places, p, 1);
#elif defined(__AVX2__)
  return (vu32)_mm256_i32gather_epi32((const int *)p, (__m256i)places, 1);
#else
  vu32 v;
  for (int i = 0; i < VECTOR_BYTES / 4; ++i) {
    uint32_t word;
    memcpy(&word, (const char *)p + places[i], 4);
    v[i] = word;
  }
  return v;
#endif
}

/// 64 pixels against a threshold: a bit each, the first pixel lowest, set where it lies above.
VINLINE uint64_t bits_above8(const uint8_t *p, uint8_t threshold) {
  uint64_t bits = 0;
#if defined(__AVX512BW__)
  bits = _mm512_cmpgt_epu8_mask(_mm512_loadu_si512(p), _mm512_set1_epi8((char)threshold));
#elif defined(__AVX2__)
  const __m256i limit = _mm256_set1_epi8((char)threshold);
  for (int i = 0; i < 2; ++i) {
    __m256i v = _mm256_loadu_si256((const __m256i *)(p + 32 * i));
    __m256i rest = _mm256_cmpeq_epi8(_mm256_max_epu8(v, limit), limit);
    bits |= (uint64_t)(uint32_t)~_mm256_movemask_epi8(rest) << (32 * i);
  }
#elif defined(__SSE2__)
  const __m128i limit = _mm_set1_epi8((char)threshold);
  for (int i = 0; i < 4; ++i) {
    __m128i v = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    __m128i rest = _mm_cmpeq_epi8(_mm_max_epu8(v, limit), limit);
    bits |= (uint64_t)(uint16_t)~_mm_movemask_epi8(rest) << (16 * i);
  }
#else
  for (int i = 0; i < 64; ++i) bits |= (uint64_t)(p[i] > threshold) << i;
#endif
  return bits;
}
VINLINE uint64_t bits_above16(const uint16_t *p, uint16_t threshold) {
  uint64_t bits = 0;
#if defined(__AVX512BW__)
  const __m512i limit = _mm512_set1_epi16((short)threshold);
  for (int i = 0; i < 2; ++i)
    bits |= (uint64_t)_mm512_cmpgt_epu16_mask(_mm512_loadu_si512(p + 32 * i), limit) << (32 * i);
#elif defined(__SSE4_1__)
  const __m128i limit = _mm_set1_epi16((short)threshold);
  for (int i = 0; i < 4; ++i) {
    __m128i a = _mm_loadu_si128((const __m128i *)(p + 16 * i));
    __m128i b = _mm_loadu_si128((const __m128i *)(p + 16 * i + 8));
    a = _mm_cmpeq_epi16(_mm_max_epu16(a, limit), limit);
    b = _mm_cmpeq_epi16(_mm_max_epu16(b, limit), limit);
    bits |= (uint64_t)(uint16_t)~_mm_movemask_epi8(_mm_packs_epi16(a, b)) << (16 * i);
  }
#else
  for (int i = 0; i < 64; ++i) bits |= (uint64_t)(p[i] > threshold) << i;
#endif
  return bits;
}

VINLINE vu32 vu32_shift_left(vu32 a, int n) { return a << (uint32_t)n; }

/// Of every lane four bytes and two bytes, one lane behind the other without gaps.
VINLINE void vu32_store_sixes(void *p, vu32 four, vu32 two) {
  enum { lanes = VECTOR_BYTES / 4 };
  uint32_t fours[lanes], twos[lanes];
  memcpy(fours, &four, sizeof four);
  memcpy(twos, &two, sizeof two);
  uint8_t *out = (uint8_t *)p;
  // Two bytes too many each time, which the next lane writes over.
  for (int i = 0; i < lanes - 1; ++i) {
    uint64_t both = fours[i] | (uint64_t)twos[i] << 32;
    memcpy(out + 6 * i, &both, sizeof both);
  }
  memcpy(out + 6 * (lanes - 1), fours + lanes - 1, 4);
  memcpy(out + 6 * (lanes - 1) + 4, twos + lanes - 1, 2);
}

#endif
