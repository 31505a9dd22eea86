// What has to be done before the first paint, and when there is no second one.
try {
    const theme = localStorage.getItem("instructbrush.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
    // A browser that keeps nothing has the system's colours.
}
const lacks = (what) => document.documentElement.classList.add(`lacks-${what}`);
if (typeof WebAssembly !== "object") lacks("wasm");
// The program of the page takes this skeleton away; what fails before that leaves it there.
const fell = () => document.getElementById("first") && lacks("program");
addEventListener("error", fell, true);
addEventListener("unhandledrejection", fell);
