#!/usr/bin/env python3
"""A bad network between a GigE Vision camera and its user: a camera at an address of its own that
passes everything on, but loses a share of the picture packets. It keeps what it lost and sends it again
when it is asked to, which Aravis' fake camera cannot do.

usage: lossy_network.py CAMERA-ADDRESS OWN-ADDRESS PERMILLE

It runs until SIGTERM, then tells what it did: "packets 9000 lost 45 asked 44 repaired 44".
"""
import collections
import random
import select
import signal
import socket
import struct
import sys

CONTROL_PORT = 3956
DISCOVERY, RESEND, READ, WRITE = 0x02, 0x40, 0x80, 0x82
# Registers of a GigE Vision camera.
CAPABILITIES, STREAM_PORT, STREAM_ADDRESS = 0x934, 0xD00, 0xD18
CAN_RESEND = 1 << 2
# Where the answer to a discovery tells the camera's address.
ADDRESS_IN_DISCOVERY = 8 + 0x24
REMEMBERED = 4096  # packets


def number(address):
    return struct.unpack(">I", socket.inet_aton(address))[0]


def endpoint(address, port):
    """A UDP socket with room for a picture."""
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    for option, value in (
        (socket.SO_REUSEADDR, 1), (socket.SO_BROADCAST, 1), (socket.SO_RCVBUF, 4 << 20)):
        one.setsockopt(socket.SOL_SOCKET, option, value)
    one.bind((address, port))
    return one


class Network:
    def __init__(self, camera, own, permille):
        self.own, self.share = own, permille / 1000
        self.random = random.Random(1)
        # Towards the user: requests, those to everybody, and pictures.
        self.requests = endpoint(own, CONTROL_PORT)
        self.calls = endpoint("255.255.255.255", CONTROL_PORT)
        self.pictures_out = endpoint(own, 0)
        # Towards the camera.
        self.camera = endpoint("0.0.0.0", 0)
        self.camera.connect((camera, CONTROL_PORT))
        self.pictures_in = endpoint(self.camera.getsockname()[0], 0)
        self.user = ["0.0.0.0", 0]  # where pictures go
        self.asked_by = {}  # request number: who asked, command, register
        self.sent = collections.OrderedDict()
        self.counts = dict.fromkeys(["packets", "lost", "asked", "repaired"], 0)

    def run(self):
        work = {
            self.requests: self.request, self.calls: self.request, self.camera: self.answer,
            self.pictures_in: self.picture}
        while True:
            for one in select.select(list(work), [], [])[0]:
                work[one](one)

    def request(self, one):
        """From the user to the camera; pictures are to come here."""
        packet, sender = one.recvfrom(65536)
        command, _, key = struct.unpack_from(">HHH", packet, 2)
        if command == RESEND:
            return self.repair(*struct.unpack_from(">III", packet, 8))
        register = None
        if command in (READ, WRITE):
            register = struct.unpack_from(">I", packet, 8)[0]
        if command == WRITE:
            value = struct.unpack_from(">I", packet, 12)[0]
            if register == STREAM_PORT:
                self.user[1] = value & 0xFFFF
                value = self.pictures_in.getsockname()[1] if value else 0
            elif register == STREAM_ADDRESS:
                self.user[0] = socket.inet_ntoa(struct.pack(">I", value))
                value = number(self.camera.getsockname()[0])
            packet = packet[:12] + struct.pack(">I", value)
        self.asked_by[key] = sender, command, register
        self.camera.send(packet)

    def answer(self, one):
        """From the camera to the user, as if this were the camera."""
        try:
            packet = one.recv(65536)
        except ConnectionRefusedError:
            return  # nobody listens there at the moment
        asked = self.asked_by.pop(struct.unpack_from(">H", packet, 6)[0], None)
        if asked is None:
            return
        sender, command, register = asked
        if command == DISCOVERY:
            end = ADDRESS_IN_DISCOVERY
            packet = packet[:end] + socket.inet_aton(self.own) + packet[end + 4:]
        elif command == READ and len(packet) >= 12:
            value = struct.unpack_from(">I", packet, 8)[0]
            value = {
                CAPABILITIES: value | CAN_RESEND, STREAM_PORT: self.user[1],
                STREAM_ADDRESS: number(self.user[0])}.get(register, value)
            packet = packet[:8] + struct.pack(">I", value) + packet[12:]
        self.requests.sendto(packet, sender)

    def picture(self, one):
        packet = one.recv(65536)
        if self.user[1] == 0:
            return
        _, picture, place = struct.unpack_from(">HHI", packet)
        self.sent[picture, place & 0xFFFFFF] = packet
        if len(self.sent) > REMEMBERED:
            self.sent.popitem(last=False)
        self.counts["packets"] += 1
        # Packets that try out the size belong to no picture.
        if picture and self.random.random() < self.share:
            self.counts["lost"] += 1
        else:
            self.pictures_out.sendto(packet, tuple(self.user))

    def repair(self, picture, first, last):
        for place in range(first & 0xFFFFFF, (last & 0xFFFFFF) + 1):
            self.counts["asked"] += 1
            packet = self.sent.get((picture & 0xFFFF, place))
            if packet:
                self.counts["repaired"] += 1
                self.pictures_out.sendto(packet, tuple(self.user))


def main():
    camera, own, permille = sys.argv[1:]
    network = Network(camera, own, float(permille))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        network.run()
    finally:
        print(*(f"{name} {count}" for name, count in network.counts.items()))


if __name__ == "__main__":
    main()
