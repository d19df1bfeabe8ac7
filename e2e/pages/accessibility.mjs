// WCAG 2.2 AA on every page: in light and dark, on a phone, with large text, with forced colours.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { linkFor, makePerson } from "./browser.mjs";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** The rules for which colours and sizes matter. */
const RULES_OF_LOOKS = ["color-contrast", "target-size"];

const WIDE = { width: 1280, height: 860 };
const PHONE = { width: 320, height: 640 };

/** The looks of a page: size, colours, size of the text, and rules. */
const LOOKS = {
  light: { size: WIDE, rules: RULES },
  dark: { size: WIDE, media: { colorScheme: "dark" }, rules: RULES_OF_LOOKS },
  large: { size: WIDE, text: "200%", rules: RULES_OF_LOOKS },
  "forced-colors": { size: WIDE, media: { forcedColors: "active" }, rules: ["target-size"] },
  "phone-dark": { size: PHONE, media: { colorScheme: "dark" }, rules: RULES_OF_LOOKS },
  phone: { size: PHONE, rules: RULES },
};

/** What to open on a page before the check. */
const press = (name) => (page) => page.getByRole("button", { name }).first().click();
const opened = (page) => page.locator("dialog[open]").first().waitFor();

async function pagesOf({ api }) {
  const person = await makePerson(api);
  const token = (await linkFor(api, person)).split("/").pop();
  const key = (event) => (page) => page.keyboard.press(event);
  return {
    public: {
      "sign-in": ["/auth/login"],
      forgot: ["/auth/forgot_password"],
      reset: [`/auth/reset_password/${token}`],
      dead: ["/auth/reset_password/1_x"],
      confirm: ["/auth/confirm_email/1_x"],
      setup: ["/setup"],
      nothing: ["/auth/nothing"],
    },
    signedIn: {
      people: ["/admin/people"],
      "people-chosen": ["/admin/people", (page) => page.getByLabel("Choose all shown").check()],
      "people-empty": ["/admin/people?q=qqqqqq"],
      person: [`/admin/people/${person.id}`, opened],
      menu: ["/admin/people", press(/^Actions for/), opened],
      invite: ["/admin/people", press("Invite people"), opened],
      palette: ["/admin/people", key("Control+k"), opened],
      help: ["/admin/people", key("?"), opened],
      groups: ["/admin/groups"],
      "new-group": ["/admin/groups", press("New group"), opened],
      group: ["/admin/groups/2"],
      keys: ["/admin/keys"],
      "new-key": ["/admin/keys", press("New API key"), opened],
      audit: ["/admin/audit"],
      settings: ["/admin/settings"],
      import: ["/admin/import"],
      profile: ["/account/profile"],
      password: ["/account/password"],
      sessions: ["/account/login-history"],
    },
  };
}

export async function accessibility(tools) {
  const axe = await readFile(join(tools.packages, "axe-core/axe.min.js"), "utf8");
  const { public: open, signedIn } = await pagesOf(tools);
  await tools.api("POST", "/api/api-key", { name: "A key for the look", group_id: 1 });
  const signedInPages = Object.entries(signedIn);
  await Promise.all([
    check(tools, axe, "", Object.entries(open)),
    check(tools, axe, tools.service.session, signedInPages),
    check(tools, axe, tools.service.session, signedInPages),
  ]);
  tools.say("no page has a finding of axe, in any look");
}

/** Takes pages from a list, until it is empty. */
async function check({ browser, service }, axe, session, pages) {
  // The policy forbids the script of the test. Other tests run under the policy.
  const page = await browser.page(session, { bypassCSP: true });
  for (let next = pages.pop(); next; next = pages.pop()) {
    const [name, [path, ...steps]] = next;
    await page.goto(service.url + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.locator(".skeleton").first().waitFor({ state: "detached" });
    if (path === "/admin/people") await page.locator("tbody tr").first().waitFor();
    for (const step of steps) await step(page);
    await page.evaluate(axe);
    for (const [look, { size, media, text = "100%", rules }] of Object.entries(LOOKS)) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: "light", forcedColors: "none", ...media });
      await page.evaluate((percent) => {
        document.documentElement.style.fontSize = percent;
      }, text);
      await examine(page, rules, `${name} in ${look}`);
      if (look !== "phone-dark") await browser.picture(page, `${look}-${name}`);
    }
    await page.setViewportSize(WIDE);
  }
  await page.context().close();
}

async function examine(page, rules, name) {
  const { violations } = await page.evaluate(
    (only) => globalThis.axe.run(document, { runOnly: only, resultTypes: ["violations"] }),
    rules,
  );
  const findings = violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`));
  assert.deepEqual(findings, [], name);
  const [width, shown] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return [scrollWidth, clientWidth];
  });
  assert.ok(width <= shown, `${name}: ${width} of ${shown} wide`);
  assert.ok((await page.title()).includes(" · "), `${name} has a title`);
}
