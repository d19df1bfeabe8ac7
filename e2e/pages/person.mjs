// One person, in the sheet.
import assert from "node:assert/strict";

import { makePerson, sessionOf } from "./browser.mjs";

export async function person(tools) {
  tools.page = await tools.browser.page(tools.service.session);
  await opensAndCloses(tools);
  await edits(tools);
  await conflicts(tools);
  await changesGroups(tools);
  await endsSessions(tools);
  await anonymizes(tools);
  await invites(tools);
  await tools.page.context().close();
}

const sheetOf = (page) => page.locator("dialog.sheet");

async function open({ page, service, api }, values) {
  const one = await makePerson(api, values);
  await page.goto(`${service.url}/admin/people/${one.id}`);
  const sheet = sheetOf(page);
  await sheet.getByLabel("First name").waitFor();
  return { one, sheet };
}

async function opensAndCloses(tools) {
  const { page, service, api, browser, say } = tools;
  const one = await makePerson(api, { first_name: "Opal" });
  await page.goto(`${service.url}/admin/people?q=opal`);
  const link = page.getByRole("link", { name: one.common_name });
  await link.click();
  await page.waitForURL(`${service.url}/admin/people/${one.id}?q=opal`);
  await sheetOf(page).getByText("What happened").waitFor();
  await sheetOf(page).getByText(`You created ${one.common_name}`).waitFor();
  assert.ok((await page.title()).startsWith(one.common_name));
  await browser.picture(page, "person");
  await page.goBack();
  await sheetOf(page).waitFor({ state: "detached" });
  await page.goForward();
  await sheetOf(page).getByLabel("First name").waitFor();
  await page.keyboard.press("Escape");
  await page.waitForURL(`${service.url}/admin/people?q=opal`);
  await page.goto(`${service.url}/admin/people/999999`);
  await sheetOf(page).getByText("Not found.").waitFor();
  say("a person has an address of its own, and Back closes the sheet");
}

async function edits(tools) {
  const { page, api, say } = tools;
  const { one, sheet } = await open(tools);
  await sheet.getByLabel("First name").fill("Edited");
  await sheet.getByLabel("Email address").fill("admin@example.com");
  await sheet.getByRole("button", { name: "Save", exact: true }).click();
  await sheet.getByText("Email address already in use.").waitFor();
  const email = sheet.getByLabel("Email address");
  assert.equal(await email.getAttribute("aria-invalid"), "true");
  assert.ok(await email.evaluate((element) => element === document.activeElement));
  assert.equal(await sheet.getByLabel("First name").inputValue(), "Edited");
  await email.fill(one.email);
  await sheet.getByRole("button", { name: "Save", exact: true }).click();
  await sheet.getByText("Edited Person").first().waitFor();
  assert.equal((await api("GET", `/api/user/${one.id}`)).first_name, "Edited");
  await sheet.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Undone.").waitFor();
  assert.equal((await api("GET", `/api/user/${one.id}`)).first_name, "Test");
  say("a refusal is at its field, and names can be undone");
}

async function conflicts(tools) {
  const { page, api, browser, service, say } = tools;
  for (const [choice, expected] of [["Keep mine", "Mine"], ["Keep theirs", "Theirs"]]) {
    const { one, sheet } = await open(tools);
    await sheet.getByLabel("First name").fill("Mine");
    await api("PUT", `/api/user/${one.id}`, { first_name: "Theirs" });
    await sheet.getByRole("button", { name: "Save", exact: true }).click();
    const dialog = page.getByRole("alertdialog", { name: /Somebody changed this person/ });
    await dialog.getByRole("cell", { name: "Mine" }).waitFor();
    await dialog.getByRole("cell", { name: "Theirs" }).waitFor();
    await browser.picture(page, "conflict");
    await dialog.getByRole("button", { name: choice }).click();
    await sheet.getByRole("heading", { name: `${expected} Person` }).waitFor();
    assert.equal((await api("GET", `/api/user/${one.id}`)).first_name, expected);
  }
  const { one, sheet } = await open(tools);
  await sheet.getByLabel("First name").fill("Mine");
  await sessionOf(service.url, one);
  await sheet.getByRole("button", { name: "Save", exact: true }).click();
  await sheet.getByRole("heading", { name: "Mine Person" }).waitFor();
  say("two administrators see each other's changes, and a sign-in is no conflict");
}

async function changesGroups(tools) {
  const { page, api, say } = tools;
  const group = await api("POST", "/api/permissions/group", { name: "Night shift" });
  const { one, sheet } = await open(tools);
  await sheet.getByLabel("Add to group …").selectOption({ label: "Night shift" });
  await sheet.getByRole("button", { name: "Remove from Night shift" }).waitFor();
  const groups = async () => (await api("GET", `/api/user/${one.id}`)).user_group_memberships;
  assert.ok((await groups()).some(({ id }) => id === group.id));
  await sheet.getByRole("button", { name: "Remove from Night shift" }).click();
  await sheet.getByText("is no longer in Night shift").waitFor();
  assert.deepEqual(await groups(), [{ id: 1 }]);
  const toast = page.locator(".toast", { hasText: "no longer" });
  await toast.getByRole("button", { name: "Undo" }).click();
  await sheet.getByRole("button", { name: "Remove from Night shift" }).waitFor();
  say("groups change in the sheet");
}

async function endsSessions(tools) {
  const { service, say } = tools;
  const { one, sheet } = await open(tools);
  await sessionOf(service.url, one);
  await sheet.getByRole("button", { name: "End sessions" }).click();
  await sheet.getByText(/The sessions of .* have ended/).waitFor();
  await sheet.getByText("Not signed in anywhere.").waitFor();
  say("an administrator ends the sessions of a person");
}

async function anonymizes(tools) {
  const { page, api, say } = tools;
  const { one, sheet } = await open(tools);
  await sheet.getByRole("button", { name: "Anonymize …" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("textbox").fill("something else");
  await dialog.getByRole("button", { name: "Anonymize" }).click();
  await dialog.getByText("That is not the same.").waitFor();
  await dialog.getByRole("textbox").fill(one.email);
  await dialog.getByRole("button", { name: "Anonymize" }).click();
  await page.getByText("The person is anonymized.").waitFor();
  assert.match((await api("GET", `/api/user/${one.id}`)).email, /@anonymized\.invalid$/);
  await sheet.getByText("deactivated").first().waitFor();
  assert.equal(await sheet.getByRole("button", { name: "Reactivate" }).count(), 0);
  say("an anonymization needs the typed address");
}

async function invites(tools) {
  const { page, api, service, browser, say } = tools;
  await page.goto(`${service.url}/admin/people`);
  await page.getByRole("button", { name: "Invite people" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite a person" });
  await dialog.getByLabel("Email address").fill("not an address");
  await dialog.getByRole("button", { name: "Invite people" }).click();
  await dialog.getByText("value must be a valid email address.").waitFor();
  await dialog.getByLabel("Email address").fill("invited@example.com");
  await dialog.getByLabel("First name").fill("Invited");
  await dialog.getByLabel("Last name").fill("Person");
  await dialog.getByLabel("Night shift").check();
  await browser.picture(page, "invite");
  const [request] = await Promise.all([
    page.waitForRequest((sent) => sent.method() === "POST" && sent.url().endsWith("/api/user")),
    dialog.getByRole("button", { name: "Invite people" }).click(),
  ]);
  const groups = await api("GET", "/api/permissions/group");
  const { id } = groups.find(({ name }) => name === "Night shift");
  assert.deepEqual(request.postDataJSON(), {
    email: "invited@example.com",
    first_name: "Invited",
    last_name: "Person",
    source: "admin",
    group_ids: [id],
  });
  const { error } = await (await request.response()).json();
  if (error) {
    await dialog.getByRole("alert").getByText(/password/).waitFor();
    assert.equal(await dialog.getByLabel("First name").inputValue(), "Invited");
    say("an invitation that the service refuses keeps what was typed");
    return;
  }
  const link = page.getByText("Give this link to the person").or(page.getByText("is invited."));
  await link.first().waitFor();
  say("a person is invited");
}
