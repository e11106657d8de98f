#include <string.h>

#include "camera.h"

void tell_formats(plugin_camera *it, void *context, void (*tell)(void *, const char *)) {
  guint count = 0;
  GError *error = NULL;
  const char **names = arv_camera_dup_available_pixel_formats_as_strings(it->camera, &count, &error);
  g_clear_error(&error);
  for (guint i = 0; i < count; i++) tell(context, names[i]);
  g_free(names);
}

static ArvGcNode *node_of(plugin_camera *it, const char *name) {
  ArvGcNode *node = arv_device_get_feature(arv_camera_get_device(it->camera), name);
  if (!node || !ARV_IS_GC_FEATURE_NODE(node)) return NULL;
  GError *error = NULL;
  gboolean is_there = arv_gc_feature_node_is_available(ARV_GC_FEATURE_NODE(node), &error);
  g_clear_error(&error);
  return is_there ? node : NULL;
}

int32_t tell_control(
    plugin_camera *it, const char *name, void *context,
    void (*tell)(void *, const plugin_control *)) {
  ArvGcNode *node = node_of(it, name);
  if (!node) return PLUGIN_REFUSED;
  plugin_control control = {.name = name, .text = "", .unit = ""};
  GError *error = NULL;
  if (ARV_IS_GC_ENUMERATION(node)) {
    control.kind = 'e';
    const char *word = arv_gc_enumeration_get_string_value(ARV_GC_ENUMERATION(node), &error);
    if (word) control.text = word;
  } else if (ARV_IS_GC_COMMAND(node)) {
    control.kind = 'c';
  } else if (ARV_IS_GC_BOOLEAN(node)) {
    control.kind = 'b';
    control.value = arv_gc_boolean_get_value(ARV_GC_BOOLEAN(node), &error);
    control.maximum = 1;
  } else if (ARV_IS_GC_FLOAT(node)) {
    control.kind = 'r';
    control.value = arv_gc_float_get_value(ARV_GC_FLOAT(node), &error);
    if (!error) control.minimum = arv_gc_float_get_min(ARV_GC_FLOAT(node), &error);
    if (!error) control.maximum = arv_gc_float_get_max(ARV_GC_FLOAT(node), &error);
    const char *unit = arv_gc_float_get_unit(ARV_GC_FLOAT(node));
    if (unit) control.unit = unit;
  } else if (ARV_IS_GC_INTEGER(node)) {
    control.kind = 'w';
    control.value = (double)arv_gc_integer_get_value(ARV_GC_INTEGER(node), &error);
    if (!error) control.minimum = (double)arv_gc_integer_get_min(ARV_GC_INTEGER(node), &error);
    if (!error) control.maximum = (double)arv_gc_integer_get_max(ARV_GC_INTEGER(node), &error);
    const char *unit = arv_gc_integer_get_unit(ARV_GC_INTEGER(node));
    if (unit) control.unit = unit;
  } else if (ARV_IS_GC_STRING(node)) {
    control.kind = 's';
    const char *text = arv_gc_string_get_value(ARV_GC_STRING(node), &error);
    if (text) control.text = text;
  } else {
    return PLUGIN_REFUSED;
  }
  if (error) {
    g_error_free(error);
    return PLUGIN_REFUSED;
  }
  tell(context, &control);
  return PLUGIN_DONE;
}

/// A number out of the camera's range is refused in words, not written and forgotten.
static int32_t set_number(ArvGcNode *node, const char *name, const char *value, plugin_words words) {
  char *end = NULL;
  double number = g_ascii_strtod(value, &end);
  if (end == value || *end) return say(PLUGIN_REFUSED, words, "that is not a number");
  GError *error = NULL;
  double low, high;
  gboolean is_real = ARV_IS_GC_FLOAT(node);
  if (is_real) {
    low = arv_gc_float_get_min(ARV_GC_FLOAT(node), &error);
    if (!error) high = arv_gc_float_get_max(ARV_GC_FLOAT(node), &error);
  } else {
    low = (double)arv_gc_integer_get_min(ARV_GC_INTEGER(node), &error);
    if (!error) high = (double)arv_gc_integer_get_max(ARV_GC_INTEGER(node), &error);
  }
  if (error) return outcome_of(error, words);
  if (number < low || number > high) {
    char *text = g_strdup_printf("%s goes from %g to %g", name, low, high);
    int32_t outcome = say(PLUGIN_REFUSED, words, text);
    g_free(text);
    return outcome;
  }
  if (is_real)
    arv_gc_float_set_value(ARV_GC_FLOAT(node), number, &error);
  else
    arv_gc_integer_set_value(ARV_GC_INTEGER(node), (gint64)number, &error);
  return outcome_of(error, words);
}

int32_t set_control(plugin_camera *it, const char *name, const char *value, plugin_words words) {
  ArvGcNode *node = node_of(it, name);
  if (!node) return say(PLUGIN_REFUSED, words, "the camera has no such control");
  GError *error = NULL;
  if (ARV_IS_GC_ENUMERATION(node)) {
    arv_gc_enumeration_set_string_value(ARV_GC_ENUMERATION(node), value, &error);
  } else if (ARV_IS_GC_COMMAND(node)) {
    arv_gc_command_execute(ARV_GC_COMMAND(node), &error);
  } else if (ARV_IS_GC_BOOLEAN(node)) {
    gboolean on = strcmp(value, "1") == 0 || g_ascii_strcasecmp(value, "true") == 0;
    arv_gc_boolean_set_value(ARV_GC_BOOLEAN(node), on, &error);
  } else if (ARV_IS_GC_FLOAT(node) || ARV_IS_GC_INTEGER(node)) {
    return set_number(node, name, value, words);
  } else if (ARV_IS_GC_STRING(node)) {
    arv_gc_string_set_value(ARV_GC_STRING(node), value, &error);
  } else {
    return say(PLUGIN_REFUSED, words, "it cannot be set");
  }
  return outcome_of(error, words);
}

int32_t trigger(plugin_camera *it, plugin_words words) {
  // Aravis would try for seconds to reach a camera that is gone.
  if (!is_there(it)) return say(PLUGIN_GONE, words, "it does not answer");
  GError *error = NULL;
  arv_camera_software_trigger(it->camera, &error);
  return outcome_of(error, words);
}
