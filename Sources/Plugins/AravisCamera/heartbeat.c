#include "camera.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

/// Where GigE Vision cameras listen.
#define CONTROL_PORT 3956
#define TRIES 3
#define PATIENCE 150 // ms

/// A socket of our own to where the camera listens; -1 where there is none.
static int connected(ArvGvDevice *device) {
  GSocketAddress *known = arv_gv_device_get_device_address(device);
  GInetAddress *address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(known));
  GSocketAddress *control = g_inet_socket_address_new(address, CONTROL_PORT);
  struct sockaddr_storage camera;
  gssize size = g_socket_address_get_native_size(control);
  int out = -1;
  if (size <= (gssize)sizeof camera &&
      g_socket_address_to_native(control, &camera, sizeof camera, NULL)) {
    out = socket(camera.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (out >= 0 && connect(out, (struct sockaddr *)&camera, (socklen_t)size) != 0) {
      close(out);
      out = -1;
    }
  }
  g_object_unref(control);
  return out;
}

/// Asks for a register that every camera has, which anybody may read: the version of the protocol, at
/// the beginning of its memory. Aravis' own reading would try for seconds before it gives up.
static gboolean answers(int out) {
  // Key, wants an answer; the command; bytes that follow; the number of the request; the register.
  const guint8 question[] = {0x42, 0x01, 0x00, 0x80, 0x00, 0x04, 0x00, 0x01, 0, 0, 0, 0};
  guint8 answer[64];
  // What was answered too late says nothing about now.
  while (recv(out, answer, sizeof answer, MSG_DONTWAIT) > 0) continue;
  for (int i = 0; i < TRIES; i++) {
    struct pollfd waiting = {.fd = out, .events = POLLIN};
    // Whatever it answers, it lives. A refusal is news of the question before: nobody listens there.
    if (send(out, question, sizeof question, 0) == sizeof question &&
        poll(&waiting, 1, PATIENCE) > 0 && recv(out, answer, sizeof answer, 0) > 0)
      return TRUE;
  }
  return FALSE;
}

int32_t is_there(plugin_camera *it) {
  if (g_atomic_int_get(&it->is_lost)) return 0;
  ArvDevice *device = arv_camera_get_device(it->camera);
  // USB tells by itself when somebody pulls the plug.
  if (!ARV_IS_GV_DEVICE(device)) return 1;
  if (it->ear < 0) it->ear = connected(ARV_GV_DEVICE(device));
  return it->ear < 0 || answers(it->ear);
}

void stop_listening(plugin_camera *it) {
  if (it->ear >= 0) close(it->ear);
  it->ear = -1;
}
