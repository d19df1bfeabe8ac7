// The table of people.
import assert from "node:assert/strict";

import { makePerson } from "./browser.mjs";

const row = (page, name) => page.locator("tbody tr", { hasText: name });
const everybody = (page) => page.getByRole("button", { name: "Search in last names and addresses" });
const names = (page) => page.locator("tbody th a").allTextContents();

/** Names that a page must show as they are. */
const HOSTILE = [
  "<img src=x onerror=alert(1)>",
  "<script>alert(1)</script>",
  "\"'`&amp;</td></tr></table>",
  "שלום עולם",
  "مُحَمَّد بْن عَبْد الله",
  "Z̸̡̢͓̳̜̪̟̳a̴͖͔l̷̢̛g̵̨o",
  "=HYPERLINK(\"https://evil.example\")",
];
const LONG = "Ñandú".repeat(50);

export async function people(tools) {
  const { browser, service, api } = tools;
  tools.group = await api("POST", "/api/permissions/group", { name: "Crew" });
  for (let number = 10; number < 70; number += 1) {
    const names = { first_name: "Zoe", last_name: `Crew n${number}` };
    const groups = number % 2 ? [tools.group.id] : [];
    await makePerson(api, { ...names, group_ids: groups });
  }
  tools.page = await browser.page(service.session);
  await costsTwoRequests(tools);
  await searchesWithTwoRequests(tools);
  await searchesAndFilters(tools);
  await sortsAndGoesOn(tools);
  await undoes(tools);
  await actsOnMany(tools);
  await showsHostileNames(tools);
  await tools.page.context().close();
}

async function costsTwoRequests({ page, service, browser, say }) {
  const sent = [];
  const count = (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith("/api/")) sent.push(pathname);
  };
  page.on("request", count);
  await page.addInitScript(() => {
    new MutationObserver(() => {
      const isShown = document.querySelector("tbody tr");
      if (isShown && !window.shownAfter) {
        const entries = performance.getEntriesByType("resource");
        window.shownAfter = entries.filter(({ name }) => name.includes("/api/")).length;
      }
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(`${service.url}/admin/people`);
  await row(page, "admin").first().waitFor();
  assert.equal(await page.evaluate(() => window.shownAfter), 2, sent.join());
  await page.getByText(/\d+ people/).waitFor();
  await row(page, "Zoe Crew n11").count();
  await browser.picture(page, "people");
  page.off("request", count);
  say("the first screen of People costs two requests");
}

/** The requests for lists of people. */
function listsOf(page) {
  const sent = [];
  const note = (request) => {
    const url = new URL(request.url());
    const isCount = url.searchParams.get("limit") === "1";
    if (url.pathname === "/api/user" && !isCount) sent.push([...url.searchParams.keys()].join());
  };
  page.on("request", note);
  return { sent, stop: () => page.off("request", note) };
}

/** An address, the beginning of a name, and any part of a name, in at most two requests. */
async function searchesWithTwoRequests({ page, service, say }) {
  const { sent, stop } = listsOf(page);
  for (const [text, found, requests] of [
    ["zoe crew n1", "Zoe Crew n10", ["limit,name_prefix,cursor"]],
    ["n12", "Zoe Crew n12", ["limit,name_prefix,cursor", "query,limit,cursor"]],
    [service.email, service.email, ["query,limit,cursor"]],
  ]) {
    sent.length = 0;
    await page.goto(`${service.url}/admin/people?q=${encodeURIComponent(text)}`);
    await row(page, found).first().waitFor();
    await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
    assert.deepEqual(sent, requests, text);
  }
  stop();
  await page.goto(`${service.url}/admin/people`);
  await page.getByText(/\d+ people/).waitFor();
  say("a search costs at most two requests");
}

async function searchesAndFilters({ page, service, group, say }) {
  const search = page.getByLabel("Name or email address");
  await search.fill("crew n12");
  await page.getByText("1 found").waitFor();
  assert.deepEqual(await names(page), ["Zoe Crew n12"]);
  assert.equal(page.url(), `${service.url}/admin/people?q=crew+n12`);
  await page.reload();
  await page.getByText("1 found").waitFor();
  assert.equal(await search.inputValue(), "crew n12");
  await search.fill("qqqq");
  await page.getByText("Nobody matches “qqqq”.").waitFor();
  await page.getByRole("button", { name: "Look among the deactivated" }).click();
  await page.waitForURL(/state=deactivated/);
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.getByText(/\d+ people/).waitFor();
  await page.getByLabel("Group").selectOption(String(group.id));
  await page.getByText("30 found").waitFor();
  assert.ok((await names(page)).every((name) => Number(name.split(" n")[1]) % 2 === 1));
  await page.getByRole("button", { name: /^Invited/ }).click();
  await page.waitForURL(/state=invited/);
  await page.getByText("30 found").waitFor();
  await page.goto(`${service.url}/admin/people?q=zoe&sort=-email`);
  await page.getByText(/\d+ shown/).waitFor();
  say("search, group and state are in the address");
}

async function sortsAndGoesOn({ page, service, say }) {
  await page.goto(`${service.url}/admin/people?q=zoe`);
  await page.getByText("50 shown, there may be more").waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByText("60 shown, there may be more").waitFor();
  assert.equal(new Set(await names(page)).size, 60);
  const focused = page.locator("tbody tr:nth-child(51) a");
  assert.ok(await focused.evaluate((element) => element === document.activeElement));
  await everybody(page).click();
  await page.getByText("60 found").waitFor();
  assert.equal(new Set(await names(page)).size, 60);
  const head = (name) => page.getByRole("columnheader", { name });
  assert.equal(await head("Name").getAttribute("aria-sort"), "ascending");
  for (const [name, sort] of [["Email address", "email"], ["Last sign-in", "last_login"]]) {
    for (const [direction, sign] of [["ascending", ""], ["descending", "-"]]) {
      await head(name).getByRole("button").click();
      await page.waitForURL(new RegExp(`sort=${sign}${sort}$`));
      await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
      assert.equal(await head(name).getAttribute("aria-sort"), direction);
      const button = head(name).getByRole("button");
      assert.ok(await button.evaluate((element) => element === document.activeElement));
    }
  }
  await page.goto(`${service.url}/admin/people?q=zoe&sort=-name`);
  await page.getByText(/\d+ (shown|found)/).waitFor();
  assert.equal((await names(page))[0], "Zoe Crew n69");
  await page.getByRole("button", { name: "More" }).click();
  await page.getByText("60 shown, there may be more").waitFor();
  say("columns sort, and More goes on where the page ended");
}

async function undoes({ page, service, api, say }) {
  await page.goto(`${service.url}/admin/people?q=crew+n20`);
  await page.getByRole("button", { name: "Actions for Zoe Crew n20" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Deactivate" }).click();
  await page.getByText("Zoe Crew n20 is deactivated.").waitFor();
  await page.getByText("Nobody matches").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Undone.").waitFor();
  await row(page, "Zoe Crew n20").waitFor();
  await page.getByRole("button", { name: "Actions for Zoe Crew n20" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Must change password" }).click();
  await row(page, "must change password").waitFor();
  const [user] = await api("GET", "/api/user?query=crew n20");
  assert.equal(user.must_change_password, true);
  await page.keyboard.press("z");
  await page.getByText("Undone.").first().waitFor();
  await row(page, "must change password").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Actions for Zoe Crew n20" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Copy password link" }).click();
  const link = page.getByLabel("Link to choose a password, for two days");
  assert.match(await link.inputValue(), /\/auth\/reset_password\/\d+_/);
  assert.equal(
    await page.evaluate(() => navigator.clipboard.readText()),
    await link.inputValue(),
  );
  await page.keyboard.press("Escape");
  say("a deactivation and a duty can be undone");
}

async function actsOnMany({ page, service, api, group, browser, say }) {
  await page.goto(`${service.url}/admin/people?q=crew+n3`);
  await page.getByText("10 found").waitFor();
  await page.getByLabel("Choose Zoe Crew n30").check();
  await page.getByLabel("Choose Zoe Crew n35").click({ modifiers: ["Shift"] });
  await page.getByText("6 chosen").waitFor();
  const before = (await api("GET", `/api/user?group_id=${group.id}`)).length;
  await page.getByRole("button", { name: "Add to group …" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Crew" }).click();
  await page.getByText("6 of 6 done.").first().waitFor();
  await browser.picture(page, "bulk");
  const after = (await api("GET", `/api/user?group_id=${group.id}`)).length;
  assert.equal(after - before, 3);
  await page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
  await page.getByText("Undone.").waitFor();
  assert.equal((await api("GET", `/api/user?group_id=${group.id}`)).length, before);
  await page.keyboard.press("Escape");

  let busy = 0;
  await page.route("**/api/user/*", (route) => {
    busy += 1;
    const isRefused = route.request().method() === "DELETE" && busy <= 2;
    if (!isRefused) return route.continue();
    const headers = { "Retry-After": "1" };
    return route.fulfill({ status: 503, headers, json: { error: "The service is busy." } });
  });
  await page.getByText("10 found").waitFor();
  await page.getByLabel("Choose all shown").check();
  await page.getByRole("button", { name: "Deactivate", exact: true }).click();
  await page.getByText("10 of 10 done.").first().waitFor();
  await page.unroute("**/api/user/*");
  const off = await api("GET", "/api/user?query=crew n3&status=deactivated");
  assert.equal(off.length, 10);
  await page.getByText("0 found").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Undo" }).click();
  await page.getByText("10 found").waitFor();
  assert.equal((await api("GET", "/api/user?query=crew n3")).length, 10);
  await page.keyboard.press("Escape");
  say("many at once have a result each, repeat while the service is busy, and can be undone");
}

async function showsHostileNames({ page, service, api, browser, say }) {
  const made = [];
  for (const text of [...HOSTILE, LONG]) {
    made.push(await makePerson(api, { first_name: "Evil", last_name: text }));
  }
  const group = await api("POST", "/api/permissions/group", { name: HOSTILE[0] });
  const groups = { group_ids: [group.id] };
  await api("PUT", `/api/user/${made[0].id}`, groups);
  await page.goto(`${service.url}/admin/people?q=evil`);
  await page.getByText(new RegExp(`^${made.length} (found|shown)`)).waitFor();
  await page.getByText(HOSTILE[0]).nth(1).waitFor();
  const shown = await names(page);
  for (const { common_name: name } of made) assert.ok(shown.includes(name), name);
  assert.equal(await page.locator("main img, main script, tbody table").count(), 0);
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(width <= 1280, `${width} wide`);
  await browser.picture(page, "hostile-names");
  for (const { id, common_name: name } of [made[0], made.at(-1)]) {
    await page.goto(`${service.url}/admin/people/${id}`);
    await page.getByRole("dialog").getByRole("heading", { name }).waitFor();
    await page.getByText("What happened").waitFor();
  }
  await page.goto(`${service.url}/admin/groups/${group.id}`);
  await page.getByRole("heading", { name: HOSTILE[0] }).waitFor();
  await page.goto(`${service.url}/admin/people?q=${encodeURIComponent("<b>\"'&")}`);
  await page.getByText("Nobody matches “<b>\"'&”.").waitFor();
  say("hostile names are text");
}
