"""A lossless WebP of one colour whose decoder has to keep tens of thousands of Huffman tables.

From the WebP lossless bitstream specification, RFC 9649, section 3.
"""

import struct

GREEN, OTHER = 256 + 24, 256  # symbols of the codes for green and lengths, and for other colours
TILE_BITS = 4  # a tile of 16 × 16 pixels has codes of its own
CODE_LENGTHS = (17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8)  # in the order in which they are told
MOST = 138  # symbols of no code that are told at once; the fewest are 11


class Bits:
    """Numbers of few bits, one after the other, lowest bit first."""

    def __init__(self) -> None:
        self.value, self.count, self.whole = 0, 0, bytearray()

    def put(self, *pairs: tuple[int, int]) -> None:
        """Each a number and its bits."""
        for number, bits in pairs:
            self.value |= number << self.count
            self.count += bits
            while self.count >= 8:
                self.whole.append(self.value & 255)
                self.value >>= 8
                self.count -= 8

    def put_code_of_one_symbol(self) -> None:
        self.put((1, 1), (0, 1), (0, 1), (0, 1))

    def put_code_of_bytes(self, symbols: int) -> None:
        """256 symbols of 8 bits each, the further ones unused."""
        self.put((0, 1), (len(CODE_LENGTHS) - 4, 4))
        self.put(*((1 if length in (8, 18) else 0, 3) for length in CODE_LENGTHS), (0, 1))
        self.put(*[(0, 1)] * 256)  # the length 8, whose own code is 0; that of 18 is 1
        if symbols > 256:
            assert 11 <= symbols - 256 <= MOST
            self.put((1, 1), (symbols - 256 - 11, 7))


def webp_of_many_codes(side: int, groups: int) -> bytes:
    """side × side pixels, whose tiles use `groups` groups of five codes in turn."""
    bits = Bits()
    bits.put((0x2F, 8), (side - 1, 14), (side - 1, 14), (1, 1), (0, 3))  # with alpha
    bits.put((0, 1), (0, 1), (1, 1), (TILE_BITS - 2, 3), (0, 1))  # nothing but a picture of groups
    bits.put_code_of_bytes(GREEN)
    bits.put_code_of_bytes(OTHER)
    for _ in range(3):
        bits.put_code_of_one_symbol()
    reversed_bytes = [int(f"{number:08b}"[::-1], 2) for number in range(256)]
    for tile in range((-(-side // 2**TILE_BITS)) ** 2):
        high, low = divmod(tile % groups, 256)
        bits.put((reversed_bytes[low], 8), (reversed_bytes[high], 8))
    for _ in range(5 * groups):
        bits.put_code_of_one_symbol()
    bits.put((0, 16))
    data = bytes(bits.whole) + bytes(len(bits.whole) % 2)
    body = b"WEBPVP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body
