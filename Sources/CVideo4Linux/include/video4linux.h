// The ioctls of Video4Linux, whose numbers are macros that Swift does not import, and the buffer
// structure's unions made plain.
#ifndef INSPECT_VIDEO4LINUX_H
#define INSPECT_VIDEO4LINUX_H

#include <linux/videodev2.h>
#include <stdint.h>

static const unsigned long video_query_capability = VIDIOC_QUERYCAP;
static const unsigned long video_enumerate_formats = VIDIOC_ENUM_FMT;
static const unsigned long video_enumerate_sizes = VIDIOC_ENUM_FRAMESIZES;
static const unsigned long video_enumerate_intervals = VIDIOC_ENUM_FRAMEINTERVALS;
static const unsigned long video_get_format = VIDIOC_G_FMT;
static const unsigned long video_set_format = VIDIOC_S_FMT;
static const unsigned long video_get_parameters = VIDIOC_G_PARM;
static const unsigned long video_set_parameters = VIDIOC_S_PARM;
static const unsigned long video_set_selection = VIDIOC_S_SELECTION;
static const unsigned long video_query_control = VIDIOC_QUERY_EXT_CTRL;
static const unsigned long video_query_menu = VIDIOC_QUERYMENU;

static const uint32_t video_capture = V4L2_BUF_TYPE_VIDEO_CAPTURE;
static const uint32_t video_next_control =
    V4L2_CTRL_FLAG_NEXT_CTRL | V4L2_CTRL_FLAG_NEXT_COMPOUND;

/// A filled buffer as the driver hands it over.
typedef struct video_filled {
  uint32_t index;
  uint32_t byte_count;
  uint32_t sequence;
  int is_damaged;
  /// By the monotonic clock of this computer; otherwise nobody knows which clock it is.
  int is_monotonic;
  int64_t nanoseconds;
} video_filled;

/// Each of these repeats a call that a signal broke off, and answers 0 or a negative errno.
int video_call(int device, unsigned long request, void *argument);

/// How many buffers the driver made, where it made any.
int video_request_buffers(int device, uint32_t *count);
/// Where the buffer's memory is to be mapped from.
int video_query_buffer(int device, uint32_t index, uint32_t *offset, uint32_t *length);
/// 0 where the buffer can be shared with other devices.
int video_can_export(int device, uint32_t index);
int video_queue(int device, uint32_t index);
int video_dequeue(int device, video_filled *filled);
int video_stream(int device, int on);

int video_get_control(int device, uint32_t identity, int is_wide, int64_t *value);
int video_set_control(int device, uint32_t identity, int is_wide, int64_t value);

#endif
