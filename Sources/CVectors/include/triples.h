// Pixels of three channels, taken apart and put together. Sixteen bytes of each channel are 48 bytes
// of pixels; a register holds as many such blocks as it has 16 bytes.
#ifndef INSPECT_TRIPLES_H
#define INSPECT_TRIPLES_H

#include "vectors.h"

// Byte j of channel c comes from byte 3 i + c of the pixels; its place in their k-th 16 bytes, or 128
// where it is in others.
#define TRIPLE_PLACE(at, k) ((at) - 16 * (k) >= 0 && (at) - 16 * (k) < 16 ? (at) - 16 * (k) : 128)
#define TRIPLE_SPLIT1(j, c, k) TRIPLE_PLACE(3 * (j) + (c), k)
// Byte j of the k-th 16 bytes of the pixels comes from this byte of channel c, or from another one.
#define TRIPLE_JOIN1(j, c, k) ((16 * (k) + (j)) % 3 == (c) ? (16 * (k) + (j)) / 3 : 128)
#define TRIPLE_JOIN2(j, c, k) \
  ((8 * (k) + (j) / 2) % 3 == (c) ? 2 * ((8 * (k) + (j) / 2) / 3) + (j) % 2 : 128)

#define TRIPLE_BLOCK(m, c, k)                                                                  \
  { m(0, c, k), m(1, c, k), m(2, c, k), m(3, c, k), m(4, c, k), m(5, c, k), m(6, c, k),        \
    m(7, c, k), m(8, c, k), m(9, c, k), m(10, c, k), m(11, c, k), m(12, c, k), m(13, c, k),    \
    m(14, c, k), m(15, c, k) }
#define TRIPLE_BLOCKS(m)                                                               \
  { { TRIPLE_BLOCK(m, 0, 0), TRIPLE_BLOCK(m, 0, 1), TRIPLE_BLOCK(m, 0, 2) },          \
    { TRIPLE_BLOCK(m, 1, 0), TRIPLE_BLOCK(m, 1, 1), TRIPLE_BLOCK(m, 1, 2) },          \
    { TRIPLE_BLOCK(m, 2, 0), TRIPLE_BLOCK(m, 2, 1), TRIPLE_BLOCK(m, 2, 2) } }
static const uint8_t triple_split1[3][3][16] = TRIPLE_BLOCKS(TRIPLE_SPLIT1);
static const uint8_t triple_join1[3][3][16] = TRIPLE_BLOCKS(TRIPLE_JOIN1);
static const uint8_t triple_join2[3][3][16] = TRIPLE_BLOCKS(TRIPLE_JOIN2);

/// 16 bytes from p, from 48 bytes further, …
VINLINE vu8 triple_load_blocks(const uint8_t *p) {
  vu8 v;
  for (int i = 0; i < VECTOR_BYTES / 16; ++i) memcpy((uint8_t *)&v + 16 * i, p + 48 * i, 16);
  return v;
}
VINLINE void triple_store_blocks(uint8_t *p, vu8 v) {
  for (int i = 0; i < VECTOR_BYTES / 16; ++i) memcpy(p + 48 * i, (uint8_t *)&v + 16 * i, 16);
}
VINLINE vu8 triple_pick(const uint8_t places[3][16], vu8 a, vu8 b, vu8 c) {
  return vu8_look_up(a, vu8_repeat_16(places[0])) | vu8_look_up(b, vu8_repeat_16(places[1])) |
         vu8_look_up(c, vu8_repeat_16(places[2]));
}

/// One channel of pixels; what three calls load thrice, the compiler loads once.
VINLINE vu8 vu8_load_channel(const void *pixels, int channel) {
  const uint8_t *p = (const uint8_t *)pixels;
  vu8 a = triple_load_blocks(p), b = triple_load_blocks(p + 16), c = triple_load_blocks(p + 32);
  return triple_pick(triple_split1[channel], a, b, c);
}
VINLINE void vu8_store_triples(void *pixels, vu8 first, vu8 second, vu8 third) {
  uint8_t *p = (uint8_t *)pixels;
  for (int k = 0; k < 3; ++k) {
    vu8 block = vu8_look_up(first, vu8_repeat_16(triple_join1[0][k])) |
                vu8_look_up(second, vu8_repeat_16(triple_join1[1][k])) |
                vu8_look_up(third, vu8_repeat_16(triple_join1[2][k]));
    triple_store_blocks(p + 16 * k, block);
  }
}
VINLINE void vu16_store_triples(void *pixels, vu16 first, vu16 second, vu16 third) {
  uint8_t *p = (uint8_t *)pixels;
  for (int k = 0; k < 3; ++k) {
    vu8 block = vu8_look_up((vu8)first, vu8_repeat_16(triple_join2[0][k])) |
                vu8_look_up((vu8)second, vu8_repeat_16(triple_join2[1][k])) |
                vu8_look_up((vu8)third, vu8_repeat_16(triple_join2[2][k]));
    triple_store_blocks(p + 16 * k, block);
  }
}

#endif
