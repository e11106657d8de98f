// The one symbol that this plug-in exports; everything else is reached through the table.
#ifndef INSPECT_OPENCV_ENGINE_H
#define INSPECT_OPENCV_ENGINE_H

#include "plugin_abi.h"

#ifdef __cplusplus
extern "C"
#endif
const plugin_engine *inspect_plugin_engine(void);

#endif
