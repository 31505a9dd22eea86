// Parity: the page and the program make the same picture from the same seed.
import assert from "node:assert/strict";
import { scene } from "./lib/browser.mjs";
import { file } from "./lib/page.mjs";
import { editNatively, learnNatively } from "./lib/native.mjs";
import { psnr } from "./lib/pictures.mjs";
import { sample } from "./lib/root.mjs";

/** As close as two compilers' sums come, in dB. */
const SAME = 40;

scene("words make the same picture here and in the program", async ({ tab, t }) => {
    const photo = sample("snow", "test/0_0");
    await tab.open();
    await tab.photos(photo);
    await tab.editWith({ text: "make it snow", seed: 7 });
    await tab.edit();
    const native = await editNatively({ photo, text: "make it snow", seed: 7 });
    check(t, await tab.resultPicture(), native);
});

scene("an instruction that was learned here makes the same picture in the program", async ({ tab, t }) => {
    const photo = sample("midnight", "test/0_0");
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.learnWith({ size: 64, segments: 2, steps: 5, text: "make it night" });
    await tab.learn();
    await tab.learned();
    const { bytes } = await tab.download(tab.get("export").first());
    await tab.photos(photo);
    await tab.editWith({ amount: 120, seed: 4 });
    await tab.edit();
    const native = await editNatively({ photo, instruction: bytes, strength: 1.2, seed: 4 });
    check(t, await tab.resultPicture(), native);
});

scene("an instruction that the program can read makes the same picture here", async ({ tab, t }) => {
    const photo = sample("dog2cat", "test/0_0");
    const instruction = await learnNatively();
    await tab.open();
    await tab.bring(file("words.safetensors", instruction));
    await tab.get("choose").first().click();
    await tab.photos(photo);
    await tab.editWith({ steps: 7 });
    await tab.edit();
    check(t, await tab.resultPicture(), await editNatively({ photo, instruction, steps: 7 }));
});

function check(t, here, native) {
    const likeness = psnr(here, native);
    t.diagnostic(`${likeness.toFixed(1)} dB`);
    assert.ok(likeness >= SAME, `page and program differ: ${likeness.toFixed(1)} dB, ${SAME} dB are asked for`);
}
