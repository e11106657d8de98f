#!/usr/bin/env python3
"""A USB camera made of words: a UVC 1.0 device that speaks USB/IP with the kernel's vhci-hcd, so that
the kernel's own uvcvideo driver has something to drive where there is no hardware.

usage: uvc_camera.py JPEG... <commands

It is plugged in at once and unplugged at the end of its input. A line of the input is a command:
  unplug | plug      pull the cable, put it back (every control begins at its default again)
  error [N]          the next N pictures carry the error bit in their payload headers
  truncate [N]       of the next N pictures only the first half is sent, as if it were all
  garble [N]         in the next N pictures a stretch in the middle is all ones
  good [N]           the next N pictures are as they should be: what is said later comes after them
  stall SECONDS      nothing is sent for so long
What is set by the host is told on standard output, a line each: "exposure 250"; so is the first picture
of a stream that it took: "filming".
"""
import socket
import struct
import sys
import threading
import time

MJPEG_SIZE = (640, 480)
YUYV_SIZE = (160, 120)
INTERVALS = [400_000, 666_666]  # of 100 ns: 25 and 15 pictures a second
LARGEST_PICTURE = 640 * 480 * 2
PAYLOAD = 16384
HIGH_SPEED = 3
PORT_FOLDER = "/sys/devices/platform/vhci_hcd.0/"

# Units inside the camera, and the selectors of their controls.
SENSOR, PROCESSING, OUTPUT = 1, 2, 3
AUTO_EXPOSURE, EXPOSURE = (SENSOR, 2), (SENSOR, 4)
BRIGHTNESS = (PROCESSING, 2)
SET_CUR, GET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF = (
    1, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87)
BROKEN_PIPE, RESET = -32, -104  # as the kernel counts errors


def descriptor(kind, layout, *values):
    """A USB descriptor: its length, its kind, and fields as struct packs them."""
    body = struct.pack("<" + layout, *values)
    return bytes([len(body) + 2, kind]) + body


class Control:
    """A number that the host may set. Steps of a choice are the set of its allowed bits."""

    def __init__(self, name, layout, low, high, step, default):
        self.name, self.layout = name, "<" + layout
        self.value = default
        self.numbers = {GET_MIN: low, GET_MAX: high, GET_RES: step, GET_DEF: default}

    def answer(self, request):
        if request == GET_INFO:
            return b"\x03"
        if request == GET_LEN:
            return struct.pack("<H", struct.calcsize(self.layout))
        number = self.value if request == GET_CUR else self.numbers.get(request)
        return None if number is None else struct.pack(self.layout, number)

    def set(self, data):
        (self.value,) = struct.unpack(self.layout, data)
        print(self.name, self.value, flush=True)


class Description:
    """What the camera says it is."""

    def __init__(self):
        self.device = descriptor(
            1, "HBBBBHHHBBBB", 0x200, 0xEF, 2, 1, 64, 0x1209, 0x0001, 0x100, 1, 2, 3, 1)
        self.words = ["", "Rig", "Rig UVC camera", "RIG-0001"]
        interfaces = descriptor(11, "BBBBBB", 0, 2, 0x0E, 3, 0, 0)
        interfaces += descriptor(4, "BBBBBBB", 0, 0, 0, 0x0E, 1, 0, 0) + self._control()
        interfaces += descriptor(4, "BBBBBBB", 1, 0, 1, 0x0E, 2, 0, 0) + self._streaming()
        interfaces += descriptor(5, "BBHB", 0x81, 2, 512, 0)
        self.configuration = (
            descriptor(2, "HBBBBB", 9 + len(interfaces), 2, 1, 0, 0x80, 50) + interfaces)

    @staticmethod
    def _control():
        units = descriptor(
            0x24, "BBHBBHHHB3s", 2, SENSOR, 0x201, 0, 0, 0, 0, 0, 3, bytes([0x0A, 0, 0]))
        units += descriptor(0x24, "BBBHB2sB", 5, PROCESSING, SENSOR, 0, 2, b"\x01\x00", 0)
        units += descriptor(0x24, "BBHBBB", 3, OUTPUT, 0x101, 0, PROCESSING, 0)
        return descriptor(0x24, "BHHIBB", 1, 0x100, 13 + len(units), 1_000_000, 1, 1) + units

    @staticmethod
    def _streaming():
        def size(kind, width, height):
            return descriptor(
                0x24, "BBBHHIIIIB2I", kind, 1, 0, width, height, width * height * 240,
                width * height * 400, width * height * 2, INTERVALS[0], len(INTERVALS), *INTERVALS)

        yuyv = b"YUY2" + bytes.fromhex("00001000800000aa00389b71")
        formats = descriptor(0x24, "BBBBBBBBB", 6, 1, 1, 1, 1, 0, 0, 0, 0) + size(7, *MJPEG_SIZE)
        formats += descriptor(0x24, "BBB16sBBBBBB", 4, 2, 1, yuyv, 16, 1, 0, 0, 0, 0)
        formats += size(5, *YUYV_SIZE)
        return descriptor(
            0x24, "BBHBBBBBBBBB", 1, 2, 15 + len(formats), 0x81, 0, OUTPUT, 0, 0, 0, 1, 0, 0
        ) + formats

    def answer(self, kind, index):
        if kind == 1:
            return self.device
        if kind == 2:
            return self.configuration
        if kind == 3 and index < len(self.words):
            text = self.words[index].encode("utf-16le") if index else b"\x09\x04"
            return bytes([len(text) + 2, 3]) + text
        return None


class Settings:
    """What the host has set: the controls, and what it negotiated for the stream."""

    def __init__(self):
        self.controls = {
            AUTO_EXPOSURE: Control("automatic", "B", 1, 8, 0b1001, 8),
            EXPOSURE: Control("exposure", "I", 1, 5000, 1, 100),
            BRIGHTNESS: Control("brightness", "H", 0, 255, 1, 128),
        }
        self.format, self.interval = 1, INTERVALS[0]

    def negotiate(self, wish):
        self.format = wish[2] if wish[2] in (1, 2) else 1
        wished = struct.unpack_from("<I", wish, 4)[0] or INTERVALS[0]
        self.interval = min(INTERVALS, key=lambda one: abs(one - wished))

    def stream(self):
        return struct.pack(
            "<HBBIHHHHHII", 0, self.format, 1, self.interval, 0, 0, 0, 0, 0, LARGEST_PICTURE,
            PAYLOAD)


class Camera:
    """The camera while it is plugged in: the far end of one USB/IP connection."""

    def __init__(self, pictures, faults):
        self.pictures, self.faults = pictures, faults
        self.description, self.settings = Description(), Settings()
        self.waiting = []  # transfers that the host wants filled
        self.newest = 0  # of the transfers; their numbers rise
        self.taken_back = set()  # transfers that the host no longer wants and that are still to come
        self.streams = 0  # so many have begun: the rest of a picture of an older one is not sent
        self.changed = threading.Condition()
        self.line, kernel = socket.socketpair()
        self.plugged = True
        self._attach(kernel)
        self.threads = [threading.Thread(target=run) for run in (self._listen, self._film)]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def _attach(kernel):
        """Hands the connection to a free port; one that was just left takes a moment."""
        for attempt in range(50):
            try:
                with open(PORT_FOLDER + "attach", "w") as file:
                    file.write(f"{attempt % 8} {kernel.fileno()} 65537 {HIGH_SPEED}")
                kernel.close()
                return
            except OSError:
                time.sleep(0.1)
        sys.exit("no port of vhci_hcd is free")

    def unplug(self):
        with self.changed:
            self.plugged = False
            self.changed.notify_all()
        self.line.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        self.line.close()

    # USB/IP

    def _read(self, count):
        data = b""
        while len(data) < count:
            part = self.line.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _finish(self, transfer, status, data=b"", count=None):
        head = struct.pack(
            ">IIIIIiiiii8x", 3, transfer, 0, 0, 0, status, len(data) if count is None else count,
            0, 0, 0)
        with self.changed:
            self.line.sendall(head + data)

    def _listen(self):
        try:
            while True:
                head = self._read(48)
                command, transfer, _, is_input, endpoint = struct.unpack(">5I", head[:20])
                if command == 1:
                    length = struct.unpack(">i", head[24:28])[0]
                    data = b"" if is_input else self._read(length)
                    if endpoint == 0:
                        self._control(transfer, head[40:48], data, is_input)
                    else:
                        self._queue(transfer)
                elif command == 2:
                    self._forget(transfer, struct.unpack(">I", head[20:24])[0])
        except (EOFError, OSError):
            with self.changed:
                self.plugged = False
                self.changed.notify_all()

    def _queue(self, transfer):
        with self.changed:
            self.newest = transfer
            if transfer in self.taken_back:
                self.taken_back.remove(transfer)
            else:
                self.waiting.append(transfer)
                self.changed.notify_all()

    def _forget(self, answer, transfer):
        """The host takes a transfer back; vhci-hcd may say so before it sends the transfer."""
        with self.changed:
            if transfer > self.newest:
                self.taken_back.add(transfer)
            known = transfer in self.waiting
            if known:
                self.waiting.remove(transfer)
            self.line.sendall(
                struct.pack(">IIIIIi24x", 4, answer, 0, 0, 0, RESET if known else 0))

    # Requests

    def _control(self, transfer, setup, data, is_input):
        answer = self._answer(*struct.unpack("<BBHHH", setup), data)
        if answer is None:
            self._finish(transfer, BROKEN_PIPE)
        elif is_input:
            self._finish(transfer, 0, answer[: struct.unpack("<H", setup[6:8])[0]])
        else:
            self._finish(transfer, 0, count=len(data))

    def _answer(self, kind, request, value, index, _, data):
        """The data that answers a request, none for one that only sets; None refuses it."""
        if kind & 0x60 == 0:
            if kind == 0x80 and request == 6:
                return self.description.answer(value >> 8, value & 255)
            return b"\x00\x00" if kind & 0x80 else b""
        selector, unit, interface = value >> 8, index >> 8, index & 255
        if interface == 1:
            if request == SET_CUR:
                self.settings.negotiate(data)
                with self.changed:
                    self.streams += 1
                return b""
            special = {GET_LEN: struct.pack("<H", 26), GET_INFO: b"\x03"}
            return special.get(request, self.settings.stream())
        control = self.settings.controls.get((unit, selector))
        if control is None:
            return None
        if request == SET_CUR:
            control.set(data)
            return b""
        return control.answer(request)

    # Pictures

    def _picture(self, number):
        """The bytes of a picture, and whether its payloads carry the error bit."""
        if self.settings.format == 2:
            width, height = YUYV_SIZE
            return bytes(i & 255 for i in range(2 * width)) * height, False
        picture = self.pictures[number % len(self.pictures)]
        fault = self.faults.pop(0) if self.faults else None
        middle = len(picture) // 2
        if fault == "truncate":
            picture = picture[:middle]
        elif fault == "garble":
            picture = picture[:middle] + b"\xff" * 512 + picture[middle + 512:]
        return picture, fault == "error"

    def _film(self):
        toggle, number, told, due = 0, 0, 0, time.monotonic()
        counted, since = 0, due
        try:
            while True:
                with self.changed:
                    self.changed.wait_for(lambda: self.waiting or not self.plugged)
                    if not self.plugged:
                        return
                now = time.monotonic()
                pause = self.faults[0] if self.faults and isinstance(self.faults[0], float) else 0
                if pause:
                    self.faults.pop(0)
                # One that was late, or that nobody wanted, is not made up for.
                due = max(due + self.settings.interval * 1e-7, now - 0.1) + pause
                time.sleep(max(0, due - now))
                picture, is_wrong = self._picture(number)
                self._send(picture, 0x80 | toggle | (0x40 if is_wrong else 0))
                now = time.monotonic()
                counted += 1
                if told != self.streams:
                    told, counted, since = self.streams, 0, now
                    print("filming", flush=True)
                elif counted == 20:
                    # How many a second it did film, which a slow computer may keep it from.
                    print(f"pace {counted / (now - since):.2f}", flush=True)
                    counted, since = 0, now
                toggle ^= 1
                number += 1
        except OSError:
            return  # unplugged while it was sending

    def _send(self, picture, flags):
        """A picture as payloads, each with a header of two bytes; the last one says that it is."""
        room, stream = PAYLOAD - 2, self.streams
        for start in range(0, len(picture), room):
            is_last = start + room >= len(picture)
            payload = bytes([2, flags | (2 if is_last else 0)]) + picture[start:start + room]
            # In one go: a transfer that the host takes back meanwhile must not be answered.
            with self.changed:
                self.changed.wait_for(lambda: self.waiting or not self.plugged)
                if not self.plugged or stream != self.streams:
                    return
                self._finish(self.waiting.pop(0), 0, payload)


def main():
    pictures = [open(path, "rb").read() for path in sys.argv[1:]]
    faults = []
    camera = Camera(pictures, faults)
    for line in sys.stdin:
        command, *argument = line.split()
        if command == "unplug":
            camera.unplug()
        elif command == "plug":
            camera = Camera(pictures, faults)
        elif command == "stall":
            faults.append(float(argument[0]))
        else:
            faults.extend([command] * int(argument[0] if argument else 1))
    if camera.plugged:
        camera.unplug()


if __name__ == "__main__":
    main()
