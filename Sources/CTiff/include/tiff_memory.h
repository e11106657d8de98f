// libtiff on memory instead of files, without its variadic functions and its messages on stderr.
#ifndef INSPECT_TIFF_MEMORY_H
#define INSPECT_TIFF_MEMORY_H

#include <stddef.h>
#include <stdint.h>

typedef struct tiff_info {
  uint32_t width;
  uint32_t height;
  uint16_t bits;        // of one sample
  uint16_t samples;     // of one pixel
  uint16_t format;      // 1 unsigned, 2 signed, 3 real
  uint16_t photometric; // 0 white is zero, 1 black is zero, 2 RGB, 3 palette, …
  int separate;         // samples in planes of their own
  int tiled;
} tiff_info;

/// Opens the first page; NULL and a text in `error` where it cannot. No single piece of memory that
/// libtiff asks for may be larger than `memory`. The bytes must stay until tiff_close.
void *tiff_open(const uint8_t *bytes, size_t size, size_t memory, char *error, size_t error_size);
void tiff_close(void *file);
void tiff_describe(void *file, tiff_info *info);

/// Decodes samples as they are stored (8, 16, 32 or 64 bits) into rows; strips and tiles. The first
/// `kept` samples of a chunky pixel are kept, of planes the first. 0, or 1 and a text in `error`.
int tiff_read_rows(void *file, void *pixels, size_t row_bytes, size_t kept, char *error,
                   size_t error_size);

/// Decodes anything that libtiff can show into rows of red, green, blue, alpha in 8 bits.
int tiff_read_rgba(void *file, uint32_t *pixels, char *error, size_t error_size);

/// Encodes rows of `samples` samples of `bits` bits of `format` (see tiff_info). Answers the bytes,
/// to be freed by free(), or NULL and a text in `error`.
uint8_t *tiff_write(const void *pixels, size_t row_bytes, const tiff_info *info, size_t *size,
                    char *error, size_t error_size);

#endif
