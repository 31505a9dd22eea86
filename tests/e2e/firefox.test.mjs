// Firefox: the page loads; the CPU edits a picture, and so does WebGPU, in 32 and in 16 bits.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { REFUSE_HALVES } from "./lib/hooks.mjs";
import { decodePng, psnr } from "./lib/pictures.mjs";
import { inPath, sample } from "./lib/root.mjs";
import { serve } from "./lib/server.mjs";

/** Not every version of Firefox offers WebGPU by itself, nor on a software renderer. */
const WEBGPU = { "dom.webgpu.enabled": true, "dom.webgpu.workers.enabled": true, "gfx.webgpu.ignore-blocklist": true };
/** Where drivers of Vulkan are listed. */
const DRIVERS = "/usr/share/vulkan/icd.d";
/** Devices add in different orders. */
const SAME = 35;

let browser, server;
before(async () => {
    server = await serve();
    const executablePath = process.env.FIREFOX ?? inPath("firefox-esr");
    const env = { ...process.env, VK_DRIVER_FILES: lavapipe(), VK_ICD_FILENAMES: lavapipe() };
    browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true, env, extraPrefsFirefox: WEBGPU });
});
after(async () => {
    await browser?.close();
    await server?.close();
});

/** The driver that computes on the CPU, as a file. */
function lavapipe() {
    const name = readdirSync(DRIVERS).find((name) => name.startsWith("lvp_icd"));
    assert.ok(name, `${DRIVERS} lists no lavapipe: \`cargo xtask tools\` installs it`);
    return join(DRIVERS, name);
}

/** A tab with the page, ready, and what it complains of. */
async function open(url = server.url) {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.evaluateOnNewDocument(keepBlobs);
    await page.goto(url);
    const tab = { page, errors };
    await ready(tab, "cpu");
    await (await page.$("[data-testid=pick-photos]")).uploadFile(sample("snow", "test/0_0"));
    await wait(tab, "the photo", () => document.querySelector('[data-testid=photo][data-name="0_0.png"][aria-selected=true]'));
    await page.$eval("[data-testid=text]", (field) => field.focus());
    await page.keyboard.type("make it snow");
    return tab;
}

/** Keeps the files behind pictures where a test can read them: the page's policy lets nobody fetch them. */
function keepBlobs() {
    const make = URL.createObjectURL;
    globalThis.testBlobs = new Map();
    URL.createObjectURL = (blob) => {
        const url = make.call(URL, blob);
        globalThis.testBlobs.set(url, blob);
        return url;
    };
}

/** Waits until `condition` holds in the page; fails with what the page says instead. */
async function wait({ page }, what, condition, arg) {
    await page.waitForFunction(condition, { timeout: 240_000, polling: 100 }, arg).catch(async (error) => {
        const said = await page.$eval("body", (body) => body.innerText);
        throw new Error(`after 240 s there is still not: ${what} (${error.message}); the page says: ${said}`);
    });
}

const ready = (tab, device) => wait(tab, `the model, ready on the ${device}`, (device) =>
    document.querySelector(`[data-testid=device][data-ready=true][data-device=${device}]`), device);

/** Edits the photo, and gives the picture's file. */
async function edit(tab) {
    const { page } = tab;
    const shown = () => document.querySelector("img[data-testid=result]")?.src ?? null;
    const old = await page.evaluate(shown);
    await page.$eval("[data-testid=edit]", (button) => button.click());
    await wait(tab, "an edited picture", (old) => {
        const result = document.querySelector("img[data-testid=result]");
        return result?.naturalWidth > 0 && result.src !== old;
    }, old);
    const bytes = await page.evaluate(async () => {
        const blob = globalThis.testBlobs.get(document.querySelector("img[data-testid=result]").src);
        return [...new Uint8Array(await blob.arrayBuffer())];
    });
    return Buffer.from(bytes);
}

/** Chooses 16 bits, which must be offered. */
async function chooseHalf({ page }) {
    const offered = await page.$eval("option[value=gpu-f16]", (option) => !option.hidden && !option.disabled);
    assert.ok(offered, "this Firefox offers no 16-bit numbers (shader-f16) on lavapipe");
    await page.select("[data-testid=device-choice]", "gpu-f16");
}

/** Types into a number field and leaves it. */
const type = ({ page }, id, value) => page.$eval(`[data-testid=${id}]`, (field, value) => {
    field.value = value;
    for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}, String(value));

test("Firefox opens the page, and edits a picture on the CPU", { timeout: 480_000 }, async () => {
    const tab = await open();
    assert.match(await tab.page.$eval("[data-testid=device]", (device) => device.innerText), /CPU/);
    await edit(tab);
    assert.deepEqual(tab.errors, []);
});

test("Firefox makes the same picture on WebGPU, and nearly the same in 16 bits; what is learned there goes on anywhere", { timeout: 900_000 }, async (t) => {
    const tab = await open();
    const { page } = tab;
    await type(tab, "edit-size", 64);
    await type(tab, "edit-steps", 2);
    const onCpu = decodePng(await edit(tab));
    await page.select("[data-testid=device-choice]", "gpu");
    await ready(tab, "gpu");
    const whole = await edit(tab);
    assert.match(whole.toString("latin1"), /"compute":"f32"/);
    await chooseHalf(tab);
    await wait(tab, "the GPU in 16 bits", () => document.querySelector("[data-testid=device][data-ready=true][data-half=true]"));
    assert.match(await page.$eval("[data-testid=device]", (device) => device.innerText), /16 bits/);
    const half = await edit(tab);
    assert.match(half.toString("latin1"), /"compute":"f16"/);
    const [wholes, halves] = [whole, half].map((file) => psnr(decodePng(file), onCpu));
    t.diagnostic(`Firefox's WebGPU: ${wholes.toFixed(1)} dB to the CPU's picture, ${halves.toFixed(1)} dB in 16 bits`);
    assert.ok(wholes >= SAME && halves >= SAME, `${wholes.toFixed(1)} and ${halves.toFixed(1)} dB, ${SAME} dB are asked for`);
    assert.notDeepEqual(decodePng(half), decodePng(whole), "products were of 32 bits all the same");

    await page.$eval("[data-testid=sample-midnight]", (button) => button.click());
    await wait(tab, "its pairs", () => document.querySelector("[data-testid=learn]:not([disabled])"));
    for (const [id, value] of [["learn-size", 64], ["segments", 1], ["learn-steps", 100]]) await type(tab, id, value);
    await page.$eval("[data-testid=start-text]", (field) => field.focus());
    await page.keyboard.type("night");
    const click = (id) => page.$eval(`[data-testid=${id}]`, (button) => button.click());
    await click("learn");
    await wait(tab, "a step of learning", () => parseInt(document.querySelector("[data-testid=learning-step]")?.textContent, 10) >= 1);
    await click("pause");
    await wait(tab, "the pause", () => document.querySelector("[data-testid=continue]:not([hidden])"));
    await page.select("[data-testid=device-choice]", "cpu");
    await ready(tab, "cpu");
    await click("continue");
    await wait(tab, "the end of learning", () => {
        const done = document.querySelector("[data-testid=learned]");
        return done && !done.hidden && done.innerText.trim();
    });
    assert.deepEqual(tab.errors, []);
});

test("a GPU whose 16-bit shaders do not build ends in 32 bits, not on the CPU", { timeout: 480_000 }, async () => {
    // an origin of its own, for which no service worker answers
    const own = await serve();
    own.hook(REFUSE_HALVES);
    const tab = await open(own.url);
    await chooseHalf(tab);
    await wait(tab, "the GPU in 32 bits", () => document.querySelector("[data-testid=device][data-ready=true][data-half=false][data-device=gpu]"));
    assert.equal(await tab.page.$eval("[data-testid=device-choice]", (choice) => choice.value), "gpu");
    await tab.page.close();
    await own.close();
});
