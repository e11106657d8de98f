// The C library's allocator, of which Swift shows only malloc and free.
#ifndef INSPECT_ALLOCATOR_SHIM_H
#define INSPECT_ALLOCATOR_SHIM_H

/// Gives memory that is free back to the system, and from now on large blocks as soon as they are freed.
void allocator_give_memory_back(void);

#endif
