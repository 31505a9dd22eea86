// Browser: Chromium, one per file of tests, and a scene: one test in a context of its own, with what it leaves behind when it fails.
import { after, test } from "node:test";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { netLogTo, requestsIn } from "./netlog.mjs";
import { inPath, kept } from "./root.mjs";
import { serve } from "./server.mjs";
import { Tab } from "./page.mjs";

const QUIET = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
/** Chromium's own software renderer as the only adapter of WebGPU. */
const SOFTWARE_GPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"];
/** What Chromium says of files that are allowed to be missing. */
const HARMLESS = [/Failed to load resource.*404/, /powerPreference option is currently ignored/];

const browsers = new Map();

/** The browser, started on first use; with a software renderer for WebGPU, or with no adapter at all. */
export async function browser({ gpu = false } = {}) {
    if (!browsers.has(gpu)) {
        browsers.set(gpu, launch(gpu ? SOFTWARE_GPU : ["--disable-gpu"]));
    }
    return browsers.get(gpu);
}

function launch(args) {
    return chromium.launch({ executablePath: process.env.CHROMIUM ?? inPath("chromium"), args: [...QUIET, ...args] });
}

/** A browser that logs to `path` what it asks the network for; `ended` closes it and gives every request that it made. */
async function logged(path) {
    const own = await launch(["--disable-gpu", netLogTo(path)]);
    const ended = async () => {
        await own.close();
        return requestsIn(path);
    };
    return { own, ended };
}

after(async () => {
    for (const started of browsers.values()) await (await started).close();
});

/**
 * A test with a server, a browser context and a tab of its own. Whatever the page complains of in the console fails it,
 * a breach of the content security policy above all, unless `expects` matches.
 *
 * Options: `gpu`, `context` (Playwright's), `init` (a script that runs before the page's), `expects`, `seconds`, `netLog`
 * (a browser of its own, which `ended` closes to give the requests that it made).
 */
export function scene(name, options, body = options) {
    const { gpu = false, context: wanted = {}, init, expects = [], seconds = 240, skip = false, netLog = false } = body === options ? {} : options;
    test(name, { timeout: seconds * 1000, skip }, async (t) => {
        const server = await serve();
        const said = [];
        const contexts = [];
        const log = join(kept, `${fileName(name)}.net-log.json`);
        let own = null;
        let ended = null;
        // A browser that has never seen the page.
        const fresh = async () => {
            const context = await (own ?? (await browser({ gpu }))).newContext({ viewport: { width: 1280, height: 900 }, ...wanted });
            contexts.push(context);
            if (init) await context.addInitScript(init);
            listen(context, said);
            return new Tab(await context.newPage(), server);
        };
        try {
            if (netLog) {
                await mkdir(kept, { recursive: true });
                ({ own, ended } = await logged(log));
            }
            const tab = await fresh();
            await body({ t, tab, server, fresh, context: contexts[0], said, ended });
            assert.deepEqual(complaints(said, expects), [], "the browser's console should be silent");
        } catch (error) {
            await keep(name, contexts, said);
            throw error;
        } finally {
            for (const context of contexts) await context.close();
            await own?.close();
            await server.close().catch(() => {});
        }
    });
}

/** Collects every line of the consoles of a context, as it comes. */
function listen(context, said) {
    context.on("console", (message) => {
        said.push({ kind: message.type(), text: `${message.text()} (${message.location().url})` });
    });
    context.on("weberror", (error) => said.push({ kind: "error", text: String(error.error()) }));
}

function complaints(said, expects) {
    const isBreach = ({ text }) => text.includes("Content Security Policy");
    const isKnown = ({ text }) => [...HARMLESS, ...expects].some((known) => known.test(text));
    return said.filter((line) => (isBreach(line) || line.kind === "error") && !isKnown(line)).map(({ text }) => text);
}

/** What a scene leaves behind is called so. */
const fileName = (name) => name.replace(/[^\w]+/g, "-").slice(0, 80);

/** Screenshots of a failed test's tabs and what their consoles said. */
async function keep(name, contexts, said) {
    await mkdir(kept, { recursive: true });
    const file = join(kept, fileName(name));
    await writeFile(`${file}.log`, said.map(({ kind, text }) => `${kind}: ${text}\n`).join(""));
    for (const [idx, page] of contexts.flatMap((context) => context.pages()).entries()) {
        const path = idx === 0 ? `${file}.png` : `${file}-${idx + 1}.png`;
        await page.screenshot({ path, fullPage: true, timeout: 10_000 }).catch(() => {});
    }
    console.error(`kept: ${file}.png, .log`);
}
