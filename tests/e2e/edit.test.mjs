// Edit: photos in a queue, what is heard, what comes out, and how it is taken away.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { scene } from "./lib/browser.mjs";
import { file, fileAs } from "./lib/page.mjs";
import { decodePng, encodePng, psnr, readPng } from "./lib/pictures.mjs";
import { golden, sample } from "./lib/root.mjs";
import { learnNatively } from "./lib/native.mjs";

const QUICK = { size: 64, steps: 2 };
const PHOTO = sample("midnight", "test/0_0");
const shades = (x, y) => [(x * 3) & 255, (y * 3) & 255, 90];
/** So many steps that there is time to stop it. */
const LONG = 300;

scene("a queue is edited photo by photo; one can be stopped, and all", async ({ tab }) => {
    await tab.open();
    const photos = await Promise.all([0, 1, 2].map((idx) => fileAs(`photo${idx}.png`, sample("midnight", `${idx}_0`))));
    await tab.photos(...photos);
    await tab.editWith({ text: "make it night", ...QUICK });
    const state = (name, state) => tab.until(`${name}, ${state}`, ([name, state]) =>
        document.querySelector(`[data-testid=photo][data-name="${name}"]`)?.dataset.state === state, { arg: [name, state] });
    await tab.get("edit-all").click();
    for (const { name } of photos) await state(name, "done");

    await tab.editWith({ steps: LONG, seed: 1 });
    await tab.get("edit-all").click();
    await state("photo0.png", "running");
    await tab.page.locator('[data-testid=photo][data-name="photo0.png"]').click();
    await tab.get("cancel-edit").click();
    await state("photo0.png", "cancelled");
    await state("photo1.png", "running");
    const began = performance.now();
    await tab.get("cancel-all").click();
    await state("photo1.png", "cancelled");
    await state("photo2.png", "cancelled");
    assert.ok(performance.now() - began < 10_000, "all stop within a step");
});

scene("results can be gone through, and are taken away as PNG, JPEG and WebP", async ({ tab }) => {
    await tab.open();
    await tab.photos(await fileAs("holiday.png", PHOTO));
    await tab.editWith({ text: "make it night", ...QUICK, seed: 1 });
    await tab.edit();
    const first = await tab.resultFile();
    await tab.editWith({ seed: 2 });
    await tab.edit();
    const second = await tab.resultFile();
    assert.ok(!first.equals(second), "another seed makes another picture");
    await tab.get("undo-result").click();
    await tab.until("the first result again", () => !document.querySelector("[data-testid=redo-result]").disabled);
    assert.ok(first.equals(await tab.resultFile()), "undo shows the first result");
    await tab.get("redo-result").click();
    await tab.until("the second result again", () => document.querySelector("[data-testid=redo-result]").disabled);
    assert.ok(second.equals(await tab.resultFile()), "redo shows the second result");

    const magic = { png: /^\x89PNG/, jpeg: /^\xff\xd8\xff/, webp: /^RIFF....WEBP/s };
    for (const [kind, expected] of Object.entries(magic)) {
        const { name, bytes } = await tab.download(tab.get(`download-${kind}`));
        assert.match(bytes.toString("latin1", 0, 16), expected);
        assert.match(name, new RegExp(`holiday.*\\.${kind === "jpeg" ? "jpe?g" : kind}$`));
    }
});

scene("a downloaded PNG brings its settings back", async ({ tab }) => {
    await tab.open();
    await tab.photos(PHOTO);
    await tab.editWith({ text: "make it night", amount: 80, seed: 11, ...QUICK });
    const sampler = tab.get("edit-sampler");
    assert.equal(await sampler.inputValue(), "", "nothing is chosen");
    assert.match(await sampler.locator("option").first().innerText(), /recommends \(LCM\)/);
    await sampler.selectOption("euler");
    await tab.edit();
    const bytes = await tab.resultFile();
    const settings = JSON.parse(decodePng(bytes).texts.instructbrush);
    assert.equal(settings.sampler, "euler");
    assert.equal(settings.text, "make it night");
    assert.equal(settings.seed, 11);
    assert.equal(settings.steps, 2);
    await tab.editWith({ text: "something else", amount: 100, seed: 5, steps: 9 });
    await sampler.selectOption("");
    await tab.photos(file("edited.png", bytes, "image/png"));
    await tab.until("the settings of the picture", () =>
        document.querySelector("[data-testid=text]").value === "make it night");
    assert.equal(await tab.get("edit-seed").inputValue(), "11");
    assert.equal(await tab.get("edit-steps").inputValue(), "2");
    assert.equal(await tab.get("amount").inputValue(), "80");
    assert.equal(await sampler.inputValue(), "euler");
});

scene("a photo keeps its shape and its side up; a large one is edited at the model's size, which is said", async ({ tab }) => {
    await tab.open();
    await tab.editWith({ text: "make it night", steps: 1 });
    await tab.photos(file("wide.png", encodePng(512, 256, shades), "image/png"));
    await tab.edit();
    assert.match(await tab.get("size-note").innerText(), /\d+/);
    const wide = await tab.resultPicture();
    assert.equal(wide.width, 2 * wide.height);
    await tab.photos(file("turned.jpg", turned(await readFile(golden("pictures/cmyk.jpg"))), "image/jpeg"));
    const { width, height } = await tab.get("before").evaluate(({ naturalWidth: width, naturalHeight: height }) => ({ width, height }));
    await tab.edit();
    const edited = await tab.resultPicture();
    assert.equal(Math.sign(edited.width - edited.height), Math.sign(width - height), "as it is seen");
});

scene("an instruction's segments can be switched off one by one, and its amount to nothing", async ({ tab }) => {
    await tab.open();
    await tab.bring(file("words.safetensors", await learnNatively()));
    await tab.get("choose").first().click();
    await tab.photos(sample("dog2cat", "test/0_0"));
    await tab.editWith({ steps: 5, size: 64 });
    await tab.edit();
    const all = await tab.resultPicture();
    await tab.editWith({ amount: 0 });
    await tab.edit();
    const nothing = await tab.resultPicture();
    await tab.editWith({ amount: 100 });
    for (let segment = 0; segment < 5; segment++) await tab.get(`segment-${segment}`).uncheck();
    await tab.edit();
    const none = await tab.resultPicture();
    await tab.get("segment-4").check();
    await tab.edit();
    const one = await tab.resultPicture();
    assert.equal(psnr(none, nothing), Infinity, "without segments nothing is heard");
    assert.ok(psnr(all, none) < 60 && psnr(one, none) < 60 && psnr(one, all) < 60, "each segment is heard");
});

scene("an instruction and words are heard one after another, in the chosen order", async ({ tab }) => {
    await tab.open();
    await tab.bring(file("words.safetensors", await learnNatively()));
    await tab.get("choose").first().click();
    await tab.photos(sample("dog2cat", "test/0_0"));
    await tab.editWith({ text: "make it snow", ...QUICK });
    await tab.edit();
    const first = JSON.parse(decodePng(await tab.resultFile()).texts.instructbrush);
    const texts = (settings) => [...(settings.before ?? []), settings].map(({ text }) => text);
    assert.deepEqual(texts(first), [null, "make it snow"]);
    await swapOrder(tab);
    await tab.edit();
    const second = JSON.parse(decodePng(await tab.resultFile()).texts.instructbrush);
    assert.deepEqual(texts(second), ["make it snow", null]);
});

async function swapOrder(tab) {
    const order = tab.get("order");
    const kind = await order.evaluate((order) => order.tagName);
    if (kind === "SELECT") await order.selectOption({ index: 1 });
    else await order.click();
}

/** The same JPEG with an EXIF block that turns it by a quarter. */
function turned(jpeg) {
    const exif = Buffer.from("4578696600004d4d002a000000080001011200030000000100060000000000000000", "hex");
    const marker = Buffer.from([0xff, 0xe1, 0, exif.length + 2]);
    return Buffer.concat([jpeg.subarray(0, 2), marker, exif, jpeg.subarray(2)]);
}
