// Only declarations: see kernel_table.h.
