// Only declarations: see plugin_abi.h.
