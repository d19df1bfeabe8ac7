// A browser for the tests of the pages. It collects everything that a page must not do.
import { createRequire } from "node:module";
import { join } from "node:path";

// The browser reports each response with an error status as an error.
const EXPECTED = /^Failed to load resource: /;

/** Reports violations of the policy of a page, for example of Trusted Types. */
function reportViolations() {
  addEventListener("securitypolicyviolation", (event) => {
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
}

export class Browser {
  constructor(browser, service, pictures) {
    this.browser = browser;
    this.service = service;
    this.pictures = pictures;
    this.faults = [];
  }

  static async start(packages, service, pictures) {
    const { chromium } = createRequire(join(packages, "x"))("playwright-core");
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
    });
    return new Browser(browser, service, pictures);
  }

  /** A page of a new visitor, with a session or without. */
  async page(session = "", { url = this.service.url, ...options } = {}) {
    const context = await this.browser.newContext({
      viewport: { width: 1280, height: 860 },
      permissions: ["clipboard-read", "clipboard-write"],
      ...options,
    });
    context.setDefaultTimeout(10_000);
    if (session) await context.addCookies([{ name: "metabase.SESSION", value: session, url }]);
    await context.addInitScript(reportViolations);
    const page = await context.newPage();
    page.on("console", (message) => {
      const isBad = ["error", "warning"].includes(message.type());
      if (isBad && !EXPECTED.test(message.text())) this.faults.push(message.text());
    });
    page.on("pageerror", (error) => this.faults.push(error.stack));
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      const isOwn = origin === url || ["data:", "blob:"].includes(protocol);
      if (!isOwn) this.faults.push(`request to ${request.url()}`);
      const { referer } = request.headers();
      if (referer) this.faults.push(`referrer ${referer}`);
    });
    return page;
  }

  picture(page, name) {
    return page.screenshot({ path: join(this.pictures, `${name}.png`) });
  }
}

/** Calls the API as the administrator, for what a test needs before. */
export function apiOf({ url, session }) {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(url + path, {
      method,
      headers: { "Content-Type": "application/json", "X-Metabase-Session": session, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}

let number = 0;

/** Creates a person with a password. */
export async function makePerson(api, values = {}) {
  number += 1;
  const password = `Sample pass ${number} x`;
  // No digits, so a search for a number finds names only.
  const letters = String(number).replace(/\d/g, (digit) => "abcdefghij"[Number(digit)]);
  const email = `test-${letters}@example.com`;
  const names = { first_name: "Test", last_name: `Person ${number}` };
  const person = await api("POST", "/api/user", { email, password, ...names, ...values });
  return { ...person, password };
}

/** Signs a person in without a page. */
export async function sessionOf(url, person) {
  const body = JSON.stringify({ username: person.email, password: person.password });
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`${url}/api/session`, { method: "POST", headers, body });
  return (await response.json()).id;
}

/** Makes a link to choose a password. */
export async function linkFor(api, person) {
  return (await api("POST", `/api/user/${person.id}/password-reset-url`)).password_reset_url;
}
