/** `/admin/settings` and `/admin/import`. */

import { asRefusal, get, request } from "./api.js";
import { list, object, textOrNull } from "./answers.js";
import { button, fill, h } from "./dom.js";
import { makeForm } from "./form.js";
import { known, learn, loadMe, loadSite } from "./session.js";
import { mount } from "./shell.js";
import { T } from "./texts.js";
import { banner, copyField, skeleton, toast } from "./ui.js";

/** @param {unknown} value */
function setting(value) {
  const item = object(value);
  const key = textOrNull(item?.key);
  if (!item || !key) return null;
  const shown = item.value ?? item.default;
  return {
    key,
    description: textOrNull(item.description) ?? "",
    value: shown === null || shown === undefined ? "" : String(shown),
    variable: textOrNull(item.env_name) ?? "",
    isVariable: item.is_env_setting === true,
  };
}

/** `/admin/settings` */
export async function settingsPage() {
  const place = h("div", null, skeleton());
  mount({ title: T.settings, section: "settings" }, place);
  try {
    known.site = null;
    const [settings, site] = await Promise.all([
      get("/api/setting", (data) => list(data, setting)),
      loadSite(),
    ]);
    const rows = settings.map((one) =>
      h(
        "tr",
        null,
        h("th", { scope: "row" }, one.description || one.key),
        h("td", null, h("bdi", null, one.value)),
        h("td", null, h("code", null, one.variable),
          one.isVariable ? h("span", { class: "badge" }, T.fromVariable) : null),
      ),
    );
    const facts = [
      site.sendsEmail === null ? "" : site.sendsEmail ? T.mailOn : T.mailOff,
      site.version ? `${T.version} ${site.version}` : "",
    ];
    const test = button(T.testEmail, async () => {
      try {
        await request("POST", "/api/email/test");
        toast(T.testSent);
      } catch (error) {
        toast(asRefusal(error).message);
      }
    });
    fill(
      place,
      h("p", null, facts.filter(Boolean).join(" · ")),
      site.sendsEmail ? h("p", null, test) : null,
      site.sendsEmail === null ? null : siteNameForm(site.name),
      h("p", { class: "quiet-text" }, T.settingsText),
      h(
        "div",
        { class: "scroll", tabindex: 0, role: "region", "aria-label": T.settings },
        h(
          "table",
          { class: "plain" },
          h("caption", { class: "away" }, T.settings),
          h("thead", null, h("tr", null, [T.setting, T.value, T.variable].map((text) =>
            h("th", { scope: "col" }, text)))),
          h("tbody", null, rows),
        ),
      ),
    );
    await loadMe();
  } catch (error) {
    fill(place, banner(asRefusal(error), settingsPage));
  }
}

/**
 * The name of the site can be changed. The service that says whether it sends email has the route.
 *
 * @param {string} name
 */
function siteNameForm(name) {
  const field = { name: "value", label: T.siteName, value: name, autocomplete: "off" };
  return makeForm([field], {
    submit: T.save,
    label: T.siteName,
    run: async ({ value }) => {
      await request("PUT", "/api/setting/site-name", { body: { value: value.trim() } });
      if (known.site) learn({ site: { ...known.site, name: value.trim() } });
      toast(T.siteNameSaved);
    },
  }).element;
}

/** `/admin/import` */
export async function importPage() {
  mount(
    { title: T.importTitle, section: "people", isNarrow: true },
    h("p", null, T.importText),
    copyField(T.importTitle, T.importCommand),
    h("p", null, T.importMore),
    copyField(T.help, T.importHelp),
  );
  await loadMe().catch(() => null);
  await loadSite().catch(() => null);
}
