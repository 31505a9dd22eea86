// Bad input: whatever is dropped on the page, it answers with a sentence, and nothing is lost.
import assert from "node:assert/strict";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scene } from "./lib/browser.mjs";
import { withNaN, withWords } from "./lib/instructions.mjs";
import { file } from "./lib/page.mjs";
import { animatedGif, encodePng, heic } from "./lib/pictures.mjs";
import { golden, sample } from "./lib/root.mjs";
import { learnNatively } from "./lib/native.mjs";

const PHOTO = sample("snow", "test/0_0");
const shades = (x, y) => [(x * 4) & 255, (y * 4) & 255, 90];
const WORDS = golden("edits/instruction_words.safetensors");

scene("pictures that cannot be read are named, one sentence each; the others can be edited", async ({ tab }) => {
    const png = await readFile(PHOTO);
    const bad = [
        ["empty.png", Buffer.alloc(0)],
        ["cut.png", png.subarray(0, 5000)],
        ["words.png", Buffer.from("These are words, not a picture.\n".repeat(20))],
        ["phone.heic", heic()],
        ["wide.png", encodePng(30_000, 16, shades)],
    ];
    await tab.open();
    for (const [name, bytes] of bad) {
        await tab.get("pick-photos").setInputFiles(file(name, bytes, "image/png"));
        const said = await tab.notice(new RegExp(name.replace(".", "\\.")));
        assert.match(said, /[a-z]{3,} [a-z]+/, `"${said}" is no sentence`);
        assert.doesNotMatch(said, /undefined|panicked|unwrap|JsValue/);
    }
    assert.equal(await tab.page.locator('[data-testid=photo][data-state="failed"]').count(), 0);
    await tab.photos(file("good.png", png, "image/png"));
    await tab.editWith({ text: "make it snow", size: 64, steps: 2 });
    await tab.edit();
});

scene("unusual pictures are edited: animated, of 16 bits, of printing colours", async ({ tab }) => {
    await tab.open();
    await tab.editWith({ text: "make it snow", size: 64, steps: 1 });
    const unusual = [
        file("moves.gif", animatedGif(), "image/gif"),
        file("deep.png", encodePng(64, 64, shades, 16), "image/png"),
        file("printed.jpg", await readFile(golden("pictures/cmyk.jpg")), "image/jpeg"),
    ];
    for (const photo of unusual) {
        await tab.photos(photo);
        if (photo.name.endsWith(".gif")) await tab.notice(/moves\.gif.*first frame/s);
        await tab.edit();
    }
});

scene("pairs that do not match are said to, and can be mended; without pairs nothing is learned", async ({ tab }) => {
    await tab.open();
    if (await tab.get("pair").count()) await tab.get("clear-pairs").click();
    assert.equal(await tab.get("learn").isDisabled(), true);
    assert.match(await tab.get("learn-why").innerText(), /pair/i);

    await tab.get("pick-pairs").setInputFiles([file("alone_0.png", encodePng(64, 64, shades), "image/png")]);
    await tab.until("a note about the missing partner", () =>
        /alone_0.*partner/s.test(document.querySelector("[data-testid=pair-notes]").innerText));
    assert.equal(await tab.get("learn").isDisabled(), true);

    await tab.get("pick-pairs").setInputFiles([file("alone_1.png", encodePng(96, 64, shades), "image/png")]);
    await tab.get("crop-to-match").click();
    await tab.get("crop-to-match").waitFor({ state: "hidden" });
    await tab.until("leave to learn", () => !document.querySelector("[data-testid=learn]").disabled);

    const before = await tab.get("pair").count();
    await tab.get("pick-pairs").setInputFiles([file("broken_0.png", Buffer.from("no"), "image/png"), file("broken_1.png", Buffer.alloc(0), "image/png")]);
    await tab.notice(/broken_0\.png/);
    await tab.notice(/broken_1\.png/);
    assert.equal(await tab.get("pair").count(), before, "what cannot be read takes no place");
});

scene("instruction files that cannot be used are refused with a sentence", async ({ tab }) => {
    const good = await readFile(WORDS);
    const bad = [
        ["cut.safetensors", good.subarray(0, good.length - 1000), /cut|short|end|bytes/i],
        ["nothing.safetensors", Buffer.alloc(0), /./],
        ["newer.safetensors", withWords(good, { "instructbrush.version": "2" }), /newer|version/i],
        ["nan.safetensors", withNaN(good), /finite|NaN|number/i],
        ["picture.safetensors", await readFile(PHOTO), /./],
        ["archive.zip", Buffer.from("PK no archive"), /archive/],
    ];
    await tab.open();
    for (const [name, bytes, sentence] of bad) {
        await tab.get("import").setInputFiles(file(name, bytes));
        const said = await tab.notice(new RegExp(name.replace(".", "\\.")));
        assert.match(said, sentence);
    }
    assert.equal(await tab.get("shelf-card").count(), 0);
    await tab.bring(file("good.safetensors", good));
});

scene("an instruction file of 2 GB is refused at once", async ({ tab }) => {
    const folder = await mkdtemp(join(tmpdir(), "instructbrush-"));
    try {
        const path = join(folder, "large.safetensors");
        const sparse = await open(path, "w");
        await sparse.truncate(2 ** 31);
        await sparse.close();
        await tab.open();
        await tab.get("import").setInputFiles(path);
        assert.match(await tab.notice(/large\.safetensors/, 10), /MB/);
    } finally {
        await rm(folder, { recursive: true });
    }
});

scene("an instruction's name is shown as text, whatever it is", async ({ tab }) => {
    const title = `<img src=x onerror="globalThis.ran=1"><b>bold</b>`;
    await tab.open();
    await tab.bring(file("html.safetensors", withWords(await learnNatively(), { "modelspec.title": title })));
    assert.ok((await tab.get("shelf-card").first().innerText()).includes(title));
    await tab.get("choose").first().click();
    assert.ok((await tab.get("what").innerText()).includes(title));
    assert.equal(await tab.page.locator("[data-testid=shelf-card] b, img[src=x]").count(), 0);
    assert.equal(await tab.page.evaluate(() => globalThis.ran), undefined);
});

scene("an instruction of another base model says so, and is not applied", async ({ tab }) => {
    const other = withWords(await readFile(WORDS), {
        "instructbrush.base_model": "0".repeat(64),
        "instructbrush.base_model_title": "Another model",
    });
    await tab.open();
    await tab.bring(file("other.safetensors", other));
    assert.match(await tab.get("shelf-card").first().innerText(), /Another model/);
    await tab.photos(PHOTO);
    const choose = tab.get("choose").first();
    if (await choose.isEnabled()) {
        await choose.click();
        await tab.get("edit").click();
        await tab.notice(/Another model/);
    }
    assert.equal(await tab.get("result").count(), 0);
});
