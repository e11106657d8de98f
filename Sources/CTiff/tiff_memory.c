#include "tiff_memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tiffio.h>

// A file in memory: read from given bytes, or written to bytes that grow.
typedef struct memory_file {
  uint8_t *bytes;
  size_t size;
  size_t capacity; // 0 while reading
  size_t position;
  size_t memory; // the largest piece that may be asked for
  TIFF *tiff;
  char *error;
  size_t error_size;
} memory_file;

static tmsize_t read_bytes(thandle_t handle, void *out, tmsize_t count) {
  memory_file *file = handle;
  if (file->position >= file->size) return 0;
  size_t rest = file->size - file->position;
  size_t n = (size_t)count < rest ? (size_t)count : rest;
  memcpy(out, file->bytes + file->position, n);
  file->position += n;
  return (tmsize_t)n;
}

static tmsize_t write_bytes(thandle_t handle, void *in, tmsize_t count) {
  memory_file *file = handle;
  if (file->capacity == 0) return 0;
  size_t end = file->position + (size_t)count;
  if (end > file->capacity) {
    size_t capacity = end > 2 * file->capacity ? end : 2 * file->capacity;
    uint8_t *bytes = realloc(file->bytes, capacity);
    if (!bytes) return 0;
    file->bytes = bytes;
    file->capacity = capacity;
  }
  if (file->position > file->size) memset(file->bytes + file->size, 0, file->position - file->size);
  memcpy(file->bytes + file->position, in, (size_t)count);
  file->position = end;
  if (end > file->size) file->size = end;
  return count;
}

static toff_t seek_bytes(thandle_t handle, toff_t offset, int whence) {
  memory_file *file = handle;
  if (whence == SEEK_CUR) offset += file->position;
  if (whence == SEEK_END) offset += file->size;
  file->position = offset;
  return offset;
}

static int close_bytes(thandle_t handle) {
  (void)handle;
  return 0;
}

static toff_t size_bytes(thandle_t handle) { return ((memory_file *)handle)->size; }

// The first message is the cause; later ones are consequences.
static int keep_error(TIFF *tiff, void *user, const char *module, const char *format, va_list args) {
  (void)tiff;
  (void)module;
  memory_file *file = user;
  if (file->error && file->error[0] == 0) vsnprintf(file->error, file->error_size, format, args);
  return 1;
}

static int ignore_warning(TIFF *tiff, void *user, const char *module, const char *format,
                          va_list args) {
  (void)tiff;
  (void)user;
  (void)module;
  (void)format;
  (void)args;
  return 1;
}

static int open_file(memory_file *file, const char *mode, size_t memory) {
  TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
  if (!options) return 0;
  TIFFOpenOptionsSetMaxSingleMemAlloc(options, (tmsize_t)memory);
  TIFFOpenOptionsSetErrorHandlerExtR(options, keep_error, file);
  TIFFOpenOptionsSetWarningHandlerExtR(options, ignore_warning, file);
  file->tiff = TIFFClientOpenExt("memory", mode, file, read_bytes, write_bytes, seek_bytes,
                                 close_bytes, size_bytes, NULL, NULL, options);
  TIFFOpenOptionsFree(options);
  return file->tiff != NULL;
}

static void hear(memory_file *file, char *error, size_t error_size) {
  file->error = error;
  file->error_size = error_size;
  if (error_size) error[0] = 0;
}

void *tiff_open(const uint8_t *bytes, size_t size, size_t memory, char *error, size_t error_size) {
  memory_file *file = calloc(1, sizeof *file);
  if (!file) return NULL;
  file->bytes = (uint8_t *)bytes;
  file->size = size;
  file->memory = memory;
  hear(file, error, error_size);
  if (!open_file(file, "rm", memory)) {
    free(file);
    return NULL;
  }
  return file;
}

void tiff_close(void *handle) {
  memory_file *file = handle;
  char silent[1];
  hear(file, silent, 0);
  file->error = NULL;
  TIFFClose(file->tiff);
  free(file);
}

void tiff_describe(void *handle, tiff_info *info) {
  TIFF *tiff = ((memory_file *)handle)->tiff;
  uint16_t planar = PLANARCONFIG_CONTIG;
  memset(info, 0, sizeof *info);
  TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &info->width);
  TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &info->height);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &info->bits);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &info->samples);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &info->format);
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
  if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &info->photometric)) info->photometric = 1;
  info->separate = planar == PLANARCONFIG_SEPARATE;
  info->tiled = TIFFIsTiled(tiff);
}

static int fail(memory_file *file, const char *text) {
  if (file->error && file->error[0] == 0) snprintf(file->error, file->error_size, "%s", text);
  return 1;
}

// The first bytes of every pixel.
static void keep(uint8_t *out, const uint8_t *in, size_t count, size_t stored, size_t kept) {
  if (stored == kept) {
    memcpy(out, in, count * kept);
    return;
  }
  for (size_t i = 0; i < count; ++i) memcpy(out + i * kept, in + i * stored, kept);
}

static int read_tiles(memory_file *file, uint8_t *pixels, size_t row_bytes, const tiff_info *info,
                      size_t stored, size_t kept) {
  uint32_t tile_width = 0, tile_height = 0;
  TIFFGetField(file->tiff, TIFFTAG_TILEWIDTH, &tile_width);
  TIFFGetField(file->tiff, TIFFTAG_TILELENGTH, &tile_height);
  const tmsize_t size = TIFFTileSize(file->tiff);
  if (!tile_width || !tile_height || size <= 0 ||
      (size_t)size < (size_t)tile_width * tile_height * stored)
    return fail(file, "tiles without a size");
  if ((size_t)size > file->memory) return fail(file, "tiles that are too large");
  uint8_t *tile = calloc(1, (size_t)size);
  if (!tile) return fail(file, "no memory for a tile");
  int failed = 0;
  for (uint32_t y = 0; y < info->height && !failed; y += tile_height)
    for (uint32_t x = 0; x < info->width && !failed; x += tile_width) {
      if (TIFFReadTile(file->tiff, tile, x, y, 0, 0) < 0) {
        failed = fail(file, "a tile cannot be read");
        break;
      }
      uint32_t rows = info->height - y < tile_height ? info->height - y : tile_height;
      uint32_t columns = info->width - x < tile_width ? info->width - x : tile_width;
      for (uint32_t r = 0; r < rows; ++r)
        keep(pixels + (y + r) * row_bytes + x * kept, tile + (size_t)r * tile_width * stored,
             columns, stored, kept);
    }
  free(tile);
  return failed;
}

int tiff_read_rows(void *handle, void *pixels, size_t row_bytes, size_t kept, char *error,
                   size_t error_size) {
  memory_file *file = handle;
  tiff_info info;
  hear(file, error, error_size);
  tiff_describe(file, &info);
  const size_t sample = info.bits / 8;
  const size_t stored = sample * (info.separate ? 1 : info.samples);
  kept *= sample;
  if (info.tiled) return read_tiles(file, pixels, row_bytes, &info, stored, kept);
  const tmsize_t line = TIFFScanlineSize(file->tiff);
  if (line <= 0 || (size_t)line < info.width * stored || info.width * kept > row_bytes)
    return fail(file, "rows of an impossible length");
  uint8_t *row = malloc((size_t)line);
  if (!row) return fail(file, "no memory for a row");
  int failed = 0;
  for (uint32_t y = 0; y < info.height && !failed; ++y) {
    if (TIFFReadScanline(file->tiff, row, y, 0) < 0) failed = fail(file, "a row cannot be read");
    keep((uint8_t *)pixels + y * row_bytes, row, info.width, stored, kept);
  }
  free(row);
  return failed;
}

int tiff_read_rgba(void *handle, uint32_t *pixels, char *error, size_t error_size) {
  memory_file *file = handle;
  tiff_info info;
  hear(file, error, error_size);
  tiff_describe(file, &info);
  if (!TIFFReadRGBAImageOriented(file->tiff, info.width, info.height, pixels, ORIENTATION_TOPLEFT,
                                 1))
    return fail(file, "the pixels cannot be read");
  return 0;
}

uint8_t *tiff_write(const void *pixels, size_t row_bytes, const tiff_info *info, size_t *size,
                    char *error, size_t error_size) {
  memory_file file = {0};
  hear(&file, error, error_size);
  file.capacity = row_bytes * info->height + 4096;
  file.bytes = malloc(file.capacity);
  if (!file.bytes || !open_file(&file, "w", 0)) {
    free(file.bytes);
    fail(&file, "no memory for the file");
    return NULL;
  }
  TIFFSetField(file.tiff, TIFFTAG_IMAGEWIDTH, info->width);
  TIFFSetField(file.tiff, TIFFTAG_IMAGELENGTH, info->height);
  TIFFSetField(file.tiff, TIFFTAG_BITSPERSAMPLE, info->bits);
  TIFFSetField(file.tiff, TIFFTAG_SAMPLESPERPIXEL, info->samples);
  TIFFSetField(file.tiff, TIFFTAG_SAMPLEFORMAT, info->format);
  TIFFSetField(file.tiff, TIFFTAG_PHOTOMETRIC, info->photometric);
  TIFFSetField(file.tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
  TIFFSetField(file.tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE);
  TIFFSetField(file.tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(file.tiff, 0));
  int failed = 0;
  // libtiff may swap bytes in place while it writes: never in the caller's image.
  uint8_t *row = malloc(row_bytes);
  for (uint32_t y = 0; row && y < info->height && !failed; ++y) {
    memcpy(row, (const uint8_t *)pixels + y * row_bytes,
           (size_t)info->width * info->samples * info->bits / 8);
    failed = TIFFWriteScanline(file.tiff, row, y, 0) < 0;
  }
  if (!row || failed) fail(&file, "a row cannot be written");
  failed |= !row;
  free(row);
  TIFFClose(file.tiff);
  if (failed) {
    free(file.bytes);
    return NULL;
  }
  *size = file.size;
  return file.bytes;
}
