// What the program and a library of cameras agree on: plain C, handles, error codes. The rules of
// plugin_abi.h hold here too.
#ifndef INSPECT_CAMERA_ABI_H
#define INSPECT_CAMERA_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PLUGIN_CAMERA_ABI_VERSION 2u

/// An open camera, and a stream of pictures from it. A stream outlives its camera where pictures of
/// it are still looked at.
typedef struct plugin_camera plugin_camera;
typedef struct plugin_stream plugin_stream;

/// Where a call leaves its words when it fails.
typedef struct plugin_words {
  char *text;
  size_t size;
} plugin_words;

typedef enum plugin_outcome {
  PLUGIN_DONE = 0,
  /// The camera is not there, or does not answer any more.
  PLUGIN_GONE,
  /// Another program controls it.
  PLUGIN_TAKEN,
  /// It does not do what was asked for.
  PLUGIN_REFUSED,
  /// Nothing came in time.
  PLUGIN_NOTHING
} plugin_outcome;

typedef enum plugin_picture_status {
  PLUGIN_PICTURE_GOOD = 0,
  /// Packets are missing.
  PLUGIN_PICTURE_INCOMPLETE,
  PLUGIN_PICTURE_DAMAGED
} plugin_picture_status;

typedef struct plugin_picture {
  /// Which buffer it is in, to be given back, and where in that.
  int32_t buffer;
  uint64_t offset;
  uint64_t byte_count;
  uint64_t number;
  /// By the camera's clock.
  uint64_t nanoseconds;
  int32_t status; // plugin_picture_status
  int32_t width;
  int32_t height;
  /// Its number in GenICam.
  uint32_t encoding;
  /// Buffers that waited to be filled when this one was taken.
  int32_t waiting;
} plugin_picture;

/// How a stream is to be.
typedef struct plugin_stream_options {
  int32_t buffers;
  /// Bytes after each buffer that may be read.
  int32_t slack;
  /// Bytes that the system keeps for packets that nobody has taken yet.
  int32_t socket_bytes;
  /// Whether lost packets are asked for again.
  int32_t resend;
} plugin_stream_options;

typedef struct plugin_stream_counters {
  uint64_t resent_packets;
  uint64_t missing_packets;
} plugin_stream_counters;

/// A control: `kind` is w(hole), r(eal), b(oolean), e(numeration), c(ommand) or s (text).
typedef struct plugin_control {
  const char *name;
  char kind;
  double value;
  double minimum;
  double maximum;
  /// The word of an enumeration.
  const char *text;
  const char *unit;
} plugin_control;

typedef struct plugin_cameras {
  uint32_t abi_version;
  const char *library;
  /// Tells every camera that is there: scheme ("gige"), name, what it is opened by.
  void (*discover)(
      void *context,
      void (*found)(void *context, const char *scheme, const char *name, const char *identity));
  int32_t (*open)(const char *identity, plugin_camera **camera, plugin_words words);
  void (*close)(plugin_camera *camera);
  const char *(*name)(plugin_camera *camera);
  const char *(*serial)(plugin_camera *camera);
  /// Tells the names of the pixel formats, as GenICam has them.
  void (*formats)(plugin_camera *camera, void *context, void (*tell)(void *context, const char *));
  /// Tells a control of that name; REFUSED where there is none.
  int32_t (*control)(
      plugin_camera *camera, const char *name, void *context,
      void (*tell)(void *context, const plugin_control *control));
  int32_t (*set)(plugin_camera *camera, const char *name, const char *value, plugin_words words);
  /// Whether it still answers.
  int32_t (*is_there)(plugin_camera *camera);
  /// The camera is taken for gone: to end its stream it is not asked any more.
  void (*abandon)(plugin_camera *camera);
  int32_t (*trigger)(plugin_camera *camera, plugin_words words);
  int32_t (*start)(
      plugin_camera *camera, const plugin_stream_options *options, plugin_stream **stream,
      plugin_words words);
  /// Waits for a picture.
  int32_t (*next)(plugin_stream *stream, uint64_t microseconds, plugin_picture *picture);
  void (*counters)(plugin_stream *stream, plugin_stream_counters *counters);
  /// The memory of a buffer, and how much of it there is; as long as the stream lives.
  void *(*buffer)(plugin_stream *stream, int32_t index, uint64_t *byte_count);
  /// The buffer may be filled again; not after the end.
  void (*give_back)(plugin_stream *stream, int32_t index);
  /// Ends acquisition; the stream lives on for pictures that are still looked at.
  void (*stop)(plugin_camera *camera);
  /// After the last picture was released.
  void (*free_stream)(plugin_stream *stream);
} plugin_cameras;

typedef const plugin_cameras *(*plugin_cameras_entry)(void);
#define PLUGIN_CAMERAS_SYMBOL "inspect_plugin_cameras"

#ifdef __cplusplus
}
#endif
#endif
