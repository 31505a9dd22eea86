// Net log: Chromium's own account of every request that it made, and for whom.
import { readFile } from "node:fs/promises";

/** What the log calls the origin of a request that no page or worker made: the browser's own, or an address that was typed. */
const NOBODY = "not an origin";

/** The flag that has Chromium write its log to `path`. */
export const netLogTo = (path) => `--log-net-log=${path}`;

/**
 * Every request in the log at `path`: its `url`, and the `origin` of the page or worker that made it, or null.
 *
 * An event is a line, so that one that a browser was too hasty to end is left out. What goes over UDP (WebRTC) is not told there.
 */
export async function requestsIn(path) {
    const [first, ...lines] = (await readFile(path, "utf8")).split("\n");
    const started = JSON.parse(first.replace(/,$/, "}")).constants.logEventTypes.URL_REQUEST_START_JOB;
    const requests = lines.map(event).filter((event) => event?.type === started && event.params?.url);
    return requests.map(({ params: { url, initiator } }) => ({ url, origin: initiator === NOBODY ? null : initiator }));
}

/** The event of a line, if it is one. */
function event(line) {
    try {
        return JSON.parse(line.replace(/[,\]]+$/, ""));
    } catch {
        return null;
    }
}
