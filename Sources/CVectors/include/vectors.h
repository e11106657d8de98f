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

// Saturating sums and differences.
VINLINE vu8 vu8_add_saturating(vu8 a, vu8 b) { return __builtin_elementwise_add_sat(a, b); }
VINLINE vu8 vu8_sub_saturating(vu8 a, vu8 b) { return __builtin_elementwise_sub_sat(a, b); }
VINLINE vu16 vu16_add_saturating(vu16 a, vu16 b) { return __builtin_elementwise_add_sat(a, b); }
VINLINE vu16 vu16_sub_saturating(vu16 a, vu16 b) { return __builtin_elementwise_sub_sat(a, b); }

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

#endif
