// Weights: a host of base models on an origin of its own, with ranges and CORS, which can misbehave.
import { createServer } from "node:http";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Bytes in one piece when it is slow. */
const PIECE = 64 * 1024;
/** How long before a connection breaks its last bytes arrive, in ms. */
const UNREAD = 200;

/**
 * Serves `folders`, by name. `rules` are looked at for each answer, in order: `{ pattern, … }` with `status`, `cut` (bytes after
 * which the connection breaks), `times` (then the rule is over), `flip` (a bit of the file), `pace` (ms between two pieces), `cors: false`,
 * `ranges: false`, `silent: true` (takes the request, and says nothing).
 */
export async function weights(folders) {
    const host = { asked: [], rules: [] };
    const http = createServer((request, response) => answer(request, response).catch(() => response.destroy()));
    await new Promise((done) => http.listen(0, "127.0.0.1", done));
    host.origin = `http://127.0.0.1:${http.address().port}`;
    host.address = (name) => `${host.origin}/${name}/`;
    host.close = () => (http.closeAllConnections(), new Promise((done) => http.close(done)));
    return host;

    async function answer(request, response) {
        const path = decodeURIComponent(new URL(request.url, host.origin).pathname).slice(1);
        const slash = path.indexOf("/");
        const [name, file] = [path.slice(0, slash), path.slice(slash + 1)];
        const how = {};
        for (const rule of host.rules) {
            if (!rule.pattern.test(file) || rule.times === 0) continue;
            if (rule.times) rule.times -= 1;
            Object.assign(how, rule);
        }
        const range = how.ranges === false ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
        const from = range ? Number(range[1]) : 0;
        if (request.method !== "OPTIONS") host.asked.push({ file, from });
        if (how.cors !== false) {
            response.setHeader("Access-Control-Allow-Origin", "*");
            response.setHeader("Access-Control-Allow-Headers", "Range");
            response.setHeader("Access-Control-Expose-Headers", "Content-Range");
        }
        if (how.silent) return;
        if (request.method === "OPTIONS") return response.writeHead(204).end();
        const handle = how.status || file.split("/").includes("..") ? null : await open(join(folders[name] ?? "", file)).catch(() => null);
        const stat = await handle?.stat();
        if (!stat?.isFile()) {
            await handle?.close();
            return response.writeHead(how.status ?? 404).end("there is no such file");
        }
        try {
            await send(handle, stat.size, range ? from : null, response, how);
        } finally {
            await handle.close();
        }
    }
}

/** Sends a file of `size` bytes, from a byte on if one is asked for, as slowly and as badly as `how` says. */
async function send(handle, size, range, response, how) {
    const from = range ?? 0;
    const headers = { "Content-Type": "application/octet-stream", "Content-Length": Math.max(size - from, 0) };
    if (range !== null) headers["Content-Range"] = `bytes ${from}-${size - 1}/${size}`;
    response.writeHead(range === null ? 200 : 206, headers);
    for (let at = from; at < size; at += PIECE) {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(PIECE), 0, PIECE, at);
        const piece = buffer.subarray(0, bytesRead);
        const middle = Math.floor(size / 2) - at;
        if (how.flip && middle >= 0 && middle < bytesRead) piece[middle] ^= 1;
        if (how.cut !== undefined && at - from + PIECE > how.cut) {
            // a browser drops what its page has not read when the connection breaks
            response.write(piece.subarray(0, how.cut - (at - from)), () => setTimeout(() => response.destroy(), UNREAD));
            return;
        }
        if (!response.write(piece)) await room(response);
        if (response.destroyed) return;
        if (how.pace) await pause(how.pace);
    }
    response.end();
}

/** Waits until more can be written, or nobody listens any more. */
function room(response) {
    return new Promise((done) => {
        if (response.destroyed) return done();
        const end = () => {
            response.off("drain", end).off("close", end);
            done();
        };
        response.on("drain", end).on("close", end);
    });
}
