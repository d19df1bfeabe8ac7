// Opens the page People in new browser contexts, and prints the times until its first rows are on
// the screen. Usage: node first_paint.mjs <npm packages> <URL> <session> <rounds>
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages, url, session, rounds] = process.argv.slice(2);
const { chromium } = createRequire(join(packages, "x"))("playwright-core");

/** Notes the time of the frame with the first row. It runs before the scripts of the page. */
function noteFirstRow() {
  globalThis.firstRow = new Promise((resolve) => {
    new MutationObserver((_, observer) => {
      if (!document.querySelector("tbody tr")) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    }).observe(document, { childList: true, subtree: true });
  });
}

async function measure(browser) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
  await context.addCookies([{ name: "metabase.SESSION", value: session, url }]);
  await context.addInitScript(noteFirstRow);
  const page = await context.newPage();
  await page.goto(`${url}/admin/people`);
  const rows = await page.evaluate(() => globalThis.firstRow);
  const paint = await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0].startTime,
  );
  const total = await page.getByText(/\d+ people/).textContent();
  await context.close();
  return { paint, rows, total };
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
});
const found = [];
await measure(browser);
for (let round = 0; round < Number(rounds); round += 1) found.push(await measure(browser));
await browser.close();
console.log(JSON.stringify(found));
