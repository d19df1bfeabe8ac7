// Ended sessions, failures of the network and of the service, and odd answers.
import assert from "node:assert/strict";

import { makePerson, sessionOf } from "./browser.mjs";

export async function states(tools) {
  await keepsWhatWasTyped(tools);
  await keepsRows(tools);
  await survivesOddAnswers(tools);
  await survivesOddNames(tools);
  await hasAPageForNothing(tools);
}

async function keepsWhatWasTyped({ browser, service, api, say }) {
  const admin = await makePerson(api, { group_ids: [2] });
  const other = await makePerson(api);
  const page = await browser.page(await sessionOf(service.url, admin));
  await page.goto(`${service.url}/admin/people/${other.id}`, { waitUntil: "networkidle" });
  const sheet = page.locator("dialog.sheet");
  await sheet.getByLabel("First name").fill("Typed before");
  await api("DELETE", `/api/user/${admin.id}/sessions`);
  await sheet.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Sign in again" });
  await dialog.getByText("What you typed is still here.").waitFor();
  await browser.picture(page, "session-ended");
  await dialog.getByLabel("Password", { exact: true }).fill("a wrong passw0rd");
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.getByText("do not match").waitFor();
  assert.equal(await sheet.getByLabel("First name").inputValue(), "Typed before");
  await dialog.getByLabel("Password", { exact: true }).fill(admin.password);
  await dialog.getByRole("button", { name: "Sign in" }).click();
  await dialog.waitFor({ state: "detached" });
  await sheet.getByRole("heading", { name: "Typed before Person" }).waitFor();
  assert.equal((await api("GET", `/api/user/${other.id}`)).first_name, "Typed before");
  await page.goto(`${service.url}/admin/people/${other.id}`, { waitUntil: "networkidle" });
  await api("DELETE", `/api/user/${admin.id}/sessions`);
  await sheet.getByLabel("First name").fill("Typed again");
  await sheet.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await sheet.getByText("You are signed out. Sign in to go on.").waitFor();
  assert.equal(await sheet.getByLabel("First name").inputValue(), "Typed again");
  await page.context().close();
  say("a session that ends while typing loses nothing");
}

async function keepsRows({ browser, service, say }) {
  const page = await browser.page(service.session);
  await page.goto(`${service.url}/admin/people`);
  const rows = page.locator("tbody tr");
  await rows.first().waitFor();
  const before = await rows.count();
  await page.context().setOffline(true);
  await page.getByRole("button", { name: /^Deactivated/ }).click();
  await page.getByRole("alert").getByText("The service cannot be reached.").waitFor();
  assert.equal(await rows.count(), before, "the rows stay");
  await browser.picture(page, "offline");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  await page.route(/\/api\/user\?/, (route) =>
    route.fulfill({
      status: 503,
      headers: { "Retry-After": "2" },
      json: { error: "The service is busy. Please try again." },
    }));
  await page.getByRole("button", { name: /^Active/ }).click();
  await page.getByText("The service is busy. Please try again.").waitFor();
  await page.getByRole("button", { name: /Try again in [12] s/ }).waitFor();
  await page.unroute(/\/api\/user\?/);
  await page.getByRole("button", { name: "Try again", exact: true }).click();
  await page.getByRole("alert").waitFor({ state: "detached" });
  await rows.first().waitFor();
  await page.context().close();
  say("rows stay while the service is away, and Try again waits as asked");
}

/** Answers of a broken proxy or of another service. The unit tests have more. */
const ODD = [
  { status: 200, contentType: "text/html", body: "<html><script>alert(1)</script>" },
  { status: 200, json: { data: 7, id: {}, length: 3 } },
  { status: 200, json: [null, 1, "x", [], { id: "1", name: {} }, { id: 1, action: 1, at: {} }] },
  { status: 500, json: { error: { a: 1 }, errors: [1] } },
];

/** Pages, and the requests with odd answers. */
const PLACES = [
  ["/admin/people", /\/api\/user\?/],
  ["/admin/people/1", /\/api\/(user\/1(\/sessions)?|audit\?.*)$/],
  ["/admin/groups", /\/api\/permissions\/group$/],
  ["/admin/groups/2", /\/api\/(user\?|permissions\/group$)/],
  ["/admin/keys", /\/api\/api-key$/],
  ["/admin/audit", /\/api\/audit/],
  ["/admin/settings", /\/api\/(setting$|session\/properties)/],
  ["/account/profile", /\/api\/user\/current$/],
  ["/account/password", /\/api\/session\/properties$/],
  ["/account/login-history", /\/api\/(user\/1\/sessions|login-history\/current)$/],
  ["/auth/login", /\/api\/session\/properties$/],
  ["/auth/reset_password/1_x", /\/api\/session\/(properties|password_reset_token_valid.*)$/],
  ["/setup", /\/api\/session\/properties$/],
  ["/", /\/api\/user\/current$/],
];

async function survivesOddAnswers({ browser, service, say }) {
  const places = [...PLACES];
  const visit = async () => {
    const page = await browser.page(service.session);
    for (let place = places.pop(); place; place = places.pop()) {
      const [path, requests] = place;
      for (const odd of ODD) {
        await page.route(requests, (route) => route.fulfill(odd));
        await page.goto(service.url + path);
        await page.getByRole("heading").first().waitFor();
        await page.locator(".skeleton").first().waitFor({ state: "detached" });
        assert.deepEqual(browser.faults, [], `${path} ${JSON.stringify(odd)}`);
        await page.unroute(requests);
      }
    }
    await page.context().close();
  };
  await Promise.all([visit(), visit(), visit()]);
  say("odd answers break no page");
}

async function survivesOddNames({ browser, service, say }) {
  const page = await browser.page(service.session);
  const names = ["\u202ereversed\u202c", "a\u0000b", "\u200b", "x".repeat(20_000), " ", "\ud800"];
  const data = names.map((name, index) => ({
    id: index + 10,
    email: `${name}@example.com`,
    common_name: name,
    group_ids: [1, 2, 3, 4, 5, 6, 7, 8, 9],
    last_login: index % 2 ? "not a time" : null,
  }));
  await page.route(/\/api\/user\?/, (route) => route.fulfill({ json: { data, total: null } }));
  await page.goto(`${service.url}/admin/people?q=x@example.com`);
  await page.getByText("6 found").waitFor();
  assert.equal(await page.locator("tbody tr").count(), 6);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 1280, `${width} wide`);
  const isolated = await page.locator("tbody th bdi").count();
  assert.equal(isolated, 6);
  await page.context().close();
  say("names that the service would refuse break no page either");
}

async function hasAPageForNothing({ browser, service, say }) {
  const page = await browser.page(service.session);
  for (const path of ["/admin/nothing", "/auth/nothing", "/account/nothing", "/admin/groups/x"]) {
    const response = await page.goto(service.url + path);
    assert.equal(response.status(), 200);
    await page.getByRole("heading", { name: "No such page" }).waitFor();
  }
  await page.getByRole("link", { name: "Go to the start page" }).click();
  await page.waitForURL(`${service.url}/admin/people`);
  await page.context().close();
  say("an unknown address says so");
}
