// Offline: after the first visit the released page works without a network, and every tab runs one whole version of it.
import assert from "node:assert/strict";
import { scene } from "./lib/browser.mjs";
import { sample } from "./lib/root.mjs";

const SCRIPT = /^service-worker\.js$/;
const WITHOUT_NETWORK = [/net::ERR|Failed to fetch|Failed to update a ServiceWorker|unknown error occurred when fetching/i];

/** Opens the page and waits until the whole of it is kept. */
async function visit(tab) {
    await tab.open();
    await tab.until("the service worker, in charge", () => navigator.serviceWorker.controller !== null);
}

/** A script of another version, in which one file has changed. */
function changed(script, version, file) {
    return script.replace(/"page-\w+"/, `"page-${version}"`).replace(new RegExp(`("${file}": )"\\w+"`), `$1"${version}"`);
}

async function edit(tab) {
    await tab.photos(sample("midnight", "test/0_0"));
    await tab.editWith({ text: "make it night", size: 64, steps: 2 });
    await tab.edit();
}

scene("after one visit the page works without a network", { expects: WITHOUT_NETWORK }, async ({ tab, server }) => {
    await visit(tab);
    await server.close();
    await tab.reload();
    await tab.chooseSample("lava");
    await edit(tab);
});

scene("a new version waits until every tab is closed, and then is there as a whole", { expects: [/404/] }, async ({ tab, context, server }) => {
    await visit(tab);
    const change = (text) => text.replace("<head>", `<head><meta name="newer">`);
    server.misbehave(/^index\.html$/, { change });
    server.misbehave(SCRIPT, { change: (text) => changed(text, "newer", "index.html") });
    await tab.reload();
    await tab.notice(/new version of this page/);
    assert.equal(await tab.page.locator("meta[name=newer]").count(), 0, "a tab got the new version while the old one ran");
    await tab.page.close();
    // The browser puts the new one in charge in its own time; a page outside the folder sees when.
    const outside = await context.newPage();
    await outside.goto(server.origin);
    await outside.waitForFunction(async (folder) => {
        const registration = await navigator.serviceWorker.getRegistration(folder);
        return registration?.active?.state === "activated" && !registration.waiting && !registration.installing;
    }, server.url, { timeout: 60_000 });
    const later = new tab.constructor(await context.newPage(), server);
    await later.open();
    assert.equal(await later.page.locator("meta[name=newer]").count(), 1, "the new version is not there after all tabs were closed");
    assert.deepEqual(await later.page.evaluate(() => caches.keys()), ["page-newer /a/folder/"], "the old version is thrown away");
});

scene("a new version that breaks on the way changes nothing", { expects: [...WITHOUT_NETWORK, /404/] }, async ({ tab, server }) => {
    await visit(tab);
    server.misbehave(/^models\/demo\/unet\//, { status: 500 });
    server.misbehave(SCRIPT, { change: (text) => changed(text, "broken", "models/demo/unet/config.json") });
    await tab.reload();
    await tab.until("the end of the broken update", async () => {
        const registration = await navigator.serviceWorker.getRegistration();
        return registration && !registration.installing && !(await caches.keys()).some((name) => name.startsWith("page-broken"));
    });
    await server.close();
    await tab.reload();
    await edit(tab);
});
