// Native: the program beside the page, which must make the same pictures.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { root } from "./root.mjs";
import { decodePng } from "./pictures.mjs";

const PROGRAM = resolve(root, process.env.CARGO_TARGET_DIR ?? "target", "release", "instructbrush");

/** `instructbrush edit` on the CPU; `instruction` is the bytes of a file. The picture that came out. */
export async function editNatively({ photo, instruction, ...options }) {
    const folder = await mkdtemp(join(tmpdir(), "instructbrush-"));
    try {
        const out = join(folder, "edited.png");
        const words = ["edit", "--device", "cpu", "--picture", photo, "--out", out];
        if (instruction) {
            const path = join(folder, "learned.safetensors");
            await writeFile(path, instruction);
            words.push("--instruction", path);
        }
        for (const [name, value] of Object.entries(options)) words.push(`--${name}`, String(value));
        await promisify(execFile)(PROGRAM, words, { cwd: root, timeout: 60_000 });
        return decodePng(await readFile(out));
    } finally {
        await rm(folder, { recursive: true });
    }
}
