// The one symbol that this plug-in exports; everything else is reached through the table.
#ifndef INSPECT_ARAVIS_CAMERA_H
#define INSPECT_ARAVIS_CAMERA_H

#include "camera_abi.h"

const plugin_cameras *inspect_plugin_cameras(void);

#endif
