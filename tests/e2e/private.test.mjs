// Private: nothing leaves this computer, and the page's own policy sees to it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { scene } from "./lib/browser.mjs";
import { hostHeaders } from "./lib/server.mjs";
import { sample } from "./lib/root.mjs";

/** Takes what would leave loopback, and answers nothing. */
const outside = createServer((request, response) => response.writeHead(502).end());
outside.on("connect", (request, socket) => socket.destroy());
await new Promise((done) => outside.listen(0, "127.0.0.1", done));
outside.unref();
const proxy = { server: `http://127.0.0.1:${outside.address().port}`, bypass: "127.0.0.1" };
/** A page of the browser's own. */
const CHROMIUMS_OWN = /^(chrome|chrome-untrusted|devtools):/;

scene("a whole session asks nobody but its own folder", { netLog: true, context: { proxy }, expects: [/ERR_|502/] }, async ({ tab, server, ended }) => {
    await tab.open();
    await tab.until("the service worker, in charge", () => navigator.serviceWorker.controller !== null);
    await tab.chooseSample("midnight");
    await tab.learnWith({ size: 64, segments: 1, steps: 2 });
    await tab.learn();
    await tab.learned();
    await tab.photos(sample("midnight", "test/0_0"));
    await tab.editWith({ text: "make it night", size: 64, steps: 2 });
    await tab.edit();
    await tab.resultFile();
    await tab.reload();
    const asked = [...server.asked];
    // A request of the page's that must be heard of.
    const refused = new Promise((done) => outside.on("request", ({ url }) => url.startsWith("http://outside.example/") && done()));
    await tab.page.evaluate(() => location.assign("http://outside.example/"));
    await refused;

    // The browser asks for things of its own (how forms are filled in, what its search page can do): those have no origin.
    const pages = (await ended()).filter(({ origin }) => origin !== null && !CHROMIUMS_OWN.test(origin));
    const hosts = new Set(pages.map(({ url }) => new URL(url).host));
    assert.deepEqual([...hosts].sort(), [new URL(server.url).host, "outside.example"], "the page asked another host than its own");
    assert.ok(asked.length > 10);
    assert.deepEqual(asked.filter((path) => !path.startsWith("/a/folder/")), [], "the page asked for what is not in its folder");
});

scene("the policy is in the page itself, and holds on a host that sends no headers", { expects: [/Content Security Policy|violates/] }, async ({ tab, server }) => {
    const page = await readFile(join(server.folder, "index.html"), "utf8");
    assert.doesNotMatch(page, /<script(?![^>]*\ssrc=)[^>]*>/, "index.html has an inline script");
    assert.doesNotMatch(page, /\son\w+=|style=/, "index.html has inline handlers or styles");
    const policy = new Map(await hostHeaders()).get("Content-Security-Policy");
    for (const part of ["default-src 'none'", "connect-src 'self'", "worker-src 'self'"]) assert.ok(policy.includes(part), part);
    // A base model may come from any host that the user names; nothing else may come from elsewhere.
    const others = policy.split(";").filter((part) => !part.trim().startsWith("connect-src"));
    assert.doesNotMatch(others.join(";"), /unsafe-inline|'unsafe-eval'|\*|https?:/);

    server.headers = [];
    await tab.open();
    const tried = await tab.page.evaluate(async () => {
        const script = document.createElement("script");
        script.textContent = "globalThis.ran = true";
        document.head.append(script);
        const fetched = await fetch("http://outside.example/").then(() => true, () => false);
        const shown = await new Promise((done) => {
            const picture = new Image();
            picture.onload = () => done(true);
            picture.onerror = () => done(false);
            picture.src = "http://outside.example/a.png";
        });
        return { ran: globalThis.ran === true, fetched, shown };
    });
    assert.deepEqual(tried, { ran: false, fetched: false, shown: false });
});
