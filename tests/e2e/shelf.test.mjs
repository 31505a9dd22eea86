// Shelf: instructions named, tagged, copied, deleted, found, and carried to another browser.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { scene } from "./lib/browser.mjs";
import { learned, readInstruction, withWords } from "./lib/instructions.mjs";
import { file } from "./lib/page.mjs";
import { golden } from "./lib/root.mjs";

const WORDS = await readFile(golden("edits/instruction_words.safetensors"));
const PLAIN = await readFile(golden("edits/instruction_plain.safetensors"));

const titled = (bytes, title) => file(`${title}.safetensors`, withWords(bytes, { "modelspec.title": title }));
const titles = (tab) => tab.get("shelf-card").allInnerTexts();
const card = (tab, title) => tab.get("shelf-card").filter({ hasText: title });

async function cards(tab, n) {
    await tab.until(`${n} cards`, (n) => document.querySelectorAll("[data-testid=shelf-card]").length === n, { arg: n });
}

scene("a card is renamed and tagged, in its file too, and found by both", async ({ tab }) => {
    await tab.open();
    await tab.bring(titled(WORDS, "Dog to cat"), titled(PLAIN, "Plain"));
    await card(tab, "Dog to cat").getByTestId("rename").click();
    await tab.get("rename-field").fill("Every dog a cat");
    await tab.get("rename-field").press("Enter");
    await card(tab, "Every dog a cat").waitFor();
    await card(tab, "Every dog a cat").getByTestId("tags").click();
    await tab.get("tags-field").fill("animals, fun");
    await tab.get("tags-field").press("Enter");
    await card(tab, "animals").waitFor();
    const { bytes, name } = await tab.download(card(tab, "Every dog a cat").getByTestId("export"));
    assert.equal(name, "Every dog a cat.safetensors");
    const { metadata } = readInstruction(bytes);
    assert.equal(metadata["modelspec.title"], "Every dog a cat");
    assert.equal(metadata["modelspec.tags"], "animals, fun");
    assert.equal(learned(bytes).numbers, learned(WORDS).numbers, "what was learned is as it was");

    await tab.get("search").fill("animals");
    await cards(tab, 1);
    await tab.get("search").fill("plain");
    await cards(tab, 1);
    await tab.get("search").fill("no such thing");
    await cards(tab, 0);
    await tab.get("search").fill("");
    await cards(tab, 2);
    await tab.reload();
    await cards(tab, 2);
    assert.match((await titles(tab)).join(), /Every dog a cat/);
});

scene("a card is copied, deleted, and brought back", async ({ tab }) => {
    await tab.open();
    await tab.bring(titled(WORDS, "Dog to cat"));
    await tab.get("duplicate").first().click();
    await cards(tab, 2);
    await tab.get("delete").first().click();
    await cards(tab, 1);
    await tab.get("delete").first().click();
    await cards(tab, 0);
    await tab.get("undo-delete").click();
    await cards(tab, 1);
    await tab.get("undo-delete").click();
    await cards(tab, 2);
    await tab.get("delete").first().click();
    await cards(tab, 1);
    // a page that is left while the store still forgets shows the card again
    await tab.until("the end of the deletion", () => document.querySelector("[data-testid=delete]:not([disabled])"));
    await tab.reload();
    await cards(tab, 1);
});

scene("the whole shelf goes into one archive, and into another browser", async ({ tab, fresh }) => {
    await tab.open();
    await tab.bring(titled(WORDS, "Dog to cat"), titled(PLAIN, "Plain"));
    const archive = await tab.download(tab.get("export-all"));
    assert.match(archive.name, /\.zip$/);
    const other = await fresh();
    await other.open();
    await other.get("import").setInputFiles(file(archive.name, archive.bytes, "application/zip"));
    await cards(other, 2);
    const { bytes } = await other.download(card(other, "Dog to cat").getByTestId("export"));
    assert.deepEqual(learned(bytes), learned(withWords(WORDS, { "modelspec.title": "Dog to cat" })));
    await other.get("import").setInputFiles(file(archive.name, archive.bytes, "application/zip"));
    await other.page.waitForLoadState();
    await cards(other, 2);
});

scene("the storage that is used is shown", async ({ tab }) => {
    await tab.open();
    await tab.bring(titled(WORDS, "Dog to cat"));
    await tab.until("usage and quota", () => /\d.*(kB|MB|GB).*\d.*(kB|MB|GB)/s.test(document.querySelector("[data-testid=usage]")?.innerText));
});
