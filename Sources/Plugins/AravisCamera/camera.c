#include "camera.h"

#include <string.h>

#include "aravis_camera.h"

int32_t say(int32_t outcome, plugin_words words, const char *text) {
  if (words.text && words.size > 0) g_strlcpy(words.text, text, words.size);
  return outcome;
}

int32_t outcome_of(GError *error, plugin_words words) {
  if (!error) return PLUGIN_DONE;
  int32_t outcome = PLUGIN_REFUSED;
  if (error->domain == ARV_DEVICE_ERROR) {
    switch (error->code) {
      case ARV_DEVICE_ERROR_NOT_FOUND:
      case ARV_DEVICE_ERROR_NOT_CONNECTED:
      case ARV_DEVICE_ERROR_TIMEOUT:
      case ARV_DEVICE_ERROR_TRANSFER_ERROR:
        outcome = PLUGIN_GONE;
        break;
      case ARV_DEVICE_ERROR_NOT_CONTROLLER:
        outcome = PLUGIN_TAKEN;
        break;
      default:
        break;
    }
  }
  say(outcome, words, error->message);
  g_error_free(error);
  return outcome;
}

static void discover(
    void *context,
    void (*found)(void *context, const char *scheme, const char *name, const char *identity)) {
  arv_update_device_list();
  unsigned count = arv_get_n_devices();
  for (unsigned i = 0; i < count; i++) {
    const char *protocol = arv_get_device_protocol(i);
    const char *serial = arv_get_device_serial_nbr(i);
    const char *address = arv_get_device_address(i);
    gboolean is_usb = protocol && strcmp(protocol, "USB3Vision") == 0;
    gboolean is_ethernet = protocol && strcmp(protocol, "GigEVision") == 0;
    if (!is_usb && !is_ethernet) continue;
    const char *vendor = arv_get_device_vendor(i), *model = arv_get_device_model(i);
    char *name = g_strdup_printf("%s %s", vendor ? vendor : "", model ? model : "");
    found(context, is_usb ? "usb3" : "gige", name, serial && *serial ? serial : address);
    g_free(name);
  }
}

static void lost(ArvDevice *device, void *argument) {
  (void)device;
  g_atomic_int_set(&((plugin_camera *)argument)->is_lost, 1);
}

/// What Aravis calls the camera that a person names by serial number, address, model or the name
/// that its owner gave it; the word itself where nothing fits.
static char *known_as(const char *word) {
  arv_update_device_list();
  unsigned count = arv_get_n_devices();
  for (unsigned i = 0; i < count; i++) {
    const char *names[] = {
        arv_get_device_serial_nbr(i), arv_get_device_address(i), arv_get_device_physical_id(i),
        arv_get_device_model(i), arv_get_device_manufacturer_info(i)};
    for (size_t k = 0; k < G_N_ELEMENTS(names); k++) {
      if (names[k] && strcmp(names[k], word) == 0) return g_strdup(arv_get_device_id(i));
    }
  }
  return g_strdup(word);
}

static int32_t open_camera(const char *identity, plugin_camera **out, plugin_words words) {
  GError *error = NULL;
  char *known = known_as(identity);
  ArvCamera *camera = arv_camera_new(*known ? known : NULL, &error);
  g_free(known);
  if (!camera) {
    return error ? outcome_of(error, words) : say(PLUGIN_GONE, words, "there is no such camera");
  }
  ArvDevice *device = arv_camera_get_device(camera);
  if (ARV_IS_GV_DEVICE(device) && !arv_gv_device_is_controller(ARV_GV_DEVICE(device))) {
    g_object_unref(camera);
    return say(PLUGIN_TAKEN, words, "another program controls the camera");
  }
  plugin_camera *it = g_new0(plugin_camera, 1);
  it->camera = camera;
  it->ear = -1;
  it->name = g_strdup_printf(
      "%s %s", arv_camera_get_vendor_name(camera, NULL), arv_camera_get_model_name(camera, NULL));
  const char *serial = arv_camera_get_device_serial_number(camera, NULL);
  it->serial = g_strdup(serial && *serial ? serial : identity);
  g_signal_connect(device, "control-lost", G_CALLBACK(lost), it);
  *out = it;
  return PLUGIN_DONE;
}

static void close_camera(plugin_camera *it) {
  g_signal_handlers_disconnect_by_data(arv_camera_get_device(it->camera), it);
  stop_listening(it);
  g_object_unref(it->camera);
  g_free(it->name);
  g_free(it->serial);
  g_free(it);
}

static const char *name_of(plugin_camera *it) { return it->name; }
static const char *serial_of(plugin_camera *it) { return it->serial; }

static void abandon_camera(plugin_camera *it) { g_atomic_int_set(&it->is_lost, 1); }

const plugin_cameras *inspect_plugin_cameras(void) {
  static const plugin_cameras table = {
      .abi_version = PLUGIN_CAMERA_ABI_VERSION,
      .library = "Aravis",
      .discover = discover,
      .open = open_camera,
      .close = close_camera,
      .name = name_of,
      .serial = serial_of,
      .formats = tell_formats,
      .control = tell_control,
      .set = set_control,
      .is_there = is_there,
      .abandon = abandon_camera,
      .trigger = trigger,
      .start = start_stream,
      .next = next_picture,
      .counters = count_packets,
      .buffer = buffer_of,
      .give_back = give_back,
      .stop = stop_stream,
      .free_stream = free_stream,
  };
  return &table;
}
