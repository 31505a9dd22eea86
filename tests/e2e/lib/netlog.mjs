// Net log: Chromium's own account of every request that it made, and for whom.
import { readFile } from "node:fs/promises";

/** What the log calls the origin of a request that no page or worker made: the browser's own, or an address that was typed. */
const NOBODY = "not an origin";

/** The flag that has Chromium write its log to `path`. It is whole once the browser is closed. */
export const netLogTo = (path) => `--log-net-log=${path}`;

/** Every request in the log at `path`: its `url`, and the `origin` of the page or worker that made it, or null. */
export async function requestsIn(path) {
    const { constants, events } = JSON.parse(await readFile(path, "utf8"));
    const started = constants.logEventTypes.URL_REQUEST_START_JOB;
    const requests = events.filter(({ type, params }) => type === started && params?.url);
    return requests.map(({ params: { url, initiator } }) => ({ url, origin: initiator === NOBODY ? null : initiator }));
}
