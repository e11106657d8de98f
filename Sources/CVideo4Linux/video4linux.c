#include "video4linux.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int video_call(int device, unsigned long request, void *argument) {
  int status;
  do status = ioctl(device, request, argument);
  while (status < 0 && errno == EINTR);
  return status < 0 ? -errno : 0;
}

int video_request_buffers(int device, uint32_t *count) {
  struct v4l2_requestbuffers request = {
      .count = *count, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
  int status = video_call(device, VIDIOC_REQBUFS, &request);
  if (status == 0) *count = request.count;
  return status;
}

static struct v4l2_buffer mapped(uint32_t index) {
  struct v4l2_buffer buffer;
  memset(&buffer, 0, sizeof buffer);
  buffer.index = index;
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  return buffer;
}

int video_query_buffer(int device, uint32_t index, uint32_t *offset, uint32_t *length) {
  struct v4l2_buffer buffer = mapped(index);
  int status = video_call(device, VIDIOC_QUERYBUF, &buffer);
  *offset = buffer.m.offset;
  *length = buffer.length;
  return status;
}

int video_can_export(int device, uint32_t index) {
  struct v4l2_exportbuffer request = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .index = index};
  int status = video_call(device, VIDIOC_EXPBUF, &request);
  if (status == 0) close(request.fd);
  return status;
}

int video_queue(int device, uint32_t index) {
  struct v4l2_buffer buffer = mapped(index);
  return video_call(device, VIDIOC_QBUF, &buffer);
}

int video_dequeue(int device, video_filled *filled) {
  struct v4l2_buffer buffer = mapped(0);
  int status = video_call(device, VIDIOC_DQBUF, &buffer);
  if (status != 0) return status;
  filled->index = buffer.index;
  filled->byte_count = buffer.bytesused;
  filled->sequence = buffer.sequence;
  filled->is_damaged = (buffer.flags & V4L2_BUF_FLAG_ERROR) != 0;
  filled->is_monotonic =
      (buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  filled->nanoseconds =
      (int64_t)buffer.timestamp.tv_sec * 1000000000 + (int64_t)buffer.timestamp.tv_usec * 1000;
  return 0;
}

int video_stream(int device, int on) {
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  return video_call(device, on ? VIDIOC_STREAMON : VIDIOC_STREAMOFF, &type);
}

static int control(
    int device, unsigned long request, uint32_t identity, int is_wide, int64_t *value) {
  struct v4l2_ext_control one;
  struct v4l2_ext_controls all;
  memset(&one, 0, sizeof one);
  memset(&all, 0, sizeof all);
  one.id = identity;
  if (is_wide)
    one.value64 = *value;
  else
    one.value = (int32_t)*value;
  all.which = V4L2_CTRL_WHICH_CUR_VAL;
  all.count = 1;
  all.controls = &one;
  int status = video_call(device, request, &all);
  if (status == 0) *value = is_wide ? one.value64 : one.value;
  return status;
}

int video_get_control(int device, uint32_t identity, int is_wide, int64_t *value) {
  *value = 0;
  return control(device, VIDIOC_G_EXT_CTRLS, identity, is_wide, value);
}

int video_set_control(int device, uint32_t identity, int is_wide, int64_t value) {
  return control(device, VIDIOC_S_EXT_CTRLS, identity, is_wide, &value);
}
