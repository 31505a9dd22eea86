// The service worker: keeps one whole version of the page, so that it works without a network.
// A new version is fetched whole beside the old one and takes over when no tab uses the old one any more.
const VERSION = "";
const FILES = [];

const address = (file) => new URL(file, self.registration.scope).href;

self.addEventListener("install", (event) => {
    const requests = FILES.map((file) => new Request(address(file), { cache: "no-cache" }));
    event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(requests)));
});

self.addEventListener("activate", (event) => {
    const clear = async () => {
        for (const name of await caches.keys()) {
            if (name.startsWith("page-") && name !== VERSION) await caches.delete(name);
        }
        // The first visit's tab too may lose its network.
        await self.clients.claim();
    };
    event.waitUntil(clear());
});

self.addEventListener("fetch", (event) => {
    const { request } = event;
    if (request.method !== "GET" || !request.url.startsWith(self.registration.scope)) return;
    const wanted = request.mode === "navigate" ? address("index.html") : request.url;
    const answer = async () => {
        const cache = await caches.open(VERSION);
        return (await cache.match(wanted, { ignoreSearch: true })) ?? fetch(request);
    };
    event.respondWith(answer());
});
