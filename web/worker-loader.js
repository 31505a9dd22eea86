// The worker's first words: starts its program, and tells the page when that is not to be had. A module that fails inside
// a worker says nothing to the page by itself.
import("./worker.js")
    .then((program) => program.default())
    .catch((error) => postMessage({ failed: String(error?.message ?? error) }));
