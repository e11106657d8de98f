#include "camera.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>


/// Where GigE Vision cameras listen.
#define CONTROL_PORT 3956
#define TRIES 3
#define PATIENCE 150 // ms

/// Asks for a register that every camera has, which anybody may read: the version of the protocol, at
/// the beginning of its memory. Aravis' own reading would try for seconds before it gives up.
static gboolean answers(struct sockaddr *camera, socklen_t size) {
  int out = socket(camera->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (out < 0) return FALSE;
  gboolean is_there = FALSE;
  // Key, wants an answer; the command; bytes that follow; the number of the request; the register.
  const guint8 question[] = {0x42, 0x01, 0x00, 0x80, 0x00, 0x04, 0x00, 0x01, 0, 0, 0, 0};
  if (connect(out, camera, size) == 0) {
    for (int i = 0; i < TRIES && !is_there; i++) {
      guint8 answer[64];
      struct pollfd waiting = {.fd = out, .events = POLLIN};
      if (send(out, question, sizeof question, 0) != sizeof question) break;
      // Whatever it answers, it lives.
      is_there = poll(&waiting, 1, PATIENCE) > 0 && recv(out, answer, sizeof answer, 0) > 0;
    }
  }
  close(out);
  return is_there;
}

int32_t is_there(plugin_camera *it) {
  if (g_atomic_int_get(&it->is_lost)) return 0;
  ArvDevice *device = arv_camera_get_device(it->camera);
  // USB tells by itself when somebody pulls the plug.
  if (!ARV_IS_GV_DEVICE(device)) return 1;
  GSocketAddress *known = arv_gv_device_get_device_address(ARV_GV_DEVICE(device));
  GInetAddress *address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(known));
  GSocketAddress *control = g_inet_socket_address_new(address, CONTROL_PORT);
  struct sockaddr_storage camera;
  gssize size = g_socket_address_get_native_size(control);
  gboolean is_known = size <= (gssize)sizeof camera &&
                      g_socket_address_to_native(control, &camera, sizeof camera, NULL);
  g_object_unref(control);
  return !is_known || answers((struct sockaddr *)&camera, (socklen_t)size);
}
