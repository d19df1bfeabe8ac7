// Signing in, forgotten and new passwords, links, and the first use.
import assert from "node:assert/strict";

import { linkFor, makePerson } from "./browser.mjs";

const secretField = (page, name = "Password") => page.getByLabel(name, { exact: true });

export async function signIn(page, { email, password }) {
  await page.getByLabel("Email address").fill(email);
  await secretField(page).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

export async function signingIn(tools) {
  await leadsBack(tools);
  await refusesAndWaits(tools);
  await forgetsAPassword(tools);
  await mustChange(tools);
  await usesALink(tools);
  await isInvited(tools);
  await usesDeadLinks(tools);
  await confirmsAnAddress(tools);
  await setsUp(tools);
}

async function leadsBack({ browser, service, say }) {
  const page = await browser.page();
  await page.goto(`${service.url}/`);
  await page.waitForURL(`${service.url}/auth/login`);
  await page.goto(`${service.url}/admin/people?state=deactivated`);
  await page.waitForURL(/\/auth\/login\?redirect=/);
  await browser.picture(page, "sign-in");
  await signIn(page, service);
  await page.waitForURL(`${service.url}/admin/people?state=deactivated`);
  assert.ok((await page.title()).startsWith("People"));
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${service.url}/auth/login`);
  for (const target of ["https://evil.example/", "//evil.example/", "/\\evil.example"]) {
    await page.goto(`${service.url}/auth/login?redirect=${encodeURIComponent(target)}`);
    await signIn(page, service);
    await page.waitForURL(`${service.url}/admin/people`);
  }
  await page.context().close();
  say("a sign-in leads back to the page before, and to no other site");
}

async function refusesAndWaits({ browser, service, say }) {
  const page = await browser.page();
  await page.clock.install();
  await page.goto(`${service.url}/auth/login`);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  assert.equal(await page.getByText("Fill this in.").count(), 2);
  await signIn(page, { ...service, password: "a wrong passw0rd" });
  await page.getByText("That address and password do not match.").waitFor();
  const field = secretField(page);
  assert.equal(await field.getAttribute("aria-invalid"), "true");
  const described = await field.getAttribute("aria-describedby");
  assert.match(await page.locator(`#${described}`).textContent(), /do not match/);
  assert.ok(await field.evaluate((element) => element === document.activeElement));
  assert.equal(await page.getByLabel("Email address").inputValue(), service.email);

  let answers = 0;
  await page.route("**/api/session", (route) => {
    answers += 1;
    const error = "Too many attempts! You must wait 14 seconds before trying again.";
    const headers = { "Retry-After": "14" };
    return route.fulfill({ status: 429, headers, json: { error } });
  });
  await signIn(page, service);
  await page.getByText("Too many attempts!").waitFor();
  const button = page.getByRole("button", { name: /Sign in in 14 s/ });
  await button.waitFor();
  await button.click({ force: true });
  assert.equal(answers, 1, "a click while waiting sends nothing");
  await page.clock.runFor(15_000);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: /Sign in in 1\d s/ }).waitFor();
  assert.equal(answers, 2);
  await page.unroute("**/api/session");
  await page.clock.runFor(15_000);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${service.url}/admin/people`);
  await page.context().close();
  say("a wrong password is one sentence, and a wait is counted down");
}

async function forgetsAPassword({ browser, service, say }) {
  const page = await browser.page();
  await page.goto(`${service.url}/auth/login`);
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await page.waitForURL(`${service.url}/auth/forgot_password`);
  const heading = page.getByRole("heading", { name: "Forgot your password?" });
  await heading.waitFor();
  const texts = new Set();
  for (const address of ["nobody@example.com", "test@example.com"]) {
    await page.goto(`${service.url}/auth/forgot_password`);
    const field = page.getByLabel("Email address");
    const noMail = page.getByText("This service sends no email.");
    await field.or(noMail).first().waitFor();
    if (await noMail.isVisible()) {
      texts.add(await noMail.textContent());
      continue;
    }
    await page.getByLabel("Email address").fill(address);
    await page.getByRole("button", { name: "Send the link" }).click();
    texts.add(await page.locator("main .note").textContent());
  }
  assert.equal(texts.size, 1);
  await page.context().close();
  say("a forgotten password has the same answer for everybody");
}

async function mustChange({ browser, service, api, say }) {
  const person = await makePerson(api, { must_change_password: true });
  const page = await browser.page();
  await page.goto(`${service.url}/auth/login?redirect=/account/profile`);
  await signIn(page, person);
  await page.waitForURL(`${service.url}/account/password`);
  await page.getByText("asks you to choose another password").waitFor();
  assert.equal(await page.getByRole("navigation").count(), 0, "no way around");
  await page.goto(`${service.url}/account/login-history`);
  await page.waitForURL(`${service.url}/account/password`);
  await secretField(page, "Current password").fill(person.password);
  await secretField(page, "New password").fill("Quite another 1 pass");
  await page.getByRole("button", { name: "Save the password" }).click();
  await page.waitForURL(`${service.url}/account/profile`);
  await page.context().close();
  say("a password that must change leads to its page and nowhere else");
}

async function usesALink({ browser, service, api, say }) {
  const person = await makePerson(api);
  const link = await linkFor(api, person);
  const token = link.split("/").pop();
  const page = await browser.page();
  const paths = [];
  page.on("request", (request) => paths.push(request.url()));
  await page.goto(`${service.url}/auth/reset_password/${token}`);
  await page.waitForURL(`${service.url}/auth/reset_password`);
  const field = secretField(page, "New password");
  await field.waitFor();
  assert.equal(await field.getAttribute("autocomplete"), "new-password");
  assert.equal(await page.locator("input[type=password]").count(), 1, "no second field");
  assert.ok(!(await page.content()).includes(token), "the token is not in the document");
  const withToken = paths.filter((path) => path.includes(token));
  assert.deepEqual(withToken.map((path) => new URL(path).pathname), [
    `/auth/reset_password/${token}`,
    "/api/session/password_reset_token_valid",
  ]);
  await page.getByText("at least 6 characters").waitFor();
  await field.fill("passw0rd");
  await page.getByText("password is too common.").first().waitFor();
  await browser.picture(page, "choose-password");
  await page.getByRole("button", { name: "Show new password" }).click();
  assert.equal(await field.getAttribute("type"), "text");
  await page.getByRole("button", { name: "Save the password" }).click();
  await page.locator(".field .error", { hasText: "too common" }).waitFor();
  assert.equal(await field.inputValue(), "passw0rd", "nothing is lost");
  await field.fill("A fresh 1 password");
  await page.getByText("This password is fine.").waitFor();
  await page.getByRole("button", { name: "Save the password" }).click();
  await page.waitForURL(`${service.url}/account/profile`);
  await page.goBack();
  assert.ok(!page.url().includes(token));
  await page.goto(`${service.url}/auth/reset_password/${token}`);
  await page.getByText("This link was used, replaced, or is older than two days.").waitFor();
  await page.getByRole("link", { name: "Ask for another" }).click();
  await page.waitForURL(`${service.url}/auth/forgot_password`);
  await page.context().close();
  say("a link works once, and its token leaves the address at once");
}

async function isInvited({ browser, service, api, say }) {
  const person = await makePerson(api, { first_name: "Grace" });
  const token = (await linkFor(api, person)).split("/").pop();
  const page = await browser.page();
  await page.goto(`${service.url}/auth/reset_password/${token}#new`);
  await page.getByRole("heading", { name: "Welcome" }).waitFor();
  await secretField(page, "New password").fill("My first 1 password");
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("heading", { name: "Welcome, Grace" }).waitFor();
  await page.getByLabel("Last name").fill("Hopper");
  await page.getByLabel("Language").selectOption("de");
  await browser.picture(page, "welcome");
  await page.getByRole("button", { name: "Go on" }).click();
  await page.waitForURL(`${service.url}/account/profile`);
  const saved = await api("GET", `/api/user/${person.id}`);
  assert.deepEqual([saved.last_name, saved.locale], ["Hopper", "de"]);
  await page.context().close();
  say("an invited person chooses a password, a name and a language");
}

async function usesDeadLinks({ browser, service, say }) {
  const page = await browser.page();
  const script = "<script>alert(1)</script>";
  for (const token of ["x", "1_wrong", "%00", "a%2Fb", "x".repeat(300), script]) {
    await page.goto(`${service.url}/auth/reset_password/${encodeURIComponent(token)}`);
    const dead = page.getByText("This link was used, replaced, or is older than two days.");
    await dead.or(page.locator(".banner")).first().waitFor();
  }
  await page.goto(`${service.url}/auth/reset_password`);
  await page.getByText("Open the link in your email again.").waitFor();
  await page.context().close();
  say("a dead link says so, and offers another");
}

async function confirmsAnAddress({ browser, service, say }) {
  const page = await browser.page();
  const sent = [];
  for (const [path, action, button, text] of [
    ["confirm_email", "confirm-email", "Confirm the address", "The address is confirmed."],
    ["revert_email", "revert-email", "Take the old address back", "Your old address is back."],
  ]) {
    await page.route(`**/api/user/${action}`, (route) => {
      sent.push(route.request().postDataJSON());
      const isFirst = sent.length % 2 === 1;
      const json = isFirst ? { error: "The link has expired." } : { success: true };
      return route.fulfill({ status: isFirst ? 400 : 200, json });
    });
    await page.goto(`${service.url}/auth/${path}/1_secret`);
    await page.waitForURL(`${service.url}/auth/${path}`);
    await page.getByRole("button", { name: button }).click();
    await page.getByText("The link has expired.").waitFor();
    await page.getByRole("button", { name: button }).click();
    await page.getByText(text).waitFor();
  }
  assert.deepEqual(sent, Array(4).fill({ token: "1_secret" }));
  await page.context().close();
  say("links for addresses need a click");
}

async function setsUp({ browser, empty, say }) {
  const page = await browser.page("", { url: empty.url });
  await page.goto(`${empty.url}/auth/login`);
  await page.getByText("This service is not set up yet.").waitFor();
  await page.goto(`${empty.url}/setup#token=${encodeURIComponent("a wrong token")}`);
  await page.waitForURL(`${empty.url}/setup`);
  await page.getByLabel("Name of the site").fill("Example");
  await page.getByLabel("First name").fill("Ada");
  await page.getByLabel("Last name").fill("Lovelace");
  await page.getByLabel("Email address").fill("ada@example.com");
  await page.getByLabel("New password", { exact: true }).fill("The first 1 password");
  await browser.picture(page, "setup");
  await page.getByRole("button", { name: "Set up" }).click();
  await page.getByText("Token does not match the setup token.").waitFor();
  assert.equal(await page.getByLabel("First name").inputValue(), "Ada");
  await page.getByLabel("Setup token", { exact: true }).fill(empty.token);
  await page.getByRole("button", { name: "Set up" }).click();
  await page.waitForURL(`${empty.url}/admin/people`);
  await page.getByText("Only you are here.").waitFor();
  await browser.picture(page, "first-use");
  await page.goto(`${empty.url}/setup#token=x`);
  await page.getByText("This service is set up already.").waitFor();
  await page.context().close();
  say("the printed link sets the service up, once");
}
