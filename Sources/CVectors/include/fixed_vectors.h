// Vectors of one size, whatever the register's width is.
#ifndef INSPECT_FIXED_VECTORS_H
#define INSPECT_FIXED_VECTORS_H

#include "vectors.h"

// Four numbers: a stretch of a small window's row.
typedef __attribute__((ext_vector_type(4))) float vquad;
VINLINE vquad vquad_load(const void *p) {
  vquad v;
  memcpy(&v, p, sizeof v);
  return v;
}
VINLINE vquad vquad_splat(float x) { return (vquad)(x); }
VINLINE vquad vquad_add(vquad a, vquad b) { return a + b; }
VINLINE vquad vquad_mul(vquad a, vquad b) { return a * b; }
VINLINE float vquad_sum(vquad v) { return (v.x + v.y) + (v.z + v.w); }

/// The four bytes at each of four places, in units of `size` bytes from p on. Measured on a Xeon of 2 GHz
/// with AVX-512: registers of 16 bytes are filled faster in this way than by an instruction that gathers,
/// or than from numbers that were stored one by one.
VINLINE void quad_fetch(const void *p, const int32_t *places, int size, void *out) {
  __attribute__((ext_vector_type(4))) uint32_t v;
  for (int i = 0; i < 4; ++i) {
    uint32_t word;
    memcpy(&word, (const char *)p + (long)places[i] * size, 4);
    v[i] = word;
  }
  memcpy(out, &v, 16);
}

// Sixteen numbers: sums in a fixed order.
typedef __attribute__((ext_vector_type(16))) float vblock;
VINLINE vblock vblock_load(const void *p) {
  vblock v;
  memcpy(&v, p, sizeof v);
  return v;
}
VINLINE vblock vblock_splat(float x) { return (vblock)(x); }
VINLINE vblock vblock_add(vblock a, vblock b) { return a + b; }
VINLINE vblock vblock_mul(vblock a, vblock b) { return a * b; }
VINLINE float vblock_sum(vblock v) {
  __attribute__((ext_vector_type(8))) float e = v.lo + v.hi;
  vquad q = e.lo + e.hi;
  return vquad_sum(q);
}

// Blocks of 16 bytes: for shuffles that cross what is a border in wider ones.
typedef VTYPE(uint8_t, 16) block8;
typedef VTYPE(uint16_t, 16) block16;
VINLINE block8 block8_load(const void *p) {
  block8 v;
  memcpy(&v, p, sizeof v);
  return v;
}
/// The bytes of a at the places of index; 0 where that is 128 or more.
VINLINE block16 block8_shuffle(block8 a, block8 index) {
#if defined(__SSSE3__)
  return (block16)_mm_shuffle_epi8((__m128i)a, (__m128i)index);
#else
  block8 v;
  for (int i = 0; i < 16; ++i) v[i] = index[i] < 16 ? a[index[i] & 15] : 0;
  return (block16)v;
#endif
}
/// high << shift | (low * factors >> down & mask), in 16 bits.
VINLINE block16 block16_join(block16 high, int shift, block16 low, block16 factors, int down,
                             uint16_t mask) {
  block16 part = low * factors >> (uint16_t)down & mask;
  return high << (uint16_t)shift | part;
}
VINLINE void block16_store(void *p, block16 v) { memcpy(p, &v, sizeof v); }

#endif
