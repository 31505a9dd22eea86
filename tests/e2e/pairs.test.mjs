// Pairs: what is taken back is the last change, and nothing that came after it.
import assert from "node:assert/strict";
import { scene } from "./lib/browser.mjs";
import { LATE_PICTURES } from "./lib/hooks.mjs";
import { file } from "./lib/page.mjs";
import { encodePng } from "./lib/pictures.mjs";
import { sample } from "./lib/root.mjs";

const pair = (idx) => [sample("snow", `${idx}_0`), sample("snow", `${idx}_1`)];

async function pairs(tab, n) {
    await tab.until(`${n} pairs, all read`, (n) => document.querySelectorAll("[data-testid=pair]").length === n
        && !document.querySelector("[data-testid=learn]").disabled, { arg: n });
}

scene("what is taken back of the pairs is the last change, and only that", async ({ tab }) => {
    const undo = tab.get("undo-pairs");
    await tab.open();
    await tab.ready();
    await tab.get("pick-pairs").setInputFiles(pair(0));
    await pairs(tab, 1);
    assert.equal(await undo.isVisible(), true, "the example was replaced");
    await tab.get("pick-pairs").setInputFiles(pair(1));
    await pairs(tab, 2);
    assert.equal(await undo.isVisible(), false, "taking that back would lose the second pair");
    const leave = () => tab.page.evaluate(() => dispatchEvent(new Event("beforeunload", { cancelable: true })));
    assert.equal(await leave(), false, "who leaves is asked");
    await tab.get("clear-pairs").click();
    await tab.until("the focus in the panel", () => document.activeElement.matches(".learn"));
    await undo.click();
    await pairs(tab, 2);
    await tab.get("clear-pairs").click();
    await tab.chooseSample("midnight");
    await tab.chooseSample("snow");
    assert.equal(await leave(), false, "the user's pairs can still be brought back");
    await undo.click();
    await pairs(tab, 2);
    await tab.chooseSample("midnight");
    await tab.get("pair").first().click();
    await tab.get("remove-pair").click();
    assert.equal(await leave(), true, "an example is not lost");
});

scene("pairs that were taken away while they were read are read when they are back", async ({ tab, server }) => {
    server.hook(LATE_PICTURES);
    await tab.open();
    await tab.ready();
    await tab.get("pick-pairs").setInputFiles(pair(0));
    await tab.get("clear-pairs").click();
    await tab.page.waitForTimeout(1000);
    await tab.get("undo-pairs").click();
    await pairs(tab, 1);
});

scene("a pair of equal pictures is said to be one", async ({ tab }) => {
    await tab.open();
    const picture = encodePng(64, 64, (x, y) => [x * 4, y * 4, 99]);
    await tab.get("pick-pairs").setInputFiles([file("a_0.png", picture, "image/png"), file("a_1.png", picture, "image/png")]);
    await tab.until("a sentence", () => /same picture/.test(document.querySelector("[data-testid=pair-notes]").innerText));
});
