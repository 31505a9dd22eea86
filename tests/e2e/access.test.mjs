// Access: axe finds nothing serious in any state, and everything can be done by keys.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { scene } from "./lib/browser.mjs";
import { file } from "./lib/page.mjs";
import { learnNatively } from "./lib/native.mjs";
import { sample } from "./lib/root.mjs";

const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHOTO = sample("midnight", "test/0_0");
const QUICK = { text: "make it night", size: 64, steps: 2 };

/** Fails with the rule, the elements and the reason of each serious issue. */
async function check(tab, state) {
    await tab.page.evaluate(AXE);
    const found = await tab.page.evaluate(async () => {
        const { violations } = await globalThis.axe.run({ resultTypes: ["violations"] });
        const bad = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        return bad.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.slice(0, 3).map(({ html }) => html.slice(0, 160)).join(" | ")}`);
    });
    assert.deepEqual(found, [], `axe on the page in the state "${state}"`);
}

/** Waits until what is seen is as expected. */
async function settled(what, condition) {
    const end = performance.now() + 20_000;
    while (!(await condition())) assert.ok(performance.now() < end, `after 20 s there is still not: ${what}`);
}

/** Nothing sticks out to the side. */
async function fits(tab, state) {
    const [wide, screen] = await tab.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= screen, `in the state "${state}" the page is ${wide} pixels wide, the screen ${screen}`);
}

for (const [look, context] of [
    ["light, wide", { colorScheme: "light", viewport: { width: 1600, height: 1000 } }],
    ["dark, on a phone", { colorScheme: "dark", viewport: { width: 390, height: 844 }, reducedMotion: "reduce" }],
]) {
    scene(`axe finds nothing serious: ${look}`, { context }, async ({ tab }) => {
        const see = async (state) => {
            await check(tab, state);
            await fits(tab, state);
        };
        await tab.open();
        await see("empty");
        await tab.get("models").click();
        await see("choosing a model");
        await tab.page.keyboard.press("Escape");
        await tab.get("pick-photos").setInputFiles(file("bad.png", "no", "image/png"));
        await tab.notice(/bad\.png/);
        await see("with a notice");
        await tab.chooseSample("midnight");
        await tab.learnWith({ size: 64, segments: 1, steps: 300, text: "night" });
        await tab.learn();
        await tab.learnedSteps(2);
        await see("learning");
        await tab.get("pause").click();
        await tab.get("continue").waitFor();
        await see("paused");
        await tab.get("continue").click();
        await tab.learnedSteps(4);
        await tab.get("finish").click();
        await tab.learned();
        await tab.photos(PHOTO);
        await tab.editWith(QUICK);
        await tab.edit();
        await see("with a result");
        await tab.bring(file("words.safetensors", await learnNatively()));
        await tab.get("rename").first().click();
        await see("renaming on the shelf");
    });
}

scene("photos are edited, compared, stopped and undone by keys", async ({ tab }) => {
    await tab.open();
    await tab.photos(PHOTO);
    await tab.editWith(QUICK);
    await tab.get("text").press("Control+Enter");
    await tab.get("result").waitFor({ timeout: 60_000 });
    const first = await tab.resultUrl();
    await tab.get("edit").press("Enter");
    await tab.until("the focus in the panel", () => document.activeElement.matches(".edit"));
    await tab.until("the same again", (first) => {
        const url = document.querySelector("img[data-testid=result]")?.src;
        return url && url !== first;
    }, { arg: first });
    await tab.get("undo-result").click();

    const slider = tab.get("compare");
    const value = async () => Number(await slider.getAttribute("aria-valuenow"));
    await slider.focus();
    const middle = await value();
    await slider.press("ArrowRight");
    assert.ok((await value()) > middle, "right moves it right");
    await slider.press("ArrowLeft");
    await slider.press("ArrowLeft");
    assert.ok((await value()) < middle, "left moves it left");
    await slider.press("Home");
    assert.equal(await value(), Number(await slider.getAttribute("aria-valuemin")));
    await slider.press("End");
    assert.equal(await value(), Number(await slider.getAttribute("aria-valuemax")));
    await slider.press("PageDown");
    assert.ok((await value()) < Number(await slider.getAttribute("aria-valuemax")));

    const shown = () => tab.page.locator(".stage").screenshot({ animations: "disabled" });
    const after = await shown();
    await tab.page.keyboard.down("\\");
    await settled("what was before, while \\ is held", async () => !(await shown()).equals(after));
    await tab.page.keyboard.up("\\");
    await settled("the result again, and the focus where it was", async () => (await shown()).equals(after));

    await tab.editWith({ steps: 300, seed: 2 });
    await tab.get("text").press("Control+Enter");
    await tab.until("a step", () => /\d/.test(document.querySelector("[data-testid=edit-step]")?.innerText ?? ""));
    await tab.page.keyboard.press("Escape");
    await tab.until("the end of the edit", () => {
        const cancel = document.querySelector("[data-testid=cancel-edit]");
        return !cancel || cancel.disabled || cancel.offsetParent === null;
    });
    assert.equal(await tab.resultUrl(), first, "what was there before stays");

    await tab.editWith({ steps: 2 });
    await tab.get("text").press("Control+Enter");
    await tab.until("the second result", (first) => {
        const url = document.querySelector("img[data-testid=result]")?.src;
        return url && url !== first;
    }, { arg: first });
    await tab.get("compare").focus();
    await tab.page.keyboard.press("Control+z");
    await tab.until("the first result", () => !document.querySelector("[data-testid=redo-result]").disabled);
});

scene("every button and field is reached by the Tab key, and shows that it is", async ({ tab }) => {
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.bring(file("words.safetensors", await learnNatively()));
    await tab.photos(PHOTO);
    await tab.editWith(QUICK);
    await tab.edit();
    const wanted = ["learn", "edit", "text", "choose", "export", "search", "sample-midnight", "quality-balanced", "compare", "device-choice"];
    const reached = new Set();
    const unseen = [];
    await tab.page.evaluate(() => document.body.focus());
    for (let n = 0; n < 120; n++) {
        await tab.page.keyboard.press("Tab");
        const at = await tab.page.evaluate(() => {
            const element = document.activeElement;
            // The ring may be on the element, on the label around it, or on a part of it.
            const places = [element, element.closest("label"), ...element.children].filter(Boolean).map((place) => getComputedStyle(place));
            const isRing = ({ outlineStyle, outlineWidth, boxShadow }) => (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
            return { id: element.dataset?.testid ?? "", name: element.outerHTML.slice(0, 90), seen: element === document.body || places.some(isRing) };
        });
        reached.add(at.id);
        if (!at.seen) unseen.push(at.name);
    }
    assert.deepEqual(wanted.filter((id) => !reached.has(id)), [], "not reached by the Tab key");
    assert.deepEqual(unseen, [], "focus cannot be seen");
});
