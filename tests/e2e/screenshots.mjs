// Screenshots: the finished states of the page, for web/screenshots and the README.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { Tab, file, fileAs } from "./lib/page.mjs";
import { inPath, root, sample } from "./lib/root.mjs";
import { serve } from "./lib/server.mjs";

const FOLDER = join(root, "web", "screenshots");
/** A picture in a repository is no larger. */
const MOST = 400_000;
const WIDE = { width: 1200, height: 800 };
const PHONE = { width: 390, height: 844 };

const server = await serve();
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? inPath("chromium") });
try {
    await mkdir(FOLDER, { recursive: true });
    const tab = await open(WIDE, "light");
    await shoot(tab, "empty");
    await learn(tab, "midnight", () => shoot(tab, "learning"));
    await edit(tab, "midnight");
    await shoot(tab, "result");
    for (const effect of ["snow", "lava"]) await learn(tab, effect);
    await tab.get("photo").first().click();
    await shoot(tab, "shelf", "shelf-card");
    const shelf = await tab.download(tab.get("export-all"));

    for (const [name, viewport, look] of [["dark", WIDE, "dark"], ["phone", PHONE, "light"]]) {
        const tab = await open(viewport, look);
        await tab.get("import").setInputFiles(file(shelf.name, shelf.bytes, "application/zip"));
        await tab.get("shelf-card").filter({ hasText: "Midnight" }).getByTestId("choose").click();
        await edit(tab, "midnight");
        await shoot(tab, name, look === "dark" ? undefined : "before");
    }
} finally {
    await browser.close();
    await server.close();
}

async function open(viewport, colorScheme) {
    const context = await browser.newContext({ viewport, colorScheme, deviceScaleFactor: 1, reducedMotion: "reduce" });
    const tab = new Tab(await context.newPage(), server);
    await tab.open();
    return tab;
}

async function learn(tab, effect, onTheWay) {
    await tab.chooseSample(effect);
    await tab.get("quality-balanced").check();
    await tab.learn();
    if (onTheWay) {
        await tab.learnedSteps(55);
        await tab.get("preview").waitFor();
        await onTheWay();
    }
    await tab.learned(300);
}

async function edit(tab, effect) {
    await tab.photos(await fileAs("street.png", sample(effect, "test/0_0")));
    await tab.edit();
}

/** From the top of the page, or from where something lies. */
async function shoot(tab, name, place) {
    const path = join(FOLDER, `${name}.png`);
    for (const notice of await tab.get("notices").getByRole("button").all()) await notice.click();
    if (place) await tab.get(place).first().evaluate((there) => there.scrollIntoView({ block: "center" }));
    else await tab.page.evaluate(() => scrollTo(0, 0));
    await tab.page.mouse.move(0, 0);
    await writeFile(path, await tab.page.screenshot({ scale: "css", animations: "disabled" }));
    const { length } = await readFile(path);
    if (length > MOST) throw new Error(`${path} has ${length} bytes, ${MOST} at most`);
    console.log(`${path}: ${Math.round(length / 1000)} kB`);
}
