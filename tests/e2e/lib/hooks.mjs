// Hooks: scripts that run before the worker's own, to reach what it keeps to itself, or to take away what it counts on.

/** The loader of the page's worker. */
export const LOADER = /^worker.*loader.*\.js$/;

/** Keeps the GPU's device where a test can lose it. */
export const KEEP_DEVICE = `
    const requestDevice = GPUAdapter.prototype.requestDevice;
    GPUAdapter.prototype.requestDevice = async function (...wanted) {
        return (globalThis.testDevice = await requestDevice.apply(this, wanted));
    };`;

/** An adapter that looks like hardware. */
export const LIKE_HARDWARE = `
    for (const name of ["vendor", "architecture", "device", "description"]) {
        Object.defineProperty(GPUAdapterInfo.prototype, name, { get: () => "a test's" });
    }
    for (const { prototype } of [GPUAdapter, GPUAdapterInfo]) {
        Object.defineProperty(prototype, "isFallbackAdapter", { get: () => false });
    }`;

/** An adapter whose buffers are small. */
export const SMALL_BUFFERS = `
    const { get } = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, "limits");
    Object.defineProperty(GPUAdapter.prototype, "limits", {
        get() {
            return new Proxy(get.call(this), { get: (of, name) => (name === "maxBufferSize" ? 16e6 : of[name]) });
        },
    });`;

/** A GPU whose driver refuses shaders with 16-bit numbers. */
export const REFUSE_HALVES = `
    const makeModule = GPUDevice.prototype.createShaderModule;
    GPUDevice.prototype.createShaderModule = function (wanted) {
        if (/enable f16/.test(wanted.code)) throw new TypeError("a test's driver knows no f16");
        return makeModule.call(this, wanted);
    };`;

/** Keeps what the page asked for. */
export const KEEP_ASKS = `
    globalThis.testAsks = [];
    addEventListener("message", ({ data }) => globalThis.testAsks.push(JSON.stringify(data)));`;

/** A worker that notes which of the browser's own files it reads. */
export const KEEP_READS = `
    globalThis.testReads = [];
    const getFile = FileSystemFileHandle.prototype.getFile;
    FileSystemFileHandle.prototype.getFile = function () {
        globalThis.testReads.push(this.name);
        return getFile.call(this);
    };`;

/** A worker that hears of pictures half a second late. */
export const LATE_PICTURES = `
    addEventListener("message", (event) => {
        if (event.late || !JSON.stringify(event.data).includes('"Open"')) return;
        event.stopImmediatePropagation();
        const again = Object.assign(new MessageEvent("message", { data: event.data }), { late: true });
        setTimeout(() => dispatchEvent(again), 500);
    });`;

/** Keeps the WebAssembly memory where a test can measure it. */
export const KEEP_MEMORY = `
    for (const name of ["instantiate", "instantiateStreaming"]) {
        const make = WebAssembly[name];
        WebAssembly[name] = async (...wanted) => {
            const made = await make.apply(WebAssembly, wanted);
            const exports = (made.instance ?? made).exports;
            if (exports.memory) globalThis.testMemory = exports.memory;
            return made;
        };
    }`;

/** A browser that keeps nothing for pages. */
export const NO_STORE = `Object.defineProperty(globalThis, "indexedDB", { value: undefined, configurable: true });`;

/** Keeps how long each learning step took, in ms, as the worker says it: without previews and saving. */
export const KEEP_STEPS = `
    globalThis.testSteps = [];
    const post = globalThis.postMessage;
    globalThis.postMessage = (message, ...rest) => {
        const step = message?.body?.say?.Event?.Learned;
        if (step) globalThis.testSteps.push(step.ms);
        return post.call(globalThis, message, ...rest);
    };`;
