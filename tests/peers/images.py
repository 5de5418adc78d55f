"""Writes tests/golden/images.hpp: small pictures of every kind, what Pillow makes of them, its
Lanczos resampling and its EXIF turns. The PNG kinds that Pillow cannot write are put together here
from the PNG specification."""
import io
import pathlib
import struct
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps, features

samples = []
arrays = []


def numbers(values):
    return ", ".join(str(int(v)) for v in values)


def sample(name, file, rgb, tolerance=0):
    rgb = np.asarray(rgb, dtype=np.uint8)
    arrays.append(f"inline constexpr unsigned char {name}_file[] = {{{numbers(file)}}};\n")
    arrays.append(f"inline constexpr unsigned char {name}_rgb[] = {{{numbers(rgb.ravel())}}};\n")
    samples.append(f'{{"{name}", {name}_file, {rgb.shape[1]}, {rgb.shape[0]}, {name}_rgb, {tolerance}}}')


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(rows, bits):
    out = b""
    for row in rows:
        text = "".join(format(int(v), f"0{bits}b") for v in row)
        text += "0" * (-len(text) % 8)
        out += b"\0" + bytes(int(text[i:i + 8], 2) for i in range(0, len(text), 8))
    return out


def png(channels, bits, colour, extra=b"", interlaced=False):
    """channels: integers of shape [h, w, c]."""
    height, width, _ = channels.shape
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, int(interlaced))
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)] if interlaced else [(0, 0, 1, 1)]
    data = b""
    for x, y, dx, dy in passes:
        part = channels[y::dy, x::dx]
        if part.size:
            data += packed(part.reshape(part.shape[0], -1), bits)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra
            + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b""))


def white(colour, alpha, top=255):
    """On white, rounded to nearest."""
    c, a = colour * 255.0 / top, alpha / top
    return np.floor(c * a + 255 * (1 - a) + 0.5).astype(np.uint8)


def grey(values):
    return np.repeat(values, 3, axis=2)


rng = np.random.default_rng(2026)
for bits in (1, 2, 4, 8, 16):
    top = 2**bits - 1
    v = rng.integers(0, top + 1, (3, 5, 1))
    sample(f"png_grey_{bits}", png(v, bits, 0), grey(np.floor(v * 255 / top + 0.5)))
v = rng.integers(0, 65536, (3, 5, 3))
sample("png_rgb_16", png(v, 16, 2), np.floor(v * 255 / 65535 + 0.5))
v = rng.integers(0, 256, (3, 5, 3))
sample("png_rgb_8", png(v, 8, 2), v)
v = rng.integers(0, 256, (7, 9, 3))
sample("png_interlaced", png(v, 8, 2, interlaced=True), v)
v = rng.integers(0, 256, (3, 5, 2))
sample("png_grey_alpha", png(v, 8, 4), grey(white(v[:, :, :1], v[:, :, 1:])))
v = rng.integers(0, 256, (3, 5, 4))
sample("png_rgb_alpha", png(v, 8, 6), white(v[:, :, :3], v[:, :, 3:]))
v = rng.integers(0, 65536, (3, 5, 4))
sample("png_rgb_alpha_16", png(v, 16, 6), white(v[:, :, :3], v[:, :, 3:], 65535), 1)
palette = rng.integers(0, 256, (5, 3))
opacity = np.array([255, 128, 0])
v = rng.integers(0, 5, (3, 5, 1))
plain = chunk(b"PLTE", palette.astype(np.uint8).tobytes())
sample("png_palette", png(v, 4, 3, plain), palette[v[:, :, 0]])
see = np.append(opacity, [255, 255])[v]
sample("png_palette_alpha", png(v, 4, 3, plain + chunk(b"tRNS", bytes(opacity.tolist()))),
       white(palette[v[:, :, 0]], see))
v = rng.integers(0, 2, (3, 5, 3)) * 200
hole = np.all(v == [200, 0, 200], axis=2, keepdims=True)
sample("png_colour_key", png(v, 8, 2, chunk(b"tRNS", struct.pack(">HHH", 200, 0, 200))),
       np.where(hole, 255, v))


def saved(picture, kind, **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def read(file):
    return np.asarray(Image.open(io.BytesIO(file)).convert("RGB"))


y, x = np.mgrid[0:8, 0:11]
smooth = np.stack([x * 20, y * 30, 255 - x * 10 - y * 10], axis=2).astype(np.uint8)
for name, picture, options in [
        ("jpeg_rgb", Image.fromarray(smooth), {"quality": 90}),
        ("jpeg_progressive", Image.fromarray(smooth), {"quality": 90, "progressive": True}),
        ("jpeg_grey", Image.fromarray(smooth).convert("L"), {"quality": 90}),
        ("jpeg_cmyk", Image.fromarray(np.dstack([smooth, smooth[:, ::-1, 0] // 2]), "CMYK"),
         {"quality": 90})]:
    file = saved(picture, "JPEG", optimize=True, **options)
    sample(name, file, read(file), 1)
for name, options in [("webp_lossy", {"quality": 90}), ("webp_lossless", {"lossless": True})]:
    file = saved(Image.fromarray(smooth), "WEBP", **options)
    sample(name, file, read(file))
v = rng.integers(0, 256, (3, 5, 4)).astype(np.uint8)
sample("webp_alpha", saved(Image.fromarray(v, "RGBA"), "WEBP", lossless=True, exact=True),
       white(v[:, :, :3].astype(int), v[:, :, 3:].astype(int)))

huge = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b""))
arrays.append(f"inline constexpr unsigned char huge_png[] = {{{numbers(huge)}}}; ///< claims 60000x60000\n")

stored = np.arange(6, dtype=np.uint8).reshape(2, 3) * 40
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind, options in [("PNG", {}), ("WEBP", {"lossless": True}), ("JPEG", {})]:
        if kind == "PNG" or orientation == 6:
            file = saved(Image.fromarray(stored).convert("RGB"), kind, exif=exif.tobytes(), **options)
            upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(file))))
            name = f"exif_{kind.lower()}_{orientation}"
            sample(name, file, upright, 1 if kind == "JPEG" else 0)

y, x, c = np.mgrid[0:17, 0:23, 0:3]
pattern = ((x * 37 + y * 91 + c * 53 + x * y * 7) % 256).astype(np.uint8)
resized = ""
for width, height in [(8, 8), (31, 9), (23, 5), (1, 1)]:
    small = Image.fromarray(pattern).resize((width, height), Image.LANCZOS)
    plane = Image.fromarray(pattern[:, :, 1].astype(np.float32)).resize((width, height), Image.LANCZOS)
    name = f"lanczos_{width}x{height}"
    resized += f"inline constexpr unsigned char {name}_bytes[] = {{{numbers(np.asarray(small).ravel())}}};\n"
    values = ", ".join(f"{v:.4f}F" for v in np.asarray(plane).ravel())
    resized += f"inline constexpr float {name}_green[] = {{{values}}};\n"

out = f"""#pragma once
// Written by tests/peers/images.py with Pillow {PIL.__version__}, libjpeg-turbo {features.version('libjpeg_turbo')}, libwebp {features.version('webp')}.

#include <span>

namespace golden::images {{

struct sample {{
    char const* name;
    std::span<unsigned char const> file;
    int width;
    int height;
    std::span<unsigned char const> rgb; ///< upright, on white
    int tolerance;                      ///< levels of 255
}};

{''.join(arrays)}
inline constexpr sample samples[] = {{{', '.join(samples)}}};

// ((37 x + 91 y + 53 c + 7 x y) mod 256), 23 x 17 pixels, Image.LANCZOS; the second array of each
// pair is channel 1 alone in Pillow's mode F.
{resized}
}} // namespace golden::images
"""
pathlib.Path(__file__).parents[1].joinpath("golden/images.hpp").write_text(out)
