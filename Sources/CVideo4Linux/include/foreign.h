// Formats that only libv4lconvert reads. It is opened when one of them is asked for: most cameras do
// without it.
#ifndef INSPECT_FOREIGN_H
#define INSPECT_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct foreign_converter foreign_converter;

/// Whether the library is there.
int foreign_is_there(void);
/// A converter of pictures of an open device; NULL where the library is not there.
foreign_converter *foreign_open(int device);
void foreign_close(foreign_converter *converter);
/// A picture as red, green and blue without gaps; NULL, or why there is none.
const char *foreign_convert(
    foreign_converter *converter, uint32_t four_cc, uint32_t width, uint32_t height,
    uint32_t row_bytes, uint32_t picture_bytes, const void *from, size_t from_bytes, void *to,
    size_t to_bytes);

#ifdef __cplusplus
}
#endif
#endif
