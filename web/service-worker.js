// The service worker: keeps one whole version of the page, so that it works without a network.
// A new version is fetched whole beside the old one and takes over when no tab uses the old one any more.
const VERSION = "";
// Every file of the version, with what tells whether it has changed.
const FILES = {};

const { scope } = self.registration;
const address = (file) => new URL(file, scope).href;
const INDEX = address("index.html");
// Beside the files lies the list of them, for the next version.
const LIST = address("service-worker.files");

// Several pages of one site share its caches.
const place = new URL(scope).pathname;
const mark = place === "/" ? "" : ` ${place}`;
const NAME = VERSION + mark;
const isOurs = (name) => /^page-[\w-]+( |$)/.test(name) && name.slice(name.split(" ", 1)[0].length) === mark;

const ANY = { ignoreSearch: true, ignoreVary: true };

/** A file that has not changed since the version that is here, else `undefined`. */
async function kept(file) {
    for (const name of (await caches.keys()).filter(isOurs)) {
        const cache = await caches.open(name);
        const list = await (await cache.match(LIST))?.json();
        if (list?.[file] === FILES[file]) return cache.match(address(file), ANY);
    }
}

/** A file from the site, which must be whole. */
async function fetched(file) {
    // Some hosts send `index.html` elsewhere; a page may not come from a response that was sent elsewhere.
    const wanted = file === "index.html" ? scope : address(file);
    const response = await fetch(wanted, { cache: "no-cache" });
    if (!response.ok) throw new Error(`${wanted}: ${response.status}`);
    if (!response.redirected) return response;
    return new Response(await response.blob(), { headers: response.headers });
}

async function install() {
    const isNew = !(await caches.has(NAME));
    const cache = await caches.open(NAME);
    try {
        for (const file of Object.keys(FILES)) {
            await cache.put(address(file), (await kept(file)) ?? (await fetched(file)));
        }
        await cache.put(LIST, Response.json(FILES));
    } catch (error) {
        // Half a version is of no use, and takes room.
        if (isNew) await caches.delete(NAME);
        throw error;
    }
}

async function activate() {
    for (const name of await caches.keys()) {
        if (isOurs(name) && name !== NAME) await caches.delete(name);
    }
    // The first visit's tab too may lose its network.
    await self.clients.claim();
}

async function answer(request) {
    const cache = await caches.open(NAME);
    const { origin, pathname } = new URL(request.url);
    const wanted = origin + pathname === scope ? INDEX : request.url;
    const kept = await cache.match(wanted, ANY);
    if (kept) return kept;
    try {
        return await fetch(request);
    } catch (error) {
        if (request.mode === "navigate") throw error;
        // The whole version is here: what is not has never been on the site, and the page can do without it.
        return new Response(null, { status: 404 });
    }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method === "GET" && request.url.startsWith(scope)) event.respondWith(answer(request));
});
