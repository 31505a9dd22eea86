// Learn: from pairs to an instruction that makes unseen pictures better, through pauses, crashes and other tabs.
import assert from "node:assert/strict";
import { scene } from "./lib/browser.mjs";
import { learned } from "./lib/instructions.mjs";
import { file } from "./lib/page.mjs";
import { psnr, readPng } from "./lib/pictures.mjs";
import { sample } from "./lib/root.mjs";
import { storedStep } from "./lib/store.mjs";

/** An edit of an unseen picture must come closer to the truth by so many dB than the picture itself. */
const GAIN = 5;
/** A run that is small enough to be repeated, and long enough to be interrupted. */
const SHORT = { size: 64, segments: 2, text: "make it night", holdOut: false };

scene("what is learned from pairs improves an unseen picture, here, after a reload, and in another browser", { seconds: 300 }, async ({ tab, fresh }) => {
    const photo = sample("midnight", "test/0_0");
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.learnWith({ steps: 20, title: "Midnight blue" });
    await tab.learn();
    assert.match(await tab.learned(), /Midnight blue/);

    await tab.photos(photo);
    await tab.edit();
    const bytes = await tab.resultFile();
    const [before, truth] = [await readPng(photo), await readPng(sample("midnight", "test/0_1"))];
    const [was, is] = [psnr(before, truth), psnr(await tab.resultPicture(), truth)];
    assert.ok(is > was + GAIN, `from ${was.toFixed(1)} dB to ${is.toFixed(1)} dB is less than ${GAIN} dB closer to the truth`);

    const exported = await tab.download(tab.get("export").first());
    assert.equal(exported.name, "Midnight blue.safetensors");

    await tab.reload();
    await tab.get("choose").first().click();
    await tab.photos(photo);
    await tab.edit();
    assert.ok(bytes.equals(await tab.resultFile()), "after a reload the same edit gives another file");
    await tab.get("rename").click();
    await tab.get("rename-field").fill("Night, bluer");
    await tab.get("rename-field").press("Enter");
    await tab.get("shelf-card").filter({ hasText: "Night, bluer" }).waitFor();
    assert.equal(await tab.get("use-settings").isVisible(), false, "another name is no other setting");
    await tab.editWith({ steps: 3 });
    await tab.get("use-settings").click();
    await tab.get("use-settings").waitFor({ state: "hidden" });
    assert.equal(await tab.get("choose").getAttribute("aria-pressed"), "true", "it is chosen still");

    const other = await fresh();
    await other.open();
    await other.bring(file(exported.name, exported.bytes));
    await other.get("choose").first().click();
    await other.photos(photo);
    await other.edit();
    assert.ok(bytes.equals(await other.resultFile()), "in another browser the imported instruction gives another file");
});

scene("a run that is paused goes on, can be ended early, and cancels within a step", async ({ tab, t }) => {
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.learnWith({ ...SHORT, steps: 400 });
    await tab.learn();
    await tab.learnedSteps(3);

    await tab.get("pause").click();
    await tab.get("continue").waitFor();
    const paused = await tab.step();
    await tab.get("continue").click();
    await tab.learnedSteps(paused + 2);

    const stepped = await pace(tab);
    const began = performance.now();
    await tab.get("cancel-learning").click();
    await tab.get("learn").waitFor();
    const took = performance.now() - began;
    t.diagnostic(`cancelled after ${took.toFixed(0)} ms; a step takes ${stepped.toFixed(0)} ms`);
    assert.ok(took < 3 * stepped + 5000, `cancelling took ${took.toFixed(0)} ms, a step takes ${stepped.toFixed(0)} ms`);
    assert.equal(await tab.get("shelf-card").count(), 0, "what was thrown away is not on the shelf");

    await tab.learn();
    await tab.learnedSteps(2);
    await tab.get("finish").click();
    await tab.learned();
    assert.equal(await tab.get("shelf-card").count(), 1, "what was ended early is on the shelf");
});

scene("a tab that is closed while it learns goes on where it was, to the same instruction", { seconds: 300 }, async ({ tab, context, server }) => {
    // Long enough for its state to be kept on a fast machine, too.
    const settings = { ...SHORT, steps: 160, seed: 3, title: "Night" };
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.learnWith(settings);
    await tab.learn();
    await tab.learned();
    const whole = (await tab.download(tab.get("export").first())).bytes;

    await tab.chooseSample("midnight");
    await tab.learnWith(settings);
    await tab.learn();
    const kept = await storedStep(tab, 1);
    await tab.page.close({ runBeforeUnload: false });

    const again = new tab.constructor(await context.newPage(), server);
    await again.open();
    await again.get("offer-continue").waitFor();
    await again.get("offer-yes").click();
    await again.learnedSteps(1);
    const step = await again.step();
    assert.ok(step >= kept, `went on from step ${step}, though step ${kept} was kept`);
    await again.learned();
    assert.equal(await again.get("shelf-card").count(), 2, "both runs end on the shelf");
    const resumed = (await again.download(again.get("export").first())).bytes;
    assert.deepEqual(learned(resumed), learned(whole));

    await again.reload();
    assert.equal(await again.get("offer-continue").isVisible(), false, "a run that has ended is not offered again");
});

scene("a stored run that is not wanted is forgotten", async ({ tab }) => {
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.learnWith({ ...SHORT, steps: 400 });
    await tab.learn();
    await storedStep(tab, 1);
    await tab.reload();
    await tab.get("offer-continue").waitFor();
    // it waits while another is learned
    await tab.chooseSample("snow");
    await tab.learnWith({ ...SHORT, steps: 2 });
    await tab.learn();
    await tab.learned();
    await tab.get("offer-discard").click();
    await tab.get("offer-continue").waitFor({ state: "hidden" });
    await tab.reload();
    assert.equal(await tab.get("offer-continue").isVisible(), false, "a discarded run is offered again");
});

scene("a second tab does not learn at the same time, and says why", async ({ tab, context, server }) => {
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.learnWith({ ...SHORT, steps: 400 });
    await tab.learn();
    await tab.learnedSteps(1);
    const other = new tab.constructor(await context.newPage(), server);
    await other.open();
    await other.chooseSample("midnight");
    await other.learnWith({ ...SHORT, steps: 400 });
    await other.learn();
    await other.notice(/another tab/i);
    await other.get("learn").waitFor();
    const before = await tab.step();
    await tab.learnedSteps(before + 1);
});

/** Milliseconds of one learning step, as the page shows it. */
async function pace(tab) {
    const first = await tab.step();
    const began = performance.now();
    await tab.learnedSteps(first + 3);
    return (performance.now() - began) / ((await tab.step()) - first);
}
