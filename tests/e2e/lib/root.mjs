// Root: where the project lies, and what of it the tests use.
import { fileURLToPath } from "node:url";
import { accessSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));
/** Screenshots and logs of what failed, and the figures. */
export const kept = join(root, "target", "e2e");

/** A picture that comes with the page: side 0 is before, 1 after. */
export const sample = (effect, name) => join(root, "web", "samples", effect, `${name}.png`);
/** A file of tests/golden. */
export const golden = (path) => join(root, "tests", "golden", path);

/** Where a program lies that can be called by its name. */
export function inPath(name) {
    const folders = (process.env.PATH ?? "").split(delimiter);
    const found = folders.map((folder) => join(folder, name)).find(isThere);
    if (!found) throw new Error(`there is no ${name} here: \`cargo xtask e2e\` installs it`);
    return found;
}

function isThere(path) {
    try {
        accessSync(path);
        return true;
    } catch {
        return false;
    }
}
