"""Numbers as the core has them: single precision, and hashes that stand for chance."""

import struct

_WORD = (1 << 64) - 1
_HALF = (1 << 32) - 1


def float32(x):
    """The nearest number that a float32 can hold."""
    return struct.unpack("f", struct.pack("f", x))[0]


def shortest(x):
    """The shortest decimal number that rounds to this float32."""
    return next(number for number in (float(f"{x:.{digits}g}") for digits in range(1, 18)) if float32(number) == x)


def _mix(x):
    x = (x + 0x9E3779B97F4A7C15) & _WORD
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _WORD
    return x ^ (x >> 31)


def hash3(a, b, c):
    """64 bits for three words; see c/random.h."""
    return _mix(_mix(_mix(a) ^ b) ^ c)


def shifted(x, bits):
    """x >> bits of 64-bit words without a sign, which are held in tensors whose words have one."""
    return (x >> bits) & ((1 << (64 - bits)) - 1)


def _signed(x):
    return x - (1 << 64) if x >> 63 else x


def _mix_of(x):
    x = x + _signed(0x9E3779B97F4A7C15)
    x = (x ^ shifted(x, 30)) * _signed(0xBF58476D1CE4E5B9)
    x = (x ^ shifted(x, 27)) * _signed(0x94D049BB133111EB)
    return x ^ shifted(x, 31)


def hash3_of(a, b, c):
    """hash3 for each word of a tensor `c`."""
    return _mix_of(c ^ _signed(_mix(_mix(a) ^ b)))


def hash_of(keys, units):
    """32 bits for each of `units` under each of `keys`, which broadcast; see c/kernels/vector.c."""
    x = (keys & _HALF) ^ (units * 0x9E3779B9 & _HALF)
    x = (x ^ (x >> 16)) * 0x7FEB352D & _HALF
    x = x ^ shifted(keys, 32)
    x = (x ^ (x >> 15)) * 0x846CA68B & _HALF
    return x ^ (x >> 16)


def mixed(h, value):
    """32 bits for each h and value; see c/ngrams.h."""
    h = ((h ^ value) * 0x9E3779B1) & _HALF
    return h ^ (h >> 15)
