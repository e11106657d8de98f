#include "foreign.h"

#include <dlfcn.h>
#include <linux/videodev2.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/// What we call of the library.
typedef struct functions {
  void *(*create)(int device);
  void (*destroy)(void *data);
  int (*convert)(
      void *data, const struct v4l2_format *source, const struct v4l2_format *target,
      unsigned char *from, int from_bytes, unsigned char *to, int to_bytes);
  const char *(*message)(void *data);
} functions;

static functions library;
static int is_there;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *file = dlopen("libv4lconvert.so.0", RTLD_NOW | RTLD_LOCAL);
  if (!file) return;
  *(void **)&library.create = dlsym(file, "v4lconvert_create");
  *(void **)&library.destroy = dlsym(file, "v4lconvert_destroy");
  *(void **)&library.convert = dlsym(file, "v4lconvert_convert");
  *(void **)&library.message = dlsym(file, "v4lconvert_get_error_message");
  is_there = library.create && library.destroy && library.convert && library.message;
}

int foreign_is_there(void) {
  pthread_once(&once, load);
  return is_there;
}

struct foreign_converter {
  void *data;
};

foreign_converter *foreign_open(int device) {
  if (!foreign_is_there()) return NULL;
  foreign_converter *made = malloc(sizeof *made);
  if (!made) return NULL;
  made->data = library.create(device);
  if (made->data) return made;
  free(made);
  return NULL;
}

void foreign_close(foreign_converter *converter) {
  library.destroy(converter->data);
  free(converter);
}

const char *foreign_convert(
    foreign_converter *converter, uint32_t four_cc, uint32_t width, uint32_t height,
    uint32_t row_bytes, uint32_t picture_bytes, const void *from, size_t from_bytes, void *to,
    size_t to_bytes) {
  struct v4l2_format source, target;
  memset(&source, 0, sizeof source);
  source.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  source.fmt.pix.width = width;
  source.fmt.pix.height = height;
  source.fmt.pix.pixelformat = four_cc;
  source.fmt.pix.bytesperline = row_bytes;
  source.fmt.pix.sizeimage = picture_bytes;
  target = source;
  target.fmt.pix.pixelformat = V4L2_PIX_FMT_RGB24;
  target.fmt.pix.bytesperline = width * 3;
  target.fmt.pix.sizeimage = width * 3 * height;
  // It does not write into what it reads.
  int done = library.convert(
      converter->data, &source, &target, (unsigned char *)from, (int)from_bytes, to, (int)to_bytes);
  return done == (int)target.fmt.pix.sizeimage ? NULL : library.message(converter->data);
}
