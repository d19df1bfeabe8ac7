// Uses the page at /api/docs in a browser. `scripts/test-docs-page` runs it.
import assert from "node:assert/strict";
import { mkdtemp, mkdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const [packages, url, email, password, pictures] = process.argv.slice(2);
const { chromium } = createRequire(join(packages, "x"))("playwright-core");

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 375, height: 740 };
// Minimum contrast of text in WCAG: https://www.w3.org/TR/WCAG22/#contrast-minimum
const CONTRAST = 4.5;
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const axe = await readFile(join(packages, "axe-core/axe.min.js"), "utf8");

const profile = await mkdtemp(join(tmpdir(), "docs-page-"));
const context = await chromium.launchPersistentContext(profile, {
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
  viewport: WIDE,
});

const faults = [];
const page = context.pages()[0] ?? (await context.newPage());
page.on("console", (message) => {
  if (["error", "warning"].includes(message.type())) faults.push(message.text());
});
page.on("pageerror", (error) => faults.push(error.message));
page.on("request", (request) => {
  const { origin, protocol } = new URL(request.url());
  if (protocol !== "data:" && origin !== url) faults.push(`request to ${request.url()}`);
});

const header = page.locator("header");
const say = (text) => console.log(`docs: ${text}`);
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });

async function open() {
  const response = await page.goto(`${url}/api/docs`);
  assert.equal(response.status(), 200);
  await rendered();
  const { paths } = await (await page.request.get(`${url}/api/openapi.json`)).json();
  const described = Object.values(paths).flatMap((path) => Object.keys(path)).length;
  assert.equal(await page.locator(".opblock").count(), described);
  say(`shows ${described} operations`);
}

// Waits until Swagger UI has rendered the operations.
async function rendered() {
  await page.locator(".opblock").first().waitFor();
}

async function rejectWrongPassword() {
  await header.getByLabel(/e-?mail/i).fill(email);
  await header.getByLabel("Password").fill("wrong passw0rd");
  await header.getByRole("button", { name: "Log in" }).click();
  await header.getByText("did not match stored password").waitFor();
  say("reports a wrong password");
}

async function logIn() {
  await header.getByLabel(/e-?mail/i).fill(email);
  await header.getByLabel("Password").fill(password);
  await header.getByRole("button", { name: "Log in" }).click();
  await header.getByRole("button", { name: "Log out" }).waitFor();
  say("logs in");
}

// The block of an operation. The element ID is `operations-<tag>-<operation>`.
const operationBlock = (operation) => page.locator(`.opblock[id^="operations-"][id$="-${operation}"]`);

// Executes an operation with its example request. Returns the displayed status and body.
async function execute(operation) {
  const block = operationBlock(operation);
  if (!(await block.locator(".opblock-body").count())) await block.locator(".opblock-summary").click();
  await block.getByRole("button", { name: "Execute" }).click();
  const response = block.locator(".live-responses-table .response");
  await response.waitFor();
  const status = Number((await response.locator(".response-col_status").textContent()).match(/\d+/)[0]);
  return { block, status, body: await response.locator(".highlight-code").first().textContent() };
}

async function callRoutes() {
  const current = await execute("current-user");
  assert.equal(current.status, 200);
  assert.ok(current.body.includes(email), current.body);
  await current.block.scrollIntoViewIfNeeded();
  await picture("called");
  const created = await execute("create-user");
  assert.equal(created.status, 200, created.body);
  // The example of the key is not sent, so the second request is another one.
  await created.block.getByRole("button", { name: "Clear" }).click();
  const again = await execute("create-user");
  assert.equal(again.status, 409, again.body);
  say("calls routes and displays responses");
}

// Reloads the page, so only the cookie of the session remains.
async function keepCookie() {
  await page.reload();
  await rendered();
  await header.getByRole("button", { name: "Log out" }).waitFor();
  assert.equal((await execute("current-user")).status, 200);
  say("keeps the session in a cookie, and shows it after a reload");
}

async function filterOperations() {
  const all = await page.locator(".opblock").count();
  const filter = page.getByRole("textbox", { name: "Filter of operations" });
  await filter.fill("get group");
  await page.locator(".opblock-post").first().waitFor({ state: "detached" });
  const paths = await page.locator(".opblock-summary-path").allTextContents();
  assert.ok(paths.length > 1 && paths.length < 10, paths.join());
  await filter.fill("");
  await page.locator(".opblock").nth(all - 1).waitFor();
  say("filters operations");
}

async function unfoldErrors() {
  const block = operationBlock("create-user");
  const conflict = block.locator('tr.response[data-code="409"]').first();
  assert.ok(!(await conflict.isVisible()));
  await block.getByRole("button", { name: /^Errors/ }).click();
  await conflict.waitFor();
  await block.getByRole("button", { name: /^Errors/ }).click();
  await conflict.waitFor({ state: "hidden" });
  say("folds errors");
}

async function examine(name) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(
    (rules) => globalThis.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }),
    RULES,
  );
  const findings = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
  assert.deepEqual(findings, [], name);
}

async function logOut() {
  await header.getByRole("button", { name: "Log out" }).click();
  await header.getByRole("button", { name: "Log in" }).waitFor();
  assert.equal((await execute("current-user")).status, 401);
  say("logs out");
}

function luminance([red, green, blue]) {
  const [r, g, b] = [red, green, blue]
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

// Text colours and their backgrounds.
function colours() {
  const texts = [".info .title", ".info p", ".opblock-summary-description", ".opblock-summary-path a", ".opblock-tag", "header label", "footer a"];
  const parse = (colour) => colour.match(/[\d.]+/g).map(Number);
  const background = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0.5) return colour;
    }
    return [255, 255, 255];
  };
  return texts.flatMap((selector) =>
    [...document.querySelectorAll(selector)].slice(0, 3).map((element) => [
      selector,
      parse(getComputedStyle(element).color),
      background(element),
    ]),
  );
}

async function look(scheme, size, name) {
  await page.emulateMedia({ colorScheme: scheme });
  await page.setViewportSize(size);
  await page.goto(`${url}/api/docs`);
  await rendered();
  await picture(name);
  const found = await page.evaluate(colours);
  assert.ok(found.length > 10, `${found.length} texts`);
  for (const [selector, text, ground] of found) {
    const actual = contrast(text, ground);
    assert.ok(actual >= CONTRAST, `${name}: ${selector} has a contrast of ${actual.toFixed(1)}: ${text} on ${ground}`);
  }
  const [width, ground] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    getComputedStyle(document.body).backgroundColor,
  ]);
  assert.ok(width <= size.width, `${name} is ${width} wide`);
  assert.equal(luminance(ground.match(/[\d.]+/g).map(Number)) > 0.5, scheme === "light");
  await examine(name);
}

async function openOnPhone() {
  const block = operationBlock("create-user");
  await block.locator(".opblock-summary").click();
  await block.locator(".responses-wrapper").waitFor();
  await block.scrollIntoViewIfNeeded();
  await examine("an operation on a phone");
  await picture("phone-operation");
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= PHONE.width, `an operation is ${width} wide on a phone`);
}

try {
  await mkdir(pictures, { recursive: true });
  await open();
  await rejectWrongPassword();
  await logIn();
  await callRoutes();
  await filterOperations();
  await unfoldErrors();
  await keepCookie();
  await logOut();
  // The browser reports the expected 401 and 409 responses as errors.
  const unexpected = faults.filter((text) => !/status of (401|409)/.test(text));
  assert.deepEqual(unexpected, []);
  for (const scheme of ["light", "dark"]) {
    await look(scheme, WIDE, scheme);
    await look(scheme, PHONE, `phone-${scheme}`);
    await openOnPhone();
  }
  say("is readable in light and dark, on a desktop and a phone");
  assert.deepEqual(faults.filter((text) => !/status of (401|409)/.test(text)), []);
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
}
