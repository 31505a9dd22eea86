// Firefox: the page loads, and the CPU edits a picture.
import { after, before, test } from "node:test";
import assert from "node:assert/strict";
import puppeteer from "puppeteer-core";
import { inPath, sample } from "./lib/root.mjs";
import { serve } from "./lib/server.mjs";

let browser, server;
before(async () => {
    server = await serve();
    browser = await puppeteer.launch({ browser: "firefox", executablePath: process.env.FIREFOX ?? inPath("firefox-esr"), headless: true });
});
after(async () => {
    await browser?.close();
    await server?.close();
});

test("Firefox opens the page, and edits a picture on the CPU", { timeout: 120_000 }, async () => {
    const page = await browser.newPage();
    const errors = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    await page.goto(server.url);
    const wait = async (what, condition) => {
        await page.waitForFunction(condition, { timeout: 60_000 }).catch(async (error) => {
            throw new Error(`after 60 s there is still not: ${what} (${error.message}); the page says: ${await page.$eval("body", (body) => body.innerText)}`);
        });
    };
    await wait("the model, ready", () => document.querySelector("[data-testid=device][data-ready=true]"));
    assert.match(await page.$eval("[data-testid=device]", (device) => device.innerText), /CPU/);
    const input = await page.$("[data-testid=pick-photos]");
    await input.uploadFile(sample("snow", "test/0_0"));
    await wait("the photo", () => document.querySelector('[data-testid=photo][data-name="0_0.png"][aria-selected=true]'));
    await page.$eval("[data-testid=text]", (field) => field.focus());
    await page.keyboard.type("make it snow");
    await page.$eval("[data-testid=edit]", (button) => button.click());
    await wait("an edited picture", () => document.querySelector("img[data-testid=result]")?.naturalWidth > 0);
    assert.deepEqual(errors, []);
});
