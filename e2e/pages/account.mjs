// The own account.
import assert from "node:assert/strict";

import { apiOf, makePerson, sessionOf } from "./browser.mjs";

export async function account(tools) {
  await changesTheProfile(tools);
  await changesTheAddress(tools);
  await changesThePassword(tools);
  await endsSessions(tools);
  await tellsTheResultWithoutAList(tools);
  await isNoAdministrator(tools);
}

async function visitor({ browser, service, api }, path, values) {
  const person = await makePerson(api, values);
  const page = await browser.page(await sessionOf(service.url, person));
  await page.goto(service.url + path);
  return { person, page };
}

async function changesTheProfile(tools) {
  const { service, api, say, browser } = tools;
  const { person, page } = await visitor(tools, "/account");
  await page.waitForURL(`${service.url}/account/profile`);
  await page.getByLabel("First name").fill("Björn");
  await page.getByLabel("Language").selectOption("fr");
  await browser.picture(page, "profile");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("Saved.").waitFor();
  const saved = await api("GET", `/api/user/${person.id}`);
  assert.deepEqual([saved.first_name, saved.locale], ["Björn", "fr"]);
  await page.getByRole("banner").getByText("Björn").waitFor();
  await page.context().close();
  say("everybody changes the own profile");
}

async function changesTheAddress(tools) {
  const { api, say } = tools;
  const { person, page } = await visitor(tools, "/account/profile");
  const form = page.getByRole("form", { name: "Address" });
  await form.getByLabel("Email address").fill("not an address");
  await form.getByLabel("Current password", { exact: true }).fill(person.password);
  await form.getByRole("button", { name: "Change the address" }).click();
  await form.getByText("value must be a valid email address.").waitFor();
  const address = `other-${person.email}`;
  await form.getByLabel("Email address").fill(address);
  await form.getByRole("button", { name: "Change the address" }).click();
  const status = page.locator(".toast, section .note:not([hidden])");
  await status.filter({ hasText: /Saved\.|We sent an email/ }).first().waitFor();
  const saved = await api("GET", `/api/user/${person.id}`);
  assert.ok([saved.email, saved.pending_email].includes(address), JSON.stringify(saved));
  await page.context().close();
  say("another address needs the password");
}

async function changesThePassword(tools) {
  const { service, say } = tools;
  const { person, page } = await visitor(tools, "/account/password");
  await page.getByLabel("Current password", { exact: true }).fill("a wrong passw0rd");
  await page.getByLabel("New password", { exact: true }).fill("Another 1 password");
  await page.getByRole("button", { name: "Save the password" }).click();
  await page.getByText("Invalid password").waitFor();
  await page.getByLabel("Current password", { exact: true }).fill(person.password);
  await page.getByRole("button", { name: "Save the password" }).click();
  await page.getByText("The password is saved.").waitFor();
  assert.ok(await sessionOf(service.url, { ...person, password: "Another 1 password" }));
  await page.reload();
  await page.getByText("Another password ends all your other sessions.").waitFor();
  await page.context().close();
  say("the own password needs the present one, and keeps this session");
}

async function endsSessions(tools) {
  const { service, say, browser } = tools;
  const { person, page } = await visitor(tools, "/account/login-history");
  await page.getByText("You are not signed in anywhere else.").waitFor();
  const sessions = [];
  for (let count = 0; count < 4; count += 1) sessions.push(await sessionOf(service.url, person));
  await page.reload();
  const rows = page.locator("main ul.rows").first().getByRole("listitem");
  await page.getByText("this one").waitFor();
  assert.equal(await rows.count(), 5);
  await browser.picture(page, "sessions");
  await page.getByRole("button", { name: /End the session of/ }).first().click();
  await page.getByText("The session has ended.").waitFor();
  // A session that ends elsewhere in the meantime is not one of those that this button ends.
  await endOneOf(service, sessions);
  await page.getByRole("button", { name: "End all others" }).click();
  await page.getByText("2 sessions ended.").waitFor();
  await page.getByText("You are not signed in anywhere else.").waitFor();
  assert.equal(await rows.count(), 1);
  await page.getByRole("heading", { name: "Recent activity" }).waitFor();
  await page.context().close();
  say("sessions end one by one or all at once");
}

/** Ends the first of the sessions that is still valid. */
async function endOneOf({ url }, sessions) {
  for (const session of sessions) {
    const ended = await apiOf({ url, session })("DELETE", "/api/session").then(
      () => true,
      () => false,
    );
    if (ended) return;
  }
  assert.fail("no session is valid");
}

async function tellsTheResultWithoutAList(tools) {
  const { service, say } = tools;
  const { person, page } = await visitor(tools, "/account/profile");
  await sessionOf(service.url, person);
  await page.goto(`${service.url}/account/login-history`);
  const end = page.getByRole("button", { name: /End the session of/ });
  await end.waitFor();
  const sessions = `**/api/user/${person.id}/sessions`;
  await page.route(sessions, (route) => route.abort());
  await end.click();
  await page.getByText("The session has ended.").waitFor();
  await page.getByText("The service cannot be reached.").waitFor();
  await page.unroute(sessions);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("You are not signed in anywhere else.").waitFor();
  await page.context().close();
  say("an ended session is told even if the list cannot be loaded");
}

async function isNoAdministrator(tools) {
  const { service, say } = tools;
  const { page } = await visitor(tools, "/admin/people");
  await page.waitForURL(`${service.url}/account/profile`);
  for (const section of ["groups", "keys", "audit", "settings", "import"]) {
    await page.goto(`${service.url}/admin/${section}`);
    await page.waitForURL(`${service.url}/account/profile`);
  }
  assert.equal(await page.getByRole("link", { name: "People" }).count(), 0);
  await page.context().close();
  say("an ordinary person has no pages for administrators");
}
