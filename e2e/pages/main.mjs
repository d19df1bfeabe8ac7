// Runs all browser tests of the pages with one browser. `scripts/test-pages` runs it.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { accessibility } from "./accessibility.mjs";
import { account } from "./account.mjs";
import { administration } from "./administration.mjs";
import { Browser, apiOf } from "./browser.mjs";
import { dialect } from "./dialect.mjs";
import { keyboard } from "./keyboard.mjs";
import { people } from "./people.mjs";
import { person } from "./person.mjs";
import { signingIn } from "./signing_in.mjs";
import { states } from "./states.mjs";

const [packages, pictures, url, email, password, session, emptyUrl, token, ...other] =
  process.argv.slice(2);
const service = { url, email, password, session };
const metabase = Object.fromEntries(
  ["url", "email", "password", "session"].map((name, index) => [name, other[index]]),
);
await mkdir(pictures, { recursive: true });
const browser = await Browser.start(packages, service, pictures);
const tools = {
  browser,
  service,
  packages,
  empty: { url: emptyUrl, token },
  metabase: { service: metabase, api: apiOf(metabase) },
  api: apiOf(service),
  say: (text) => console.log(`pages: ${text}`),
};
const only = process.env.ONLY?.split(",");

/** Suites one after the other. Both lanes run at the same time. */
const LANES = [
  { signingIn, account, people, person, dialect },
  { administration, states, keyboard, accessibility },
];

async function runLane(lane) {
  for (const [name, suite] of Object.entries(lane)) {
    if (only && !only.includes(name)) continue;
    const start = performance.now();
    await suite(tools);
    assert.deepEqual(browser.faults, [], name);
    console.log(`pages: ${name} took ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

async function pictureOfFailure() {
  const pages = browser.browser.contexts().flatMap((context) => context.pages());
  for (const [number, page] of pages.entries()) {
    const path = join(pictures, `failure-${number}.png`);
    await page.screenshot({ path }).catch(() => {});
  }
}

try {
  await Promise.all(LANES.map(runLane));
} catch (error) {
  await pictureOfFailure();
  console.error(browser.faults.join("\n"));
  throw error;
} finally {
  await browser.browser.close();
}
