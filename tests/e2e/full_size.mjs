// Full size: InstructPix2Pix's own sizes in a browser: fetched and converted on the way, one edit step, one learning step, and the
// program's answers to the same. Some 20 minutes on two cores, so no part of the tests:
//
//     node --test full_size.mjs      (after `cargo xtask build --release` and `cargo build --profile checked`; FULL names a folder
//                                     that tests/golden/full_size.py wrote, CHROMIUM the browser)
import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scene } from "./lib/browser.mjs";
import { KEEP_MEMORY } from "./lib/hooks.mjs";
import { numbersOf } from "./lib/instructions.mjs";
import { convertNatively, editNatively, invertNatively } from "./lib/native.mjs";
import { psnr } from "./lib/pictures.mjs";
import { root, sample } from "./lib/root.mjs";
import { weights } from "./lib/weights.mjs";

const FULL = process.env.FULL ?? "/tmp/full-size";
const SIZE = 64;
const HOUR = 3600;
const PHOTO = sample("snow", "test/0_0");
/** As two devices agree on the small model. */
const SAME = 60;
/** MB of WebAssembly memory while the model is fetched and loaded. */
const MEMORY = 400;

scene("a full-size model is fetched, edits and learns as in the program", { gpu: true, seconds: 3 * HOUR, expects: [/Failed to load resource/] }, async ({ tab, t, server }) => {
    server.hook(KEEP_MEMORY);
    const folder = await mkdtemp(join(tmpdir(), "instructbrush-"));
    const host = await weights({ full: FULL });
    const began = performance.now();
    const say = (what) => t.diagnostic(`${((performance.now() - began) / 1000).toFixed(0)} s: ${what}`);
    try {
        await tab.open();
        await tab.ready("cpu");
        await tab.use("gpu");
        const memory = async () => (await tab.worker()).evaluate(() => globalThis.testMemory.buffer.byteLength / 1e6);
        await tab.get("models").click();
        await tab.get("model-address").fill(host.address("full"));
        await tab.get("model-precision").selectOption("q8");
        await tab.get("model-fetch").click();
        const fetched = await tab.until("the end of fetching", () => {
            const isBusy = document.querySelector("[data-testid=model-cancel]") !== null;
            const models = document.querySelectorAll(`[data-testid=model][data-whole="true"]`);
            return !isBusy && (document.querySelector("[data-testid=model-trouble]").textContent || models[1]?.innerText);
        }, { seconds: HOUR });
        say(fetched);
        const whileFetching = await memory();
        say(`WebAssembly memory after fetching: ${whileFetching.toFixed(0)} MB`);
        assert.ok(whileFetching <= MEMORY, `${whileFetching} MB`);
        await tab.page.locator(`[data-testid=model][data-whole="true"]`).nth(1).getByTestId("model-use").click();
        await tab.get("models-close").click();
        await tab.until("the model, ready", () => document.querySelector("[data-testid=device][data-ready=true]"), { seconds: HOUR });
        const loaded = await memory();
        say(`loaded; WebAssembly memory: ${loaded.toFixed(0)} MB`);
        assert.ok(loaded <= MEMORY, `${loaded} MB`);

        await tab.photos(PHOTO);
        await tab.editWith({ text: "make it snow", size: SIZE, steps: 1, seed: 7 });
        const took = await tab.edit({ seconds: HOUR });
        say(`an edit step: ${(took / 1000).toFixed(0)} s`);
        const edited = await tab.resultPicture();

        await tab.chooseSample("midnight");
        await tab.learnWith({ size: SIZE, segments: 1, steps: 1, text: "night", holdOut: false });
        await tab.learn();
        say(await tab.learned(HOUR));
        const { bytes } = await tab.download(tab.get("export").first());

        const model = join(folder, "container");
        await convertNatively(FULL, model, "q8", HOUR);
        const likeness = psnr(edited, await editNatively({ photo: PHOTO, model, text: "make it snow", size: SIZE, steps: 1, seed: 7, seconds: HOUR }));
        say(`the edit, to the program's: ${likeness.toFixed(1)} dB`);
        // the page's sample is the first six
        const pairs = join(folder, "pairs");
        await mkdir(pairs);
        for (const name of [0, 1, 2, 3, 4, 5].flatMap((pair) => [`${pair}_0.png`, `${pair}_1.png`])) {
            await copyFile(join(root, "web/samples/midnight", name), join(pairs, name));
        }
        const how = { pairs, model, segments: 1, "steps-per-segment": 1, start: "night", size: SIZE, seconds: HOUR };
        const [here, there, start] = [bytes, await invertNatively(how), await invertNatively({ ...how, "learning-rate": 1e-9 })].map(numbersOf);
        const distance = (a, b) => Math.hypot(...a.map((x, idx) => x - b[idx]));
        const off = distance(here, there) / distance(there, start);
        say(`what was learned, to the program's, as a part of the step: ${off.toFixed(4)}`);
        assert.ok(likeness >= SAME, `${likeness} dB`);
        assert.ok(off <= 0.1, `${off}`);
    } finally {
        await host.close();
        await rm(folder, { recursive: true });
    }
});
