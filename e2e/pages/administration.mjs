// Groups, API keys, the audit log, settings, import, and the palette.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";

import { makePerson } from "./browser.mjs";

export async function administration(tools) {
  tools.page = await tools.browser.page(tools.service.session);
  await managesGroups(tools);
  await managesKeys(tools);
  await readsTheAudit(tools);
  await showsSettings(tools);
  await jumps(tools);
  await tools.page.context().close();
}

async function managesGroups({ page, service, api, browser, say }) {
  const members = [];
  for (let count = 0; count < 55; count += 1) members.push(await makePerson(api));
  await page.goto(`${service.url}/admin/groups`);
  await page.getByRole("button", { name: "New group" }).click();
  await page.getByRole("dialog").getByLabel("New group").fill("administrators");
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByText("A group with that name already exists.").first().waitFor();
  await page.getByRole("dialog").getByLabel("New group").fill("Divers");
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Divers" }).waitFor();
  const id = Number(page.url().split("/").pop());
  await page.getByText("Nobody is in this group.").waitFor();

  const box = page.getByRole("combobox", { name: "Add a person" });
  await box.fill(members[0].email);
  await page.locator(".finder").getByRole("option", { name: members[0].common_name }).waitFor();
  await box.press("Enter");
  await page.getByRole("link", { name: members[0].common_name }).waitFor();
  await page.getByText("1 member").waitFor();
  for (const one of members.slice(1)) {
    await api("PUT", `/api/user/${one.id}`, { group_ids: [id] });
  }
  await page.goto(`${service.url}/admin/groups/${id}`);
  await page.getByText("55 members").waitFor();
  const rows = page.locator("main ul.rows > li");
  await rows.nth(49).waitFor();
  assert.equal(await rows.count(), 50);
  await browser.picture(page, "group");
  await page.getByRole("button", { name: "More" }).click();
  await rows.nth(54).waitFor();
  const name = `Remove: ${members[0].common_name}`;
  await page.getByRole("button", { name, exact: true }).click();
  await page.getByText("54 members").waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("55 members").waitFor();

  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("dialog").getByLabel("Name of the group").fill("Swimmers");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { name: "Swimmers" }).waitFor();
  await page.getByRole("button", { name: "Remove all members" }).click();
  const ask = page.getByRole("alertdialog");
  await ask.getByText("55 people lose this group.").waitFor();
  await ask.getByRole("button", { name: "Remove all members" }).click();
  await page.getByText("0 members").waitFor();
  await page.getByRole("button", { name: "Delete the group" }).click();
  await ask.getByRole("button", { name: "Delete the group" }).click();
  await page.waitForURL(`${service.url}/admin/groups`);
  await page.getByText("The group is deleted.").waitFor();
  await page.getByRole("link", { name: "Administrators" }).waitFor();
  await browser.picture(page, "groups");
  assert.equal(await page.getByRole("link", { name: "Swimmers" }).count(), 0);
  await page.goto(`${service.url}/admin/people/groups/2`);
  await page.waitForURL(`${service.url}/admin/groups/2`);
  await page.goto(`${service.url}/admin/groups/${id}`);
  await page.getByRole("heading", { name: "No such page" }).waitFor();
  say("groups are made, filled by pages, renamed, cleared and deleted");
}

async function managesKeys({ page, service, browser, say }) {
  await page.goto(`${service.url}/admin/keys`);
  await page.getByText("There are no API keys.").waitFor();
  await page.getByRole("button", { name: "New API key" }).click();
  const dialog = page.getByRole("dialog", { name: "New API key" });
  await dialog.getByLabel("Name").fill("Nightly sync");
  await dialog.getByLabel("Valid until").fill("2020-01-31");
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.getByText("value must be in the future.").first().waitFor();
  await dialog.getByLabel("Valid until").fill("");
  await dialog.getByRole("button", { name: "Create" }).click();
  const shown = page.getByRole("alertdialog", { name: "Nightly sync" });
  const secret = await shown.getByLabel("API key").inputValue();
  assert.match(secret, /^mb_/);
  await page.keyboard.press("Escape");
  await shown.getByRole("button", { name: "Copy" }).click();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), secret);
  await browser.picture(page, "key");
  await shown.getByRole("button", { name: "I have stored it" }).last().click();
  await page.getByRole("rowheader", { name: "Nightly sync" }).waitFor();
  assert.ok(!(await page.content()).includes(secret), "the key is shown once");
  const menu = () => page.getByRole("button", { name: /^Actions for/ }).click();
  const choose = (name) => page.getByRole("dialog").getByRole("button", { name }).click();
  await menu();
  await choose("Rename");
  await page.getByRole("dialog").getByLabel("Name").fill("Weekly sync");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("rowheader", { name: "Weekly sync" }).waitFor();
  await menu();
  await choose("Replace the key");
  await page.getByRole("alertdialog").getByRole("button", { name: "Replace the key" }).click();
  const replaced = page.getByRole("alertdialog", { name: "Weekly sync" }).last();
  const other = await replaced.getByLabel("API key").inputValue();
  assert.ok(other.startsWith("mb_") && other !== secret);
  await replaced.getByRole("button", { name: "I have stored it" }).last().click();
  await browser.picture(page, "keys");
  await menu();
  await choose("Delete");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("There are no API keys.").waitFor();
  say("a key is shown once, and can be renamed, replaced and deleted");
}

async function readsTheAudit({ page, service, api, browser, say }) {
  const person = await makePerson(api, { first_name: "=Formula", last_name: "Audited" });
  await api("PUT", `/api/user/${person.id}`, { first_name: "=Changed" });
  await page.goto(`${service.url}/admin/audit?target=${person.id}`);
  await page.getByText("You changed first name of =Changed Audited").waitFor();
  await page.getByText("You created =Changed Audited").waitFor();
  assert.equal(await page.locator("tbody tr").count(), 2);
  await page.getByLabel("Action").selectOption("create-user");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.waitForURL(/action=create-user/);
  await page.getByText("You changed first name").waitFor({ state: "detached" });
  await page.locator("summary").first().click();
  await page.getByText("Request", { exact: true }).first().waitFor();
  await page.getByLabel("About").fill("nothing");
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByText("value must be a user ID, or a type and an ID").waitFor();
  assert.equal(await page.getByLabel("About").inputValue(), "nothing");
  await page.goto(`${service.url}/admin/audit`);
  await page.locator("tbody tr").nth(49).waitFor();
  await browser.picture(page, "audit");
  await page.getByRole("button", { name: "More" }).click();
  await page.locator("tbody tr").nth(60).waitFor();
  await page.goto(`${service.url}/admin/audit?target=${person.id}`);
  await page.getByText("You created =Changed Audited").waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download as CSV" }).click(),
  ]);
  assert.equal(download.suggestedFilename(), "audit.csv");
  const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
  assert.equal(lines.length, 3);
  assert.match(lines[0], /^at,sentence,action,actor,/);
  assert.match(lines[1], /You changed first name of =Changed Audited,update-user,1,session/);
  say("the audit is in sentences, with filters and as a file");
}

async function showsSettings({ page, service, browser, say }) {
  await page.goto(`${service.url}/admin/settings`);
  await page.getByRole("rowheader", { name: /lifetime of a session/i }).waitFor();
  await browser.picture(page, "settings");
  const name = page.getByRole("form", { name: "Name of the site" });
  if (await name.count()) {
    await name.getByLabel("Name of the site").fill("Our site");
    await name.getByRole("button", { name: "Save" }).click();
    await page.getByText("The name is saved.").waitFor();
    await page.reload();
    await page.getByRole("banner").getByText("Our site").waitFor();
    assert.ok((await page.title()).endsWith("Our site"));
  }
  await page.goto(`${service.url}/admin/import`);
  await page.getByText("People from Metabase or from a CSV file").waitFor();
  assert.match(await page.getByRole("textbox").first().inputValue(), /^userctl import/);
  await browser.picture(page, "import");
  say("settings and the import are pages");
}

async function jumps({ page, service, api, browser, say }) {
  const person = await makePerson(api, { first_name: "Paulette", last_name: "Ette" });
  await page.goto(`${service.url}/admin/people`);
  await page.getByRole("button", { name: "Search", exact: true }).click();
  const box = page.getByRole("combobox", { name: "Person, group or action" });
  await page.locator(".finder").getByRole("option", { name: "Groups action" }).waitFor();
  await box.fill("paulette");
  await page.locator(".finder").getByRole("option", { name: "Paulette Ette" }).waitFor();
  await browser.picture(page, "palette");
  await box.press("Enter");
  await page.waitForURL(`${service.url}/admin/people/${person.id}`);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await box.fill("admin");
  await page.locator(".finder").getByRole("option", { name: /Administrators/ }).click();
  await page.waitForURL(`${service.url}/admin/groups/2`);
  await page.keyboard.press("Control+k");
  await box.fill("invite");
  await box.press("Enter");
  await page.getByRole("dialog", { name: "Invite a person" }).waitFor();
  assert.equal(page.url(), `${service.url}/admin/people`);
  say("the palette finds people, groups and actions");
}
