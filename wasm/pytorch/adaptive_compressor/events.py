"""
Event files of TensorBoard: records of a length, its checksum, data and its checksum, little-endian; the data of each is an
`Event` in protobuf's wire format. The command line writes the same; see wasm/files/formats/tensorboard.js.
"""

import os
import re
import socket
import struct
import time


def _remainder(byte):
    for _ in range(8):
        byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
    return byte


_REMAINDERS = [_remainder(byte) for byte in range(256)]


def masked_crc(data):
    """The CRC-32C of bytes, rotated and shifted, so that data with a checksum inside has a good one too."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _REMAINDERS[(crc ^ byte) & 255]
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out) + bytes([value])


# Fields of a message: their number and kind, then what they hold.
def _whole(field, value):
    return _varint(field << 3) + _varint(value)


def _double(field, value):
    return _varint(field << 3 | 1) + struct.pack("<d", value)


def _bytes(field, data):
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _float(field, value):
    return _varint(field << 3 | 5) + struct.pack("<f", value)


class EventWriter:
    """Appends the figures of one run to a file of its own in a folder."""

    def __init__(self, folder, first_step=None):
        """`first_step`: of a run that goes on; TensorBoard drops what older files have from it on. Raises OSError."""
        os.makedirs(folder, exist_ok=True)
        host = re.sub(r"[^A-Za-z0-9.-]", "_", socket.gethostname())
        name = f"events.out.tfevents.{int(time.time()):010d}.{host}.{os.getpid()}"
        self._file = open(os.path.join(folder, name), "ab")
        self._write(_bytes(3, b"brain.Event:2"))
        if first_step is not None:
            self._write(_whole(2, first_step) + _bytes(7, _whole(1, 1)))

    def _write(self, rest):
        event = _double(1, time.time()) + rest
        length = struct.pack("<Q", len(event))
        checks = [struct.pack("<I", masked_crc(data)) for data in (length, event)]
        self._file.write(length + checks[0] + event + checks[1])
        self._file.flush()

    def scalars(self, step, values):
        """One event with a value, stored as float32, for each name. Raises OSError."""
        summary = b"".join(_bytes(1, _bytes(1, name.encode()) + _float(2, value)) for name, value in values.items())
        if summary:
            self._write(_whole(2, step) + _bytes(5, summary))

    def close(self):
        self._file.close()
