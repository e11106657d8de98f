// What the files of this plug-in share.
#ifndef INSPECT_ARAVIS_SHARED_H
#define INSPECT_ARAVIS_SHARED_H

#include <arv.h>

#include "camera_abi.h"

struct plugin_camera {
  ArvCamera *camera;
  char *name;
  char *serial;
  /// Aravis tells so on a thread of its own.
  gint is_lost;
  /// Asks it whether it lives; -1 until that is asked. Of the thread that takes pictures.
  int ear;
};

/// Takes an error apart: the words for people, the outcome for the program. Frees it.
int32_t outcome_of(GError *error, plugin_words words);

/// Writes words.
int32_t say(int32_t outcome, plugin_words words, const char *text);

void tell_formats(plugin_camera *it, void *context, void (*tell)(void *, const char *));
int32_t tell_control(
    plugin_camera *it, const char *name, void *context,
    void (*tell)(void *, const plugin_control *));
int32_t set_control(plugin_camera *it, const char *name, const char *value, plugin_words words);
int32_t trigger(plugin_camera *it, plugin_words words);

/// Whether the camera still answers, within half a second.
int32_t is_there(plugin_camera *it);
void stop_listening(plugin_camera *it);

int32_t start_stream(
    plugin_camera *it, const plugin_stream_options *options, plugin_stream **stream,
    plugin_words words);
int32_t next_picture(plugin_stream *stream, uint64_t microseconds, plugin_picture *picture);
void count_packets(plugin_stream *stream, plugin_stream_counters *counters);
void *buffer_of(plugin_stream *stream, int32_t index, uint64_t *byte_count);
void give_back(plugin_stream *stream, int32_t index);
void stop_stream(plugin_camera *it);
void free_stream(plugin_stream *stream);

#endif
