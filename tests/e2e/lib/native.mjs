// Native: the program beside the page, which must make the same pictures.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { root } from "./root.mjs";
import { decodePng } from "./pictures.mjs";

const PROGRAM = resolve(root, process.env.CARGO_TARGET_DIR ?? "target", "checked", "instructbrush");

/** `instructbrush edit` on the CPU; `instruction` is the bytes of a file, `seconds` how long it may take. The picture that came out. */
export const editNatively = ({ photo, instruction, seconds, ...options }) =>
    inFolder(async (folder) => {
        const out = join(folder, "edited.png");
        const words = ["edit", "--device", "cpu", "--picture", photo, "--out", out];
        if (instruction) {
            const path = join(folder, "learned.safetensors");
            await writeFile(path, instruction);
            words.push("--instruction", path);
        }
        for (const [name, value] of Object.entries(options)) words.push(`--${name}`, String(value));
        await run(words, seconds);
        return decodePng(await readFile(out));
    });

/** `instructbrush convert`. */
export const convertNatively = (model, out, precision, seconds) =>
    run(["convert", "--device", "cpu", "--model", model, "--out", out, "--weights", precision], seconds);

/** `instructbrush invert` on the CPU: the bytes of the instruction. */
export const invertNatively = ({ pairs, seconds, ...options }) =>
    inFolder(async (folder) => {
        const out = join(folder, "learned.safetensors");
        const named = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
        await run(["invert", "--device", "cpu", "--pairs", pairs, "--out", out, ...named], seconds);
        return readFile(out);
    });

let learned;

/** The bytes of an instruction of the model that comes with the page, learned once in a few steps. */
export const learnNatively = () =>
    (learned ??= invertNatively({
        pairs: join(root, "web/samples/dog2cat"),
        "steps-per-segment": 4,
        start: "make the dog into a cat",
        title: "dog to cat",
    }));

const run = (words, seconds = 120) => promisify(execFile)(PROGRAM, words, { cwd: root, timeout: seconds * 1000 });

async function inFolder(work) {
    const folder = await mkdtemp(join(tmpdir(), "instructbrush-"));
    try {
        return await work(folder);
    } finally {
        await rm(folder, { recursive: true });
    }
}
