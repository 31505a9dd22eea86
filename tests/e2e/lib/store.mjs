// Store: what the page keeps in IndexedDB, read and prepared behind its back.

/** Waits until the state of a run is kept, at that step or a later one; the step. */
export async function storedStep(tab, step, seconds = 120) {
    return tab.until(`a kept state at step ${step}`, async (step) => {
        const database = await new Promise((done, failed) => {
            const request = indexedDB.open("instructbrush");
            request.onsuccess = () => done(request.result);
            request.onerror = () => failed(request.error);
        });
        const states = await new Promise((done) => {
            const request = database.transaction("states").objectStore("states").getAll();
            request.onsuccess = () => done(request.result);
        });
        database.close();
        return states.map((state) => state.step).find((kept) => kept >= step);
    }, { arg: step, seconds });
}

/** Makes the page's database one of a newer version, before the page sees it. */
export async function makeNewer(tab) {
    const end = tab.server.misbehave(/^blank$/, { body: "<!doctype html><title>blank</title>", type: "text/html" });
    await tab.page.goto(`${tab.server.url}blank`);
    await tab.page.evaluate(() => new Promise((done, failed) => {
        const request = indexedDB.open("instructbrush", 1000);
        request.onsuccess = () => done(request.result.close());
        request.onerror = () => failed(request.error);
    }));
    end();
}
