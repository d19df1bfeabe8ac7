// The same pages in the metabase dialect, whose responses differ.
import assert from "node:assert/strict";

import { linkFor, makePerson } from "./browser.mjs";

export async function dialect({ browser, metabase: { service, api }, say }) {
  const names = { first_name: "Mira", last_name: "Dialect" };
  const person = await makePerson(api, names);
  const page = await browser.page("", { url: service.url });
  await page.goto(`${service.url}/admin/people`);
  await page.getByLabel("Email address").fill(service.email);
  await page.getByLabel("Password", { exact: true }).fill("not the passw0rd");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("That address and password do not match.").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(service.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  const rows = page.locator("tbody tr");
  await rows.filter({ hasText: "Mira Dialect" }).waitFor();
  await page.getByText(/\d+ people/).waitFor();
  await page.getByLabel("Name or email address").fill("mira d");
  await page.getByText("1 shown").waitFor();
  assert.equal(await rows.count(), 1);
  await page.getByRole("link", { name: "Mira Dialect" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("First name").fill("Myra");
  await sheet.getByRole("button", { name: "Save" }).click();
  await page.getByText("Myra Dialect is saved.").or(page.getByText("Saved.")).first().waitFor();
  assert.equal((await api("GET", `/api/user/${person.id}`)).first_name, "Myra");
  await sheet.getByRole("button", { name: "Allow sign-in again" }).click();
  await page.getByText("Myra Dialect may sign in again at once.").waitFor();
  await page.context().close();
  await usesLink(browser, service, await linkFor(api, person));
  say("the pages work in the metabase dialect");
}

async function usesLink(browser, service, link) {
  const page = await browser.page("", { url: service.url });
  await page.goto(service.url + new URL(link).pathname);
  await page.getByLabel("New password", { exact: true }).fill("A fresh 1 password");
  await page.getByText("This password is fine.").waitFor();
  await page.getByRole("button", { name: "Save the password" }).click();
  await page.waitForURL(`${service.url}/account/profile`);
  await page.context().close();
}
