// Storage: a browser that keeps nothing, has no room, or kept what a newer page wrote; nothing learned is lost.
import assert from "node:assert/strict";
import { scene } from "./lib/browser.mjs";
import { NO_STORE } from "./lib/hooks.mjs";
import { sample } from "./lib/root.mjs";
import { makeNewer } from "./lib/store.mjs";

const TINY = { size: 64, segments: 1, steps: 3, text: "night", holdOut: false };

/** Learns, and shows that the instruction can be used and taken away though it is not kept. */
async function learnAndUse(tab) {
    await tab.chooseSample("midnight");
    await tab.learnWith(TINY);
    await tab.learn();
    await tab.learned();
    assert.equal(await tab.get("shelf-card").count(), 1, "what was learned is on the shelf");
    const { bytes } = await tab.download(tab.get("export").first());
    assert.ok(bytes.length > 1000, "it can be downloaded");
    await tab.photos(sample("midnight", "test/0_0"));
    await tab.editWith({ size: 64, steps: 2 });
    await tab.edit();
}

scene("without IndexedDB the page says so, and learns and edits", { init: NO_STORE }, async ({ tab, server }) => {
    server.hook(NO_STORE);
    await tab.open();
    await tab.notice(/keeps nothing for pages/);
    await learnAndUse(tab);
});

scene("what a newer page wrote is left alone, with a sentence", async ({ tab }) => {
    await makeNewer(tab);
    await tab.open();
    await tab.notice(/newer version of this page/);
    await learnAndUse(tab);
    const version = await tab.page.evaluate(async () =>
        (await indexedDB.databases()).find(({ name }) => name === "instructbrush").version);
    assert.equal(version, 1000);
});

scene("without room the page says so, and what was learned can be downloaded", { expects: [/quota|QuotaExceeded/i] }, async ({ tab, context, server }) => {
    await tab.open();
    const devtools = await context.newCDPSession(tab.page);
    await devtools.send("Storage.overrideQuotaForOrigin", { origin: server.origin, quotaSize: 1 });
    await learnAndUse(tab);
    await tab.notice(/no room left/);
});

scene("a clock that is set back disturbs no run", async ({ tab }) => {
    await tab.open();
    await tab.chooseSample("midnight");
    await tab.learnWith({ ...TINY, steps: 60 });
    await tab.learn();
    await tab.learnedSteps(2);
    await tab.page.evaluate(() => {
        const now = Date.now.bind(Date);
        Date.now = () => now() - 86_400_000;
    });
    const before = await tab.step();
    await tab.learnedSteps(before + 5);
    const left = await tab.get("time-left").innerText();
    assert.match(left, /^(about \d[\d.]* (s|min) left)?$/, `time left is "${left}"`);
    await tab.learned();
});
