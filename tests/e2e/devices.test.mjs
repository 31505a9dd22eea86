// Devices: the CPU, WebGPU on a software renderer, and devices that are not there, are lost, or fall.
import assert from "node:assert/strict";
import { scene } from "./lib/browser.mjs";
import { KEEP_ASKS, KEEP_DEVICE, LIKE_HARDWARE, SMALL_BUFFERS } from "./lib/hooks.mjs";
import { psnr } from "./lib/pictures.mjs";
import { sample } from "./lib/root.mjs";
import { storedStep } from "./lib/store.mjs";

/** Devices add in different orders. */
const SAME = 35;
const PHOTO = sample("snow", "test/0_0");
/** What a software renderer can bear. */
const SMALL = { text: "make it snow", size: 64, steps: 1 };

scene("without WebGPU the GPU is refused with a sentence, and the CPU is there", async ({ tab }) => {
    await tab.open();
    await tab.ready("cpu");
    await tab.get("device-choice").selectOption("gpu");
    await tab.until("a sentence about the GPU", () => /WebGPU/.test(document.body.innerText));
    await tab.get("device-choice").selectOption("cpu");
    await tab.ready("cpu");
    await tab.photos(PHOTO);
    await tab.editWith(SMALL);
    await tab.edit();
});

scene("a software renderer is named as such, and makes the CPU's picture", { gpu: true, seconds: 360 }, async ({ tab, t }) => {
    await tab.open();
    await tab.ready("cpu");
    await tab.photos(PHOTO);
    await tab.editWith(SMALL);
    await tab.edit();
    const onCpu = await tab.resultPicture();
    await tab.use("gpu");
    assert.match(await tab.get("device").innerText(), /software/i);
    const took = await tab.edit({ seconds: 240 });
    const likeness = psnr(await tab.resultPicture(), onCpu);
    t.diagnostic(`WebGPU on SwiftShader: ${(took / 1000).toFixed(1)} s, ${likeness.toFixed(1)} dB to the CPU's picture`);
    assert.ok(likeness >= SAME, `${likeness.toFixed(1)} dB, ${SAME} dB are asked for`);
    // it has no 16-bit numbers, and the choice may be from a visit when there was another
    const half = tab.page.locator("[data-testid=device-choice] option[value=gpu-f16]");
    assert.ok(await half.isDisabled(), "16 bits are offered all the same");
    await half.evaluate((option) => {
        option.parentElement.value = option.value;
        option.parentElement.dispatchEvent(new Event("change", { bubbles: true }));
    });
    const said = /32-bit numbers are used: this GPU does not compute in 16 bits/;
    await tab.notice(said);
    await tab.reload();
    await tab.notice(said);
    await tab.ready("gpu");
    assert.equal(await tab.get("device").getAttribute("data-half"), "false");
});

scene("a GPU that has too little for the model is refused with what is needed and what is there", { gpu: true }, async ({ tab, server }) => {
    server.hook(SMALL_BUFFERS);
    await tab.open();
    await tab.ready("cpu");
    await tab.get("device-choice").selectOption("gpu");
    const refusal = "editing at 128×128 takes buffers of 34 MB and this device gives 16 MB at once: choose another device";
    await tab.until("the refusal", (refusal) => document.querySelector("[data-testid=device]").innerText.includes(refusal), { arg: refusal });
    await tab.get("device-choice").selectOption("cpu");
    await tab.ready("cpu");
});

scene("left to choose, the page takes a GPU, but none that has too little: it says so", { gpu: true }, async ({ tab, server }) => {
    server.hook(LIKE_HARDWARE);
    await tab.open();
    await tab.ready("gpu");
    server.hook(`${LIKE_HARDWARE}${SMALL_BUFFERS}`);
    await tab.open();
    await tab.ready("cpu");
    await tab.notice(/The CPU is used: editing at 128×128 takes buffers of 34 MB and this device gives 16 MB/);
});

scene("WebGPU learns, and its device can be lost in the middle, twice: the run goes on, with less", { gpu: true, seconds: 900 }, async ({ tab, server }) => {
    server.hook(`${KEEP_DEVICE}${KEEP_ASKS}`);
    await tab.open();
    await tab.use("gpu");
    await tab.chooseSample("midnight");
    await tab.learnWith({ size: 128, segments: 1, steps: 200, text: "night", holdOut: false });
    await tab.learn();
    const lose = async (offer) => {
        await (await tab.worker()).evaluate(() => globalThis.testDevice.destroy());
        await tab.notice(/lost/i);
        await tab.until(offer, (offer) => document.querySelector("[data-testid=learning]").innerText.includes(offer), { arg: offer });
    };
    const goOn = async (sparing, said) => {
        await tab.get("continue").click();
        if (said) await tab.notice(said);
        const before = await tab.step();
        await tab.learnedSteps(before + 1, 300);
        const asks = await (await tab.worker()).evaluate(() => globalThis.testAsks);
        assert.ok(asks.some((ask) => ask.includes(`"sparing":"${sparing}"`)), `${sparing}: ${asks}`);
    };
    // before there is a state, as a GPU does that has too little
    await lose("as little memory as it can");
    // a worker that falls twice in a minute is not started on the GPU again
    const minute = tab.page.waitForTimeout(61_000);
    await tab.ready("gpu");
    await goOn("Memory");
    await storedStep(tab, 1, 300);
    await minute;
    await lose("with smaller pictures");
    await tab.ready("gpu");
    await goOn("Size", /pictures of 64 pixels/);
});

scene("a worker that falls is started again, and what it learned is kept", async ({ tab }) => {
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.learnWith({ size: 64, segments: 1, steps: 400, text: "night", holdOut: false });
    await tab.learn();
    const kept = await storedStep(tab, 1);
    const worker = await tab.worker();
    await worker.evaluate(() => void setTimeout(() => { throw new Error("out of luck"); }));
    await tab.notice(/out of luck/);
    await tab.ready();
    await tab.get("continue").click();
    await tab.learnedSteps(kept + 1);
});
