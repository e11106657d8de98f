#include "camera.h"

struct plugin_stream {
  ArvStream *stream;
  /// Each of them is held here, and once more by Aravis while it may be filled.
  ArvBuffer **buffers;
  gsize buffer_bytes;
  int32_t count;
};

static void free_memory(void *memory) { g_aligned_free(memory); }

static void give_all(plugin_stream *it, gsize payload, gsize slack) {
  it->buffer_bytes = payload + slack;
  for (int32_t i = 0; i < it->count; i++) {
    void *memory = g_aligned_alloc0(1, it->buffer_bytes, 64);
    it->buffers[i] = arv_buffer_new_full(payload, memory, memory, free_memory);
    give_back(it, i);
  }
}

int32_t start_stream(
    plugin_camera *it, const plugin_stream_options *options, plugin_stream **out,
    plugin_words words) {
  GError *error = NULL;
  if (arv_camera_is_gv_device(it->camera)) {
    // The largest packets that get through; some networks carry none but the usual ones.
    arv_camera_gv_auto_packet_size(it->camera, &error);
    g_clear_error(&error);
  }
  guint payload = arv_camera_get_payload(it->camera, &error);
  if (error) return outcome_of(error, words);
  ArvStream *stream = arv_camera_create_stream(it->camera, NULL, NULL, &error);
  if (!stream) {
    return error ? outcome_of(error, words) : say(PLUGIN_REFUSED, words, "there is no stream");
  }
  if (ARV_IS_GV_STREAM(stream)) {
    g_object_set(
        stream, "socket-buffer", ARV_GV_STREAM_SOCKET_BUFFER_FIXED, "socket-buffer-size",
        (gint)options->socket_bytes, "packet-resend",
        options->resend ? ARV_GV_STREAM_PACKET_RESEND_ALWAYS : ARV_GV_STREAM_PACKET_RESEND_NEVER,
        NULL);
  }
  plugin_stream *made = g_new0(plugin_stream, 1);
  made->stream = stream;
  made->count = options->buffers;
  made->buffers = g_new0(ArvBuffer *, options->buffers);
  give_all(made, payload, options->slack);
  arv_camera_set_acquisition_mode(it->camera, ARV_ACQUISITION_MODE_CONTINUOUS, &error);
  g_clear_error(&error);
  arv_camera_start_acquisition(it->camera, &error);
  if (error) {
    free_stream(made);
    return outcome_of(error, words);
  }
  *out = made;
  return PLUGIN_DONE;
}

static int32_t status_of(ArvBuffer *buffer) {
  switch (arv_buffer_get_status(buffer)) {
    case ARV_BUFFER_STATUS_SUCCESS:
      return PLUGIN_PICTURE_GOOD;
    case ARV_BUFFER_STATUS_TIMEOUT:
    case ARV_BUFFER_STATUS_MISSING_PACKETS:
    case ARV_BUFFER_STATUS_ABORTED:
      return PLUGIN_PICTURE_INCOMPLETE;
    default:
      return PLUGIN_PICTURE_DAMAGED;
  }
}

static int32_t index_of(plugin_stream *it, ArvBuffer *buffer) {
  int32_t i = 0;
  while (i < it->count - 1 && it->buffers[i] != buffer) i++;
  return i;
}

int32_t next_picture(plugin_stream *it, uint64_t microseconds, plugin_picture *picture) {
  ArvBuffer *buffer = arv_stream_timeout_pop_buffer(it->stream, microseconds);
  if (!buffer) return PLUGIN_NOTHING;
  // It stays in our own list.
  g_object_unref(buffer);
  gint waiting = 0, filled = 0;
  arv_stream_get_n_buffers(it->stream, &waiting, &filled);
  size_t size = 0;
  const char *bytes = arv_buffer_get_data(buffer, &size);
  *picture = (plugin_picture){
      .buffer = index_of(it, buffer),
      .byte_count = size,
      .number = arv_buffer_get_frame_id(buffer),
      .nanoseconds = arv_buffer_get_timestamp(buffer),
      .status = status_of(buffer),
      .waiting = waiting,
  };
  if (picture->status != PLUGIN_PICTURE_GOOD) return PLUGIN_DONE;
  // Only whole pictures have a part that describes an image.
  if (arv_buffer_get_payload_type(buffer) != ARV_BUFFER_PAYLOAD_TYPE_IMAGE) {
    picture->status = PLUGIN_PICTURE_DAMAGED;
    return PLUGIN_DONE;
  }
  const char *image = arv_buffer_get_image_data(buffer, &size);
  picture->offset = image - bytes;
  picture->byte_count = size;
  picture->width = arv_buffer_get_image_width(buffer);
  picture->height = arv_buffer_get_image_height(buffer);
  picture->encoding = arv_buffer_get_image_pixel_format(buffer);
  return PLUGIN_DONE;
}

void count_packets(plugin_stream *it, plugin_stream_counters *counters) {
  guint64 resent = 0, missing = 0;
  if (ARV_IS_GV_STREAM(it->stream))
    arv_gv_stream_get_statistics(ARV_GV_STREAM(it->stream), &resent, &missing);
  *counters = (plugin_stream_counters){.resent_packets = resent, .missing_packets = missing};
}

void *buffer_of(plugin_stream *it, int32_t index, uint64_t *byte_count) {
  *byte_count = it->buffer_bytes;
  size_t size = 0;
  return (void *)arv_buffer_get_data(it->buffers[index], &size);
}

void give_back(plugin_stream *it, int32_t index) {
  arv_stream_push_buffer(it->stream, g_object_ref(it->buffers[index]));
}

void stop_stream(plugin_camera *it) {
  GError *error = NULL;
  // A camera that is gone cannot be asked to stop.
  if (!g_atomic_int_get(&it->is_lost)) arv_camera_stop_acquisition(it->camera, &error);
  g_clear_error(&error);
}

void free_stream(plugin_stream *it) {
  g_object_unref(it->stream);
  for (int32_t i = 0; i < it->count; i++) g_object_unref(it->buffers[i]);
  g_free(it->buffers);
  g_free(it);
}
