// The whole tour by keyboard alone.
import assert from "node:assert/strict";

import { makePerson } from "./browser.mjs";

export async function keyboard({ browser, service, api, say }) {
  for (let count = 0; count < 4; count += 1) await makePerson(api, { first_name: "Keyla" });
  const page = await browser.page();
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const type = (text) => page.keyboard.type(text);
  const focused = () =>
    page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return "";
      return element.getAttribute("aria-label") ?? element.textContent ?? "";
    });
  /** Presses Tab until an element with this text has the focus. */
  const tabTo = async (text) => {
    for (let count = 0; count < 40; count += 1) {
      await press("Tab");
      if ((await focused()).includes(text)) return;
    }
    assert.fail(`no Tab leads to ${text}`);
  };
  const hasFocus = (locator) => locator.evaluate((one) => one === document.activeElement);

  await page.goto(`${service.url}/`);
  await page.waitForURL(`${service.url}/auth/login`);
  await page.getByLabel("Email address").waitFor();
  await type(service.email);
  await press("Tab");
  await type(service.password);
  await press("Enter");
  await page.waitForURL(`${service.url}/admin/people`);
  await page.locator("tbody tr").first().waitFor();

  await press("/");
  const search = page.getByLabel("Name or email address");
  assert.ok(await hasFocus(search));
  await type("keyla");
  await page.getByText(/^4 (found|shown)/).waitFor();
  assert.equal(await search.inputValue(), "keyla", "keys are text in a field");
  await tabTo("Keyla");
  const rows = page.locator("tbody tr");
  await press("j", "j", "k");
  assert.ok(await hasFocus(rows.nth(1).getByRole("link")));
  await press("x", "j", "j", "Shift+X");
  await page.getByText("3 chosen").waitFor();
  await press("ArrowUp", "Enter");
  const sheet = page.locator("dialog.sheet");
  await sheet.getByLabel("First name").waitFor();
  await press("e");
  assert.ok(await hasFocus(sheet.getByLabel("First name")));
  await press("Control+A");
  await type("Kay");
  await press("Enter");
  await sheet.getByRole("heading", { name: /^Kay/ }).waitFor();
  await press("Escape");
  await sheet.waitFor({ state: "detached" });
  await page.waitForURL(`${service.url}/admin/people?q=keyla`);
  await press("z");
  await page.getByText("Undone.").waitFor();
  await page.getByText(/^4 (found|shown)/).waitFor();

  await press("i");
  await page.getByRole("dialog", { name: "Invite a person" }).waitFor();
  await press("Escape");
  await press("Control+k");
  await page.locator(".finder").getByRole("option", { name: "Groups action" }).waitFor();
  await type("groups");
  await page.locator(".finder").getByRole("option").nth(1).waitFor({ state: "detached" });
  await press("Enter");
  await page.waitForURL(`${service.url}/admin/groups`);
  assert.equal(await focused(), "Groups", "the heading has the focus after a change of the page");
  await tabTo("Administrators");
  await press("Enter");
  await page.waitForURL(`${service.url}/admin/groups/2`);

  await press("?");
  const help = page.getByRole("dialog", { name: "Help and keys" });
  await help.waitFor();
  await browser.picture(page, "keys-help");
  const box = help.getByLabel("Single keys, without Ctrl or Cmd");
  while (!(await hasFocus(box))) await press("Tab");
  await press("Space", "Escape");
  await help.waitFor({ state: "detached" });
  await press("?");
  assert.equal(await help.count(), 0, "single keys are off");
  await press("Control+k");
  await page.getByRole("dialog", { name: "Search and actions" }).waitFor();
  await press("Escape");
  await tabTo("Sign out");
  await press("Enter");
  await page.waitForURL(`${service.url}/auth/login`);
  await page.goto(`${service.url}/auth/login`);
  await page.getByLabel("Email address").waitFor();
  await tabTo("Skip to content");
  await press("Enter");
  await press("Tab");
  assert.ok(await hasFocus(page.getByLabel("Email address")));
  await page.context().close();
  say("the whole tour works by keyboard alone");
}
