// Page: the tab as a user sees it; every wait names what it waits for and has an end.
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { basename } from "node:path";
import { decodePng } from "./pictures.mjs";

/** Loading the model, or one step of anything, on two slow cores that have other scenes to play. */
const PATIENCE = 120;

/** One tab. */
export class Tab {
    constructor(page, server) {
        this.page = page;
        this.server = server;
        page.setDefaultTimeout(30_000);
    }

    /** What carries a test id. */
    get(id) {
        return this.page.getByTestId(id);
    }

    /** Opens the page and waits until it can learn and edit. */
    async open({ ready = true } = {}) {
        await this.page.goto(this.server.url);
        await this.get("drop-pairs").waitFor();
        if (ready) await this.ready();
    }

    async reload() {
        await this.page.reload();
        await this.get("drop-pairs").waitFor();
        await this.ready();
    }

    /** Waits for the model, on that kind of device if one is named. */
    async ready(device) {
        const wanted = device ? `[data-device="${device}"]` : "";
        const found = `[data-testid=device][data-ready="true"]${wanted}`;
        await this.until(`the model, ready${device ? ` on the ${device}` : ""}`, (found) => document.querySelector(found) !== null, { arg: found });
    }

    /** Waits until `condition`, asked in the page, gives something, and gives that; fails with what the page says instead. */
    async until(what, condition, { arg, seconds = PATIENCE } = {}) {
        const end = performance.now() + seconds * 1000;
        while (performance.now() < end) {
            const found = await this.page.evaluate(condition, arg);
            if (found) return found;
            await pause(30);
        }
        throw new Error(`after ${seconds} s there is still not: ${what}. The page says: ${await this.summary()}`);
    }

    /** What the page tells, for messages. */
    async summary() {
        return this.page.evaluate(() => {
            const texts = (id) => [...document.querySelectorAll(`[data-testid="${id}"]`)].map((found) => found.innerText.trim());
            const ids = ["device", "notices", "learning-step", "learn-why", "learned", "edit-step", "progress"];
            return JSON.stringify(Object.fromEntries(ids.map((id) => [id, texts(id).join(" | ")])));
        });
    }

    /** Waits for a notice that matches, and gives its text. */
    async notice(pattern, seconds = PATIENCE) {
        return this.until(`a notice like ${pattern}`, ([source, flags]) => {
            const notices = [...document.querySelectorAll("[data-testid=notices] > *")].map((notice) => notice.innerText);
            return notices.find((text) => new RegExp(source, flags).test(text));
        }, { arg: [pattern.source, pattern.flags], seconds });
    }

    async notices() {
        return this.page.locator("[data-testid=notices] > *").allInnerTexts();
    }

    /** Opens a `details` element. */
    async unfold(id) {
        await this.get(id).evaluate((details) => (details.open = true));
    }

    /** Types into a number field and leaves it. */
    async type(id, value) {
        const field = this.get(id);
        await field.fill(String(value));
        await field.blur();
    }

    /** Switches to another device and waits until it is there. */
    async use(device) {
        await this.get("device-choice").selectOption(device);
        await this.ready(device);
    }

    /** Chooses an edit that comes with the page, and waits for its pairs. */
    async chooseSample(effect) {
        await this.get(`sample-${effect}`).click();
        const learn = "[data-testid=learn]:not([disabled])";
        await this.until(`the pairs of ${effect}`, (learn) => document.querySelectorAll("[data-testid=pair]").length >= 4
            && document.querySelector(learn) !== null, { arg: learn });
    }

    /** Sets how to learn: `size`, `steps`, `segments`, `seed`, `text`, `title`, `holdOut`. */
    async learnWith({ text, holdOut, ...numbers }) {
        await this.unfold("learn-settings");
        const ids = { size: "learn-size", steps: "learn-steps", segments: "segments", seed: "learn-seed", title: "learn-title" };
        for (const [name, value] of Object.entries(numbers)) await this.type(ids[name], value);
        if (holdOut !== undefined) await this.get("hold-out").setChecked(holdOut);
        if (text !== undefined) await this.get("start-text").fill(text);
    }

    /** Begins to learn. */
    async learn() {
        await this.get("learn").click();
        await this.get("learning").waitFor();
    }

    /** Waits until the run has done so many steps. */
    async learnedSteps(n, seconds = PATIENCE) {
        await this.until(`step ${n} of learning`, (n) => {
            const said = document.querySelector("[data-testid=learning-step]")?.textContent;
            return parseInt(said, 10) >= n;
        }, { arg: n, seconds });
    }

    /** Waits for the end of learning; the sentence about it. */
    async learned(seconds = 240) {
        await this.until("the end of learning", () => {
            const done = document.querySelector("[data-testid=learned]");
            return done && !done.hidden && done.innerText.trim();
        }, { seconds });
        return this.get("learned").innerText();
    }

    /** The number of steps that the run shows as done. */
    async step() {
        return parseInt(await this.get("learning-step").innerText(), 10);
    }

    /** Puts photos into the queue, shows the last: paths, or `{ name, mimeType, buffer }`. */
    async photos(...files) {
        const last = this.page.locator(`[data-testid=photo][data-name="${nameOf(files.at(-1))}"]`);
        const before = await last.count();
        await this.get("pick-photos").setInputFiles(files);
        await this.until(`the photo ${nameOf(files.at(-1))} in the queue`, ([name, before]) =>
            document.querySelectorAll(`[data-testid=photo][data-name="${name}"]`).length > before, { arg: [nameOf(files.at(-1)), before] });
        await last.last().click();
    }

    /** Sets how to edit: `text`, `amount`, `steps`, `size`, `seed`, `guidance`, `imageGuidance`. */
    async editWith({ text, amount, ...numbers }) {
        if (text !== undefined) await this.get("text").fill(text);
        if (amount !== undefined) await this.slide("amount", amount);
        const ids = { steps: "edit-steps", size: "edit-size", seed: "edit-seed", guidance: "edit-guidance", imageGuidance: "edit-image-guidance" };
        if (Object.keys(numbers).length) await this.unfold("edit-settings");
        for (const [name, value] of Object.entries(numbers)) await this.type(ids[name], value);
    }

    /** Moves a range input. */
    async slide(id, value) {
        await this.get(id).fill(String(value));
    }

    /** Edits the shown photo and waits for the picture; gives the milliseconds that it took. */
    async edit({ seconds = PATIENCE } = {}) {
        const old = await this.resultUrl();
        const began = performance.now();
        await this.get("edit").click();
        await this.until("an edited picture", (old) => {
            const result = document.querySelector("img[data-testid=result]");
            return result?.complete && result.naturalWidth > 0 && result.src !== old;
        }, { arg: old, seconds });
        return performance.now() - began;
    }

    async resultUrl() {
        return this.page.evaluate(() => document.querySelector("img[data-testid=result]")?.src ?? null);
    }

    /** The result's file as the user would download it. */
    async resultFile(kind = "png") {
        return (await this.download(this.get(`download-${kind}`))).bytes;
    }

    /** The result's pixels. */
    async resultPicture() {
        return decodePng(await this.resultFile());
    }

    /** Clicks what starts a download: `{ name, bytes }`. */
    async download(button) {
        const [download] = await Promise.all([this.page.waitForEvent("download"), button.click()]);
        return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    }

    /** Brings instruction files to the shelf and waits until they lie there. */
    async bring(...files) {
        const before = await this.get("shelf-card").count();
        await this.get("import").setInputFiles(files);
        const n = before + files.length;
        await this.until(`${n} cards on the shelf`, (n) => document.querySelectorAll("[data-testid=shelf-card]").length >= n, { arg: n });
    }

    /** The worker that computes. */
    async worker() {
        return this.page.workers().at(-1) ?? this.page.waitForEvent("worker");
    }
}

const nameOf = (file) => (typeof file === "string" ? basename(file) : file.name);

/** A file in memory for a file input. */
export const file = (name, bytes, mimeType = "application/octet-stream") => ({ name, mimeType, buffer: Buffer.from(bytes) });
/** A file of the disk under another name. */
export const fileAs = async (name, path) => file(name, await readFile(path), "image/png");
