// Pictures: PNG files read, written and compared, without a library between the page and the numbers.
import * as zlib from "node:zlib";
import { readFile } from "node:fs/promises";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const CHANNELS = { 0: 1, 2: 3, 4: 2, 6: 4 };

/** A PNG of 8 bits per channel as `{ width, height, rgb, texts }`; its alpha, if any, is left out. */
export function decodePng(bytes) {
    if (!bytes.subarray(0, 8).equals(SIGNATURE)) throw new Error("this is no PNG");
    let width, height, channels;
    const parts = [];
    const texts = {};
    for (const [type, data] of chunks(bytes)) {
        if (type === "IHDR") {
            [width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)];
            const [bits, kind, , , interlace] = data.subarray(8);
            channels = CHANNELS[kind];
            if (bits !== 8 || !channels || interlace) throw new Error(`a PNG of ${bits} bits, kind ${kind}, is not read here`);
        } else if (type === "IDAT") {
            parts.push(data);
        } else if (type === "tEXt" || type === "iTXt" || type === "zTXt") {
            Object.assign(texts, text(type, data));
        }
    }
    const pixels = unfilter(zlib.inflateSync(Buffer.concat(parts)), width * channels, height, channels);
    return { width, height, rgb: toRgb(pixels, channels), texts };
}

/** A PNG from a function of (x, y) to [r, g, b]; with 16 bits per channel if wanted. */
export function encodePng(width, height, colour, bits = 8) {
    const size = bits / 8;
    const row = 1 + width * 3 * size;
    const raw = Buffer.alloc(row * height);
    for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
            colour(x, y).forEach((value, c) => {
                const at = y * row + 1 + (x * 3 + c) * size;
                if (bits === 16) raw.writeUInt16BE(value * 257, at);
                else raw[at] = value;
            });
        }
    }
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width, 0);
    header.writeUInt32BE(height, 4);
    header.set([bits, 2, 0, 0, 0], 8);
    return Buffer.concat([SIGNATURE, chunk("IHDR", header), chunk("IDAT", zlib.deflateSync(raw)), chunk("IEND", Buffer.alloc(0))]);
}

/** A PNG file of the disk. */
export async function readPng(path) {
    return decodePng(await readFile(path));
}

/** Peak signal-to-noise ratio in dB; Infinity for equal pictures. */
export function psnr(a, b) {
    if (a.width !== b.width || a.height !== b.height) {
        throw new Error(`pictures of ${a.width}×${a.height} and ${b.width}×${b.height} cannot be compared`);
    }
    const sum = a.rgb.reduce((sum, value, idx) => sum + (value - b.rgb[idx]) ** 2, 0);
    return 10 * Math.log10((255 ** 2 * a.rgb.length) / sum);
}

/** The smallest animated GIF: two frames, one white, one black. */
export function animatedGif() {
    const frame = (index) => [
        ...[0x21, 0xf9, 4, 0, 10, 0, 0, 0],
        ...[0x2c, 0, 0, 0, 0, 64, 0, 64, 0, 0],
        ...[2, ...blocks(lzw(64 * 64, index)), 0],
    ];
    const screen = [64, 0, 64, 0, 0x80, 0, 0, 255, 255, 255, 0, 0, 0];
    const loop = [0x21, 0xff, 11, ...Buffer.from("NETSCAPE2.0"), 3, 1, 0, 0, 0];
    return Buffer.from([...Buffer.from("GIF89a"), ...screen, ...loop, ...frame(0), ...frame(1), 0x3b]);
}

/** A photo as phones write it, as far as its first box tells. */
export function heic() {
    const box = Buffer.alloc(600);
    box.writeUInt32BE(24, 0);
    box.write("ftypheic\0\0\0\0mif1heic", 4, "latin1");
    return box;
}

/** GIF's compression without compressing: the table is cleared before it grows. */
function lzw(n, index) {
    const [clear, end] = [4, 5];
    const codes = [];
    for (let idx = 0; idx < n; idx++) codes.push(...(idx % 2 === 0 ? [clear] : []), index);
    codes.push(end);
    const bytes = Buffer.alloc(Math.ceil((codes.length * 3) / 8));
    codes.forEach((code, idx) => {
        for (let bit = 0; bit < 3; bit++) {
            if (code & (1 << bit)) bytes[(idx * 3 + bit) >> 3] |= 1 << ((idx * 3 + bit) & 7);
        }
    });
    return bytes;
}

function blocks(bytes) {
    const out = [];
    for (let at = 0; at < bytes.length; at += 255) {
        const part = bytes.subarray(at, at + 255);
        out.push(part.length, ...part);
    }
    return out;
}

function* chunks(bytes) {
    for (let at = 8; at + 12 <= bytes.length; ) {
        const length = bytes.readUInt32BE(at);
        yield [bytes.toString("latin1", at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length)];
        at += 12 + length;
    }
}

function chunk(type, data) {
    const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const out = Buffer.alloc(data.length + 12);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc(body), data.length + 8);
    return out;
}

function crc(bytes) {
    if (zlib.crc32) return zlib.crc32(bytes);
    let sum = ~0;
    for (const byte of bytes) {
        sum ^= byte;
        for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
}

function text(type, data) {
    const end = data.indexOf(0);
    const key = data.toString("latin1", 0, end);
    if (type === "tEXt") return { [key]: data.toString("latin1", end + 1) };
    if (type === "zTXt") return { [key]: zlib.inflateSync(data.subarray(end + 2)).toString("latin1") };
    const isPacked = data[end + 1] === 1;
    const rest = data.subarray(data.indexOf(0, data.indexOf(0, end + 3) + 1) + 1);
    return { [key]: (isPacked ? zlib.inflateSync(rest) : rest).toString("utf8") };
}

/** Undoes PNG's filters, the only part of it that is not plain. */
function unfilter(raw, stride, height, back) {
    const out = Buffer.alloc(stride * height);
    for (let y = 0; y < height; y++) {
        const kind = raw[y * (stride + 1)];
        for (let x = 0; x < stride; x++) {
            const left = x >= back ? out[y * stride + x - back] : 0;
            const up = y > 0 ? out[(y - 1) * stride + x] : 0;
            const corner = x >= back && y > 0 ? out[(y - 1) * stride + x - back] : 0;
            const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][kind];
            out[y * stride + x] = raw[y * (stride + 1) + 1 + x] + guess;
        }
    }
    return out;
}

function paeth(left, up, corner) {
    const guess = left + up - corner;
    const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
    return a <= b && a <= c ? left : b <= c ? up : corner;
}

function toRgb(pixels, channels) {
    if (channels === 3) return pixels;
    const rgb = Buffer.alloc((pixels.length / channels) * 3);
    for (let at = 0, to = 0; at < pixels.length; at += channels) {
        for (let c = 0; c < 3; c++) rgb[to++] = pixels[at + (channels < 3 ? 0 : c)];
    }
    return rgb;
}
