// Figures: what was measured, as a table and as a file.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { kept } from "./root.mjs";

const rows = [];

/** Keeps a figure; `most` is what it may be at most. */
export function figure(what, value, unit, most) {
    rows.push({ what, value, unit, most });
    return value;
}

/** Prints all figures, and writes them to target/e2e/figures.json. */
export async function report() {
    const digits = (value) => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
    console.log();
    for (const { what, value, unit, most } of rows) {
        const limit = most === undefined ? "" : `(at most ${most})`;
        console.log(`${digits(value).padStart(9)} ${unit.padEnd(3)} ${what} ${limit}`);
    }
    await mkdir(kept, { recursive: true });
    await writeFile(join(kept, "figures.json"), JSON.stringify(rows, null, 1));
}
