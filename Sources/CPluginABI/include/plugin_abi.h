// What a plug-in of ours and the program agree on: plain C, raw pointers, error codes.
//
// A plug-in is a dynamic library beside the executable, opened on first use. It exports one
// function that returns its table. No exception may leave a plug-in.
#ifndef INSPECT_PLUGIN_ABI_H
#define INSPECT_PLUGIN_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Raised when a structure below changes; a plug-in of another number is refused.
#define PLUGIN_ABI_VERSION 1u

typedef enum plugin_format {
  PLUGIN_U8 = 0,
  PLUGIN_U16,
  PLUGIN_S16,
  PLUGIN_S32,
  PLUGIN_F32,
  PLUGIN_F64,
  PLUGIN_RGB8,
  PLUGIN_RGB16
} plugin_format;

/// An image in the caller's memory.
typedef struct plugin_raster {
  void *pixels;
  int64_t row_bytes;
  int32_t width;
  int32_t height;
  int32_t format; // plugin_format
} plugin_raster;

/// One call of an operator. The output is the caller's, of the right size already; NULL where the
/// operator answers with numbers only. Numbers beyond the capacity are an error.
typedef struct plugin_call {
  const plugin_raster *inputs;
  int32_t input_count;
  const plugin_raster *output;
  const double *parameters;
  int32_t parameter_count;
  double *numbers;
  int32_t number_capacity;
  int32_t number_count;
} plugin_call;

/// What an engine offers. `run` answers 0, or another number and a text in `error`.
typedef struct plugin_engine {
  uint32_t abi_version;
  const char *library;
  const char *library_version;
  int32_t (*has)(const char *name);
  int32_t (*run)(const char *name, plugin_call *call, char *error, size_t error_size);
  void (*set_threads)(int32_t count);
} plugin_engine;

typedef const plugin_engine *(*plugin_engine_entry)(void);
/// The name under which an engine's library exports its plugin_engine_entry.
#define PLUGIN_ENGINE_SYMBOL "inspect_plugin_engine"

#ifdef __cplusplus
}
#endif
#endif
