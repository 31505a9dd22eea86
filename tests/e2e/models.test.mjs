// Models: base models from other hosts, fetched, kept, used and thrown away; and what a host can do wrong.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scene } from "./lib/browser.mjs";
import { convertNatively } from "./lib/native.mjs";
import { KEEP_ASKS, KEEP_DEVICE, KEEP_READS } from "./lib/hooks.mjs";
import { psnr } from "./lib/pictures.mjs";
import { root, sample } from "./lib/root.mjs";
import { weights } from "./lib/weights.mjs";

/** What Chromium says of answers that are meant to fail. */
const expects = [/Failed to load resource/, /ERR_/, /CORS policy/];
const OWN = join(root, "web/models/demo");

/** A scene with a host of weights: the page's own model as a repository, and as `convert` makes it. */
const with_host = (name, body, gpu = false) =>
    scene(name, { expects, gpu, seconds: 360 }, async (scene) => {
        const folder = await mkdtemp(join(tmpdir(), "instructbrush-"));
        const container = join(folder, "container");
        await convertNatively(OWN, container, "q8");
        const host = await weights({ demo: OWN, container, pairs: join(root, "web/samples"), golden: join(root, "tests/golden/small_b") });
        try {
            await body({ ...scene, host });
        } finally {
            await host.close();
            await rm(folder, { recursive: true });
        }
    });

/** Opens the dialog and begins to fetch. */
async function fetch(tab, address, precision = "q8") {
    if (!(await tab.get("model-address").isVisible())) await tab.get("models").click();
    await tab.get("model-address").fill(address);
    await tab.get("model-precision").selectOption(precision);
    await tab.get("model-fetch").click();
}

const kept = (tab) => tab.page.locator(`[data-testid=model][data-whole="true"]`);

const fetched = (tab) =>
    tab.until("the end of fetching", () => {
        const trouble = document.querySelector("[data-testid=model-trouble]").textContent;
        const isBusy = document.querySelector("[data-testid=model-cancel]") !== null;
        return !isBusy && (trouble || document.querySelectorAll(`[data-testid=model][data-whole="true"]`).length > 1);
    });

/** Drops a file or folder of this computer. */
async function drop(tab, id, path) {
    const { x, y, width, height } = await tab.get(id).boundingBox();
    const session = await tab.page.context().newCDPSession(tab.page);
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"]) {
        await session.send("Input.dispatchDragEvent", { type, x: x + width / 2, y: y + height / 2, data });
    }
    await tab.until("that it is taken", () => document.querySelector("[data-testid=model-trouble]").textContent === "");
}

async function pictureWith(tab, steps = 4) {
    await tab.photos(sample("snow", "test/0_0"));
    await tab.editWith({ text: "make it snow", seed: 7, steps, size: 64 });
    await tab.edit();
    return tab.resultPicture();
}

with_host("a repository is fetched, kept, used at the next visit too, and thrown away", async ({ tab, t, host, server }) => {
    await tab.open();
    const own = await pictureWith(tab);
    await fetch(tab, host.address("demo"), "f16");
    assert.equal(await fetched(tab), true, await tab.get("model-trouble").textContent());
    assert.match(await kept(tab).nth(1).innerText(), /16 bits · 1\d MB · at 128×128 it edits in \d+ MB of memory and learns in \d+ MB/);
    await kept(tab).nth(1).getByTestId("model-use").click();
    await tab.get("models-close").click();
    await tab.ready();
    // which fetches the page's own model for a visit without a network
    await tab.until("the service worker, in charge", () => navigator.serviceWorker.controller !== null);
    const before = server.asked.length;
    await tab.reload();
    assert.deepEqual(server.asked.slice(before).filter((path) => path.includes("safetensors")), [], "the page's own model is not loaded");
    const same = psnr(own, await pictureWith(tab));
    t.diagnostic(`the same weights from the store: ${same.toFixed(1)} dB`);
    assert.ok(same > 60, `${same.toFixed(1)} dB`);
    await tab.get("models").click();
    await tab.get("model-delete").click();
    await tab.until("only the page's own model", () => document.querySelectorAll("[data-testid=model]").length === 1);
    await tab.get("models-close").click();
    await tab.ready();
    assert.deepEqual(await tab.page.evaluate(async () => {
        const models = await (await navigator.storage.getDirectory()).getDirectoryHandle("models");
        return Array.fromAsync(models.keys());
    }), []);
});

scene("a folder of this computer becomes a model, chosen or dropped", { expects }, async ({ tab, t }) => {
    await tab.open();
    const own = await pictureWith(tab);
    await tab.get("models").click();
    await tab.get("model-precision").selectOption("f16");
    await tab.get("model-folder").setInputFiles(join(root, "tests/golden/pairs"));
    assert.match(String(await fetched(tab)), /no unet\/config\.json/);
    await drop(tab, "model-folder", OWN);
    assert.equal(await fetched(tab), true, await tab.get("model-trouble").textContent());
    await kept(tab).nth(1).getByTestId("model-use").click();
    await tab.get("models-close").click();
    await tab.ready();
    const same = psnr(own, await pictureWith(tab));
    t.diagnostic(`the same weights from a folder: ${same.toFixed(1)} dB`);
    assert.ok(same > 60, `${same.toFixed(1)} dB`);
});

with_host("a container that breaks off ten times, and a tab that is closed, lose nothing that is stored", async ({ tab, host }) => {
    await tab.open();
    host.rules.push({ pattern: /\.bin$/, cut: 200_000, times: 5 });
    const slow = { pattern: /vae-000\.bin$/, pace: 200 };
    host.rules.push(slow);
    await fetch(tab, host.address("container"));
    await tab.until("the VAE on its way", () => /MB of/.test(document.querySelector("[data-testid=model-far]")?.textContent ?? ""));
    while (!host.asked.some(({ file }) => file === "vae-000.bin")) await tab.page.waitForTimeout(50);
    await tab.reload();
    slow.pace = 0;
    host.rules.push({ pattern: /\.bin$/, cut: 300_000, times: 5 });
    const before = host.asked.length;
    await tab.get("models").click();
    await tab.get("model-continue").click();
    assert.equal(await fetched(tab), true, await tab.get("model-trouble").textContent());
    const again = host.asked.slice(before);
    assert.ok(again.every(({ file }) => file !== "unet-000.bin"), "what was stored is not fetched again");
    assert.ok(again.some(({ from }) => from > 0), "what broke off goes on");
    await kept(tab).nth(1).getByTestId("model-use").click();
    await tab.get("models-close").click();
    await tab.ready();
    await pictureWith(tab);
});

with_host("after a GPU was lost, a kept model has its parts there in turn", async ({ tab, t, host, server }) => {
    server.hook(`${KEEP_DEVICE}${KEEP_ASKS}${KEEP_READS}`);
    await tab.open();
    await fetch(tab, host.address("container"));
    assert.equal(await fetched(tab), true, await tab.get("model-trouble").textContent());
    await kept(tab).nth(1).getByTestId("model-use").click();
    await tab.get("models-close").click();
    await tab.use("gpu");
    const before = await pictureWith(tab, 1);
    await (await tab.worker()).evaluate(() => globalThis.testDevice.destroy());
    await tab.get("edit").click(); // it breaks off
    await tab.notice(/the model's parts are there in turn/);
    await tab.ready("gpu");
    const asks = await (await tab.worker()).evaluate(() => globalThis.testAsks);
    assert.ok(asks.some((ask) => ask.includes('"sparing":true')), String(asks));
    const reads = async () => (await tab.worker()).evaluate(() => globalThis.testReads.filter((name) => name.startsWith("unet-")).length);
    await tab.get("edit-step").evaluate((line) => {
        globalThis.testLines = [];
        new MutationObserver(() => testLines.push(line.textContent)).observe(line, { characterData: true, childList: true, subtree: true });
    });
    for (const again of [false, true]) {
        const read = await reads();
        await tab.edit();
        assert.ok((await reads()) > read, "the UNet is read anew for each picture");
        const same = psnr(before, await tab.resultPicture());
        t.diagnostic(`the picture with all parts there: ${same.toFixed(1)} dB`);
        assert.ok(same > 60, `${same.toFixed(1)} dB, again: ${again}`);
    }
    const lines = await tab.page.evaluate(() => globalThis.testLines);
    for (const part of ["UNet", "VAE"]) assert.ok(lines.includes(`Reading the model's ${part}…`), String(lines));
}, true);

with_host("a model for which there is no room is refused before it is fetched", async ({ tab, host, server }) => {
    server.hook(`navigator.storage.estimate = async () => ({ quota: 9e6, usage: 4e6 });`);
    await tab.open();
    for (const name of ["demo", "container"]) {
        await fetch(tab, host.address(name));
        assert.match(String(await fetched(tab)), /still takes \d+ MB of this browser's storage and 5 MB are left/);
    }
    const whole = host.asked.filter(({ file, from }) => /\.bin$/.test(file) || from > 1e6);
    assert.deepEqual(whole, [], "no weights were fetched");
});

with_host("a download is cancelled, and what is wrong with a host is said", async ({ tab, host }) => {
    const fails = async (address, pattern) => {
        await fetch(tab, address);
        const said = await fetched(tab);
        assert.match(String(said), pattern);
    };
    await tab.open();
    const rule = (how) => (host.rules = [how]);
    const none = () => tab.until("only the page's own model", () => document.querySelectorAll("[data-testid=model]").length === 1);
    rule({ pattern: /vae.*\.bin$/, pace: 300 });
    await fetch(tab, host.address("container"));
    while (!host.asked.some(({ file }) => file === "vae-000.bin")) await tab.page.waitForTimeout(50);
    await tab.get("model-cancel").click();
    await tab.until("the end", () => document.querySelector("[data-testid=model-cancel]") === null);
    assert.equal(await tab.get("model-trouble").textContent(), "");
    await tab.get("model-delete").click();

    // a host that takes a request and never answers
    rule({ pattern: /.*/, silent: true });
    await fetch(tab, host.address("demo"));
    while (!host.asked.some(({ file }) => file === "unet/config.json" || file === "index.json")) await tab.page.waitForTimeout(50);
    assert.match(await tab.get("model-far").textContent(), /Asking/);
    await tab.get("model-cancel").click();
    await tab.until("the end", () => document.querySelector("[data-testid=model-cancel]") === null);
    host.rules = [];

    await fails("nonsense", /is no address/);
    await fails(host.address("pairs"), /no unet\/config\.json/);
    await fails(host.address("nothing"), /no unet\/config\.json/);
    // what has nothing of a model is not kept
    await none();
    rule({ pattern: /.*/, cors: false });
    await fails(host.address("demo"), /does not let other sites read it \(CORS\)/);
    rule({ pattern: /config\.json/, status: 403 });
    await fails(host.address("demo"), /403: the repository is private or gated/);
    rule({ pattern: /unet.*\.bin$/, flip: true });
    await fails(host.address("container"), /unet-000\.bin is damaged/);
    rule({ pattern: /unet.*\.safetensors$/, status: 404 });
    await fails(host.address("demo"), /unet: has no diffusion_pytorch_model/);
    host.rules = [];
    // one that answers in whole files only
    rule({ pattern: /.*/, ranges: false });
    await fetch(tab, host.address("golden"), "q4");
    assert.equal(await fetched(tab), true);
});
