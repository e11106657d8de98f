#!/usr/bin/env python3
"""The kernel's vivid driver shows eight bars of 75 % colours; so every byte that it gives is known, and
every pixel that is made of it.

usage: known_pattern.py WIDTHxHEIGHT FORMAT…     (FORMAT/*.raw: the driver's bytes, FORMAT/*.png: the picture)

A line for each format, `ok` or `FAILED`; ends with the number of those that failed.
"""
import functools
import glob
import re
import struct
import sys
import zlib

FULL = 191  # 75 % of 255
BARS = [(r * FULL, g * FULL, b * FULL) for r, g, b in (
    (1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0))]
LUMA = (0.2126, 0.7152, 0.0722)  # of sRGB; the driver reckons in steps of its own and ends up to 2 below


def png(path):
    """Bits of a sample and the rows of a PNG as bytes. Rows repeat, so each is reckoned once."""
    data, place, packed = open(path, "rb").read(), 8, b""
    while place < len(data):
        count, kind = struct.unpack_from(">I4s", data, place)
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack_from(">IIBB", data, place + 8)
        elif kind == b"IDAT":
            packed += data[place + 8:place + 8 + count]
        place += count + 12
    pixel = depth // 8 * {0: 1, 2: 3}[colour]
    lines, size = zlib.decompress(packed), pixel * width

    @functools.lru_cache(None)
    def row(kind, line, above):
        out = bytearray(line)
        for i in range(size):
            a, b = out[i - pixel] if i >= pixel else 0, above[i]
            c = above[i - pixel] if i >= pixel else 0
            nearest = min((a, b, c), key=lambda v: abs(a + b - c - v))
            out[i] = (out[i] + (0, a, b, (a + b) // 2, nearest)[kind]) & 255
        return bytes(out)

    rows, above = [], bytes(size)
    for y in range(height):
        start = y * (size + 1)
        above = row(lines[start], lines[start + 1:start + 1 + size], above)
        rows.append(above)
    return depth, rows


def samples(row, order, depth):
    """Numbers of a row of bytes; `order` of bytes is < or >."""
    return struct.unpack(f"{order}{len(row) * 8 // depth}{'B' if depth == 8 else 'H'}", row)


def bar(x, width):
    return BARS[8 * x // width]


def grey(raw, rows, depth, width, bits, order):
    """Grey: the picture has the driver's numbers, and they are the bars' brightness."""
    size = width * (2 if bits > 8 else 1)
    scale = 1 << (bits - 8)
    for y, row in enumerate(rows):
        given = samples(raw[y * size:(y + 1) * size], order, depth)
        if samples(row, ">", depth) != given:
            return f"row {y} is not the driver's"
    for x, value in enumerate(given):
        luma = sum(share * level for share, level in zip(LUMA, bar(x, width)))
        if not -2 * scale <= value - luma * scale <= scale:
            return f"column {x} is {value}"
    return None if raw == raw[:size] * len(rows) else "the driver's rows differ"


def colours(raw, rows, depth, width, red):
    """RGB in bytes: all of it is known."""
    row = bytes(v for x in range(width) for v in bar(x, width))
    given = row if red == 0 else bytes(v for x in range(width) for v in bar(x, width)[::-1])
    if raw != given * len(rows):
        return "the driver's bytes are others"
    return None if all(one == row for one in rows) else "the picture's are others"


def mosaic(raw, rows, depth, width, order, bits):
    """A Bayer mosaic: all of it is known, and so are all pixels two away from where bars meet."""
    full = {8: FULL, 10: FULL << 2 | 3, 12: FULL << 4 | 15, 16: FULL * 257}[bits]
    kind = "B" if bits == 8 else "H"
    lines = []
    for y in range(2):
        line = [bar(x, width)["RGB".index(order[2 * y + x % 2])] // FULL * full for x in range(width)]
        lines.append(struct.pack(f"<{width}{kind}", *line))
    if raw != (lines[0] + lines[1]) * (len(rows) // 2):
        return "the driver's bytes are others"
    size, step = width // 8, 3 * depth // 8
    for k, colour in enumerate(BARS):
        row = struct.pack(f">3{kind}", *(v // FULL * full for v in colour)) * (size - 4)
        start = (k * size + 2) * step
        for y, one in enumerate(rows):
            if one[start:start + len(row)] != row:
                return f"bar {k}, row {y}"
    return None


def differences(raw, rows, depth, width, places):
    """Brightness and colour differences: `places(y)` are slices of the four; BT.601, video range."""

    @functools.lru_cache(None)
    def fits(luma, us, vs, row):
        for x in range(width):
            y, u, v = 1.164383 * (luma[x] - 16), us[x // 2] - 128, vs[x // 2] - 128
            exact = y + 1.596027 * v, y - 0.812968 * v - 0.391762 * u, y + 2.017232 * u
            for channel, level in enumerate(exact):
                found = row[3 * x + channel]
                if abs(found - min(255, max(0, level))) > 1 or abs(found - bar(x, width)[channel]) > 4:
                    return False
        return True

    for y, row in enumerate(rows):
        luma, us, vs = (raw[place] for place in places(y))
        if not fits(luma, us, vs, row):
            return f"row {y}"
    return None


def rows_of(name, width, height):
    """Where a row's brightness and colour differences lie in a format's bytes."""
    if name in ("NV12", "NV21"):
        first = 0 if name == "NV12" else 1

        def planar(y):
            start, end = y * width, (y + 1) * width
            chroma = (height + y // 2) * width
            return (
                slice(start, end), slice(chroma + first, chroma + width, 2),
                slice(chroma + 1 - first, chroma + width, 2))
        return planar
    y_at, u_at, v_at = (name.index(letter) for letter in "YUV")

    def packed(y):
        start, end = 2 * y * width, 2 * (y + 1) * width
        return slice(start + y_at, end, 2), slice(start + u_at, end, 4), slice(start + v_at, end, 4)
    return packed


def trouble(name, width, height):
    """What is wrong with a format; None where nothing is."""
    (raw_path,), (png_path,) = glob.glob(name + "/*.raw"), glob.glob(name + "/*.png")
    raw = open(raw_path, "rb").read()
    depth, rows = png(png_path)
    about = raw, rows, depth, width
    if len(rows) != height:
        return f"{len(rows)} rows"
    if name == "GREY":
        return grey(*about, 8, "<")
    if match := re.fullmatch(r"Y(\d+)(_BE)?", name):
        return grey(*about, int(match[1]), ">" if match[2] else "<")
    if name in ("RGB24", "BGR24"):
        return colours(*about, name.index("R"))
    if match := re.fullmatch(r"S([RGB]{4})(\d+)", name):
        return mosaic(*about, match[1], int(match[2]))
    return differences(*about, rows_of(name, width, height))


def main():
    width, height = map(int, sys.argv[1].split("x"))
    failed = 0
    for name in sys.argv[2:]:
        try:
            why = trouble(name, width, height)
        except (ValueError, KeyError, struct.error, zlib.error) as error:
            why = f"unreadable: {error}"
        failed += why is not None
        print(f"FAILED  {name}, pixel for pixel: {why}" if why else f"ok      {name}, pixel for pixel")
    sys.exit(failed)


if __name__ == "__main__":
    main()
