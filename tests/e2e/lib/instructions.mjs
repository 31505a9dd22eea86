// Instructions: instruction files taken apart and put together wrongly, as ARCHITECTURE.md describes them.
import { createHash } from "node:crypto";

/** `{ metadata, tensors, numbers }`: what the header says, and the bytes after it. */
export function readInstruction(bytes) {
    const length = Number(bytes.readBigUInt64LE(0));
    const { __metadata__: metadata, ...tensors } = JSON.parse(bytes.toString("utf8", 8, 8 + length));
    return { metadata, tensors, numbers: bytes.subarray(8 + length) };
}

/** The file of such parts; `modelspec.hash_sha256` is made to match again. */
export function writeInstruction({ metadata, tensors, numbers }) {
    const hash = "0x" + createHash("sha256").update(numbers).digest("hex");
    const said = "modelspec.hash_sha256" in metadata ? { ...metadata, "modelspec.hash_sha256": hash } : metadata;
    let header = JSON.stringify({ __metadata__: said, ...tensors });
    while (Buffer.byteLength(header) % 8) header += " ";
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    return Buffer.concat([length, Buffer.from(header), numbers]);
}

/** The same file with other words in its header. */
export function withWords(bytes, words) {
    const parts = readInstruction(bytes);
    return writeInstruction({ ...parts, metadata: { ...parts.metadata, ...words } });
}

/** The same file with a number that is none. */
export function withNaN(bytes) {
    const parts = readInstruction(bytes);
    const numbers = Buffer.from(parts.numbers);
    const is16 = Object.values(parts.tensors)[0].dtype === "F16";
    numbers.set(is16 ? [0x00, 0x7e] : [0, 0, 0xc0, 0x7f], 0);
    return writeInstruction({ ...parts, numbers });
}

/** What was learned, apart from when. */
export function learned(bytes) {
    const { metadata, tensors, numbers } = readInstruction(bytes);
    const { "modelspec.date": _, ...said } = metadata;
    return { said, tensors, numbers: createHash("sha256").update(numbers).digest("hex") };
}

/** All learned numbers of a file in f16, in its order. */
export function numbersOf(bytes) {
    const { numbers } = readInstruction(bytes);
    return Array.from({ length: numbers.length / 2 }, (_, idx) => {
        const half = numbers.readUInt16LE(2 * idx);
        const [sign, exponent, fraction] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
        return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
    });
}
