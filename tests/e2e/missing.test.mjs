// Missing: files of the page that do not arrive; each is a sentence, and a way on.
import assert from "node:assert/strict";
import { scene } from "./lib/browser.mjs";
import { LOADER } from "./lib/hooks.mjs";

const BROKEN = [/Failed to load|Failed to fetch|net::ERR|404|500|WebAssembly|MIME|CompileError/i];

for (const [what, pattern, how] of [
    ["the worker's file", LOADER, { status: 404 }],
    ["the worker's WebAssembly", /^worker.*\.wasm$/, { status: 404 }],
    ["half of the worker's WebAssembly", /^worker.*\.wasm$/, { cut: 100_000 }],
]) {
    scene(`without ${what} the page says so, and stays`, { expects: BROKEN }, async ({ tab, server }) => {
        server.misbehave(pattern, how);
        await tab.open({ ready: false });
        await tab.notice(/could not be loaded|stopped/, 30);
        assert.equal(await tab.get("device").getAttribute("data-ready"), "false");
        await tab.get("sample-midnight").click();
        assert.equal(await tab.get("learn").isDisabled(), true);
    });
}

for (const [what, how, sentence] of [
    ["is not there", { status: 404 }, /unet/],
    ["is refused", { status: 503 }, /503/],
    ["breaks off", { cut: 500_000 }, /could not be fetched/],
]) {
    scene(`a model file that ${what} is named`, { expects: BROKEN }, async ({ tab, server }) => {
        server.misbehave(/^models\/demo\/unet\/.*safetensors$/, how);
        await tab.open({ ready: false });
        await tab.until(`a sentence like ${sentence}`, ([source]) =>
            new RegExp(source).test(document.querySelector("[data-testid=device]").innerText), { arg: [sentence.source] });
        assert.equal(await tab.get("learn").isDisabled(), true);
    });
}
