// Server: a folder on loopback with the headers of web/_headers, which can misbehave on demand.
import { createServer } from "node:http";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { LOADER } from "./hooks.mjs";
import { root } from "./root.mjs";

const TYPES = {
    html: "text/html; charset=utf-8",
    js: "text/javascript; charset=utf-8",
    css: "text/css; charset=utf-8",
    json: "application/json",
    wasm: "application/wasm",
    png: "image/png",
    svg: "image/svg+xml",
};
/** The page lies in a sub-folder, as it may on any site. */
const BASE = "/a/folder/";

/** Serves `folder` (dist, unless another is named) on a free port. */
export async function serve(folder = process.env.INSTRUCTBRUSH_DIST ?? join(root, "dist")) {
    if (!(await exists(join(folder, "index.html")))) {
        throw new Error(`${folder} holds no page: run \`cargo xtask build --release\` first`);
    }
    const headers = await hostHeaders();
    const server = new Server(folder, headers);
    await server.listen(0);
    return server;
}

/** Everything that it was asked for, and the rules by which it misbehaves. */
class Server {
    asked = [];
    #rules = [];
    #http;
    #port;

    constructor(folder, headers) {
        this.folder = folder;
        this.headers = headers;
    }

    async listen(port) {
        this.#http = createServer((request, response) => {
            this.#answer(request, response).catch(() => response.destroy());
        });
        await new Promise((done, failed) => {
            this.#http.once("error", failed).listen(port, "127.0.0.1", done);
        });
        this.#port = this.#http.address().port;
    }

    get origin() {
        return `http://127.0.0.1:${this.#port}`;
    }

    get url() {
        return this.origin + BASE;
    }

    /** Runs a script before the worker's own. */
    hook(script) {
        return this.misbehave(LOADER, { change: (text) => `${script}\n${text}` });
    }

    /** The network is gone: nothing listens any more. */
    async close() {
        this.#http.closeAllConnections();
        await new Promise((done) => this.#http.close(done));
    }

    /** The network is back, at the same address. */
    async reopen() {
        await this.listen(this.#port);
    }

    /**
     * From now on files whose name matches are answered otherwise: `{ status }`, `{ cut: bytes }` (the connection breaks
     * after so many), `{ until: promise }` (the answer waits), `{ change: (text) => text }`, `{ body, type }`.
     * Returns a function that ends it.
     */
    misbehave(pattern, how) {
        const rule = { pattern, how };
        this.#rules.push(rule);
        return () => {
            this.#rules = this.#rules.filter((other) => other !== rule);
        };
    }

    async #answer(request, response) {
        const { pathname } = new URL(request.url, this.origin);
        this.asked.push(pathname);
        const name = pathname.startsWith(BASE) ? decodeURIComponent(pathname.slice(BASE.length)) || "index.html" : null;
        const how = Object.assign({}, ...this.#rules.filter(({ pattern }) => pattern.test(name)).map(({ how }) => how));
        await how.until;
        for (const [header, value] of this.headers) response.setHeader(header, value);
        const body = how.body === undefined ? await this.#file(name) : Buffer.from(how.body);
        if (body === null || how.status) {
            response.writeHead(how.status ?? 404, { "Content-Type": "text/plain" }).end("there is no such file");
            return;
        }
        const whole = how.change ? Buffer.from(how.change(body.toString())) : body;
        const type = how.type ?? TYPES[name.split(".").pop()] ?? "application/octet-stream";
        response.writeHead(200, { "Content-Type": type, "Content-Length": whole.length });
        if (how.cut === undefined) {
            response.end(whole);
        } else {
            response.write(whole.subarray(0, how.cut), () => response.destroy());
        }
    }

    async #file(name) {
        if (name === null || name.split("/").includes("..")) return null;
        return readFile(join(this.folder, name)).catch(() => null);
    }
}

/** Name and value of each header in web/_headers. */
export async function hostHeaders() {
    const text = await readFile(join(root, "web", "_headers"), "utf8");
    const lines = text.split("\n").map((line) => line.trim().match(/^([\w-]+): (.+)$/));
    return lines.filter(Boolean).map(([, name, value]) => [name, value]);
}

/** Every file below a folder, relative to it. */
export async function filesBelow(folder, prefix = "") {
    const found = [];
    for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
        const name = prefix + entry.name;
        found.push(...(entry.isDirectory() ? await filesBelow(folder, `${name}/`) : [name]));
    }
    return found;
}

async function exists(path) {
    return stat(path).then(() => true, () => false);
}
