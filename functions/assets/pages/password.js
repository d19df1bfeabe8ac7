/** Choosing a password: with a link, at the first use, or for the own account. */

import { get, readable, request, asRefusal, isAborted } from "./api.js";
import { object, person } from "./answers.js";
import { button, fill, h, link } from "./dom.js";
import { makeForm } from "./form.js";
import { languages } from "./format.js";
import { rules } from "./password-rules.js";
import { goHome, known, learn, loadMe, loadSite } from "./session.js";
import { mount } from "./shell.js";
import { T } from "./texts.js";
import { banner, later, toast } from "./ui.js";

/** @typedef {import("./answers.js").Site} Site */
/** @typedef {import("./form.js").Form} Form */

/**
 * The list of rules below a password field. It follows the typing, and asks the service about the
 * whole password a moment later.
 *
 * @param {Form} form
 * @param {Site | null} site
 */
export function watchPassword(form, site) {
  const input = /** @type {HTMLInputElement} */ (form.input("password"));
  const items = h("ul", { class: "rules" });
  const verdict = h("p", { class: "verdict", role: "status" });
  const show = () => {
    const found = rules(site?.policy ?? {}, input.value);
    const marks = found.map(({ text, isKept }) =>
      h("li", { class: isKept ? "kept" : null }, h("span", { "aria-hidden": "true" },
        isKept ? "✓ " : "○ "), text, isKept ? h("span", { class: "away" }, T.ruleKept) : null),
    );
    fill(items, marks, h("li", null, h("span", { "aria-hidden": "true" }, "○ "), T.ruleCommon));
  };
  let current = new AbortController();
  const check = later(async () => {
    current.abort();
    current = new AbortController();
    const { signal } = current;
    if (input.value === "") return;
    const body = { password: input.value };
    try {
      const options = { body, signal, isPublic: true, key: "" };
      await request("POST", "/api/session/password-check", options);
      fill(verdict, T.goodPassword);
      verdict.className = "verdict good";
    } catch (error) {
      if (isAborted(error)) return;
      const refusal = asRefusal(error);
      fill(verdict, refusal.errors.password ?? refusal.message);
      verdict.className = "verdict bad";
    }
  });
  input.addEventListener("input", () => {
    fill(verdict);
    show();
    check();
  });
  show();
  return h("div", null, h("p", { class: "hint" }, T.policy), items, verdict);
}

/** The field of a new password. There is no second one, because it can be shown. */
export const newPasswordField = () => ({
  name: "password",
  label: T.newPassword,
  type: "password",
  autocomplete: "new-password",
});

/**
 * `/auth/reset_password`: with a live link, a form.
 *
 * @param {string} token
 * @param {boolean} isNew whether an invitation leads here
 */
export async function resetPage(token, isNew) {
  const place = h("div");
  mount({ title: isNew ? T.welcome : T.chooseTitle, isNarrow: true }, place);
  if (!token) {
    const another = link("/auth/forgot_password", T.another);
    fill(place, h("p", { class: "note" }, T.openLinkAgain), another);
    return;
  }
  const read = (/** @type {unknown} */ data) => {
    const valid = object(data)?.valid;
    return typeof valid === "boolean" ? { valid } : null;
  };
  const path = `/api/session/password_reset_token_valid?token=${encodeURIComponent(token)}`;
  try {
    const [{ valid }, site] = await Promise.all([
      get(path, read, { isPublic: true }),
      loadSite().catch(() => null),
    ]);
    if (!valid) return showDead(place);
    showForm(place, token, isNew, site);
  } catch (error) {
    fill(place, banner(asRefusal(error), () => resetPage(token, isNew)));
  }
}

/** @param {HTMLElement} place */
function showDead(place) {
  fill(
    place,
    h("p", { class: "note", role: "status" }, T.deadLink),
    link("/auth/forgot_password", T.another, { class: "button" }),
  );
}

/**
 * @param {HTMLElement} place
 * @param {string} token
 * @param {boolean} isNew
 * @param {Site | null} site
 */
function showForm(place, token, isNew, site) {
  const form = makeForm([newPasswordField()], {
    submit: isNew ? T.start : T.savePassword,
    run: async ({ password }) => {
      const body = { token, password };
      const options = { body, isPublic: true, key: "" };
      try {
        await request("POST", "/api/session/reset_password", options);
      } catch (error) {
        if (/token/i.test(asRefusal(error).errors.password ?? "")) return showDead(place);
        throw error;
      }
      learn({ me: null });
      const me = await loadMe();
      if (isNew) return welcomePage(me);
      goHome(me);
    },
  });
  const intro = isNew ? T.welcomeText(site?.name || T.product) : null;
  form.input("password").closest(".field")?.after(watchPassword(form, site));
  fill(place, intro ? h("p", null, intro) : null, form.element);
  form.input("password").focus();
}

/**
 * The first step of an invited person: name and language.
 *
 * @param {import("./answers.js").Person} me
 */
function welcomePage(me) {
  const form = makeForm(profileFields(me), {
    submit: T.goOn,
    run: async (values) => {
      const answer = await request("PUT", `/api/user/${me.id}`, { body: profileBody(values) });
      const saved = readable(answer, person);
      learn({ me: saved });
      goHome(saved);
    },
    after: [button(T.notNow, () => goHome(me))],
  });
  mount(
    { title: T.welcomeName(me.firstName ?? me.name), isNarrow: true },
    h("p", null, T.welcomeProfile),
    form.element,
  );
}

/**
 * The fields of a profile that everybody may change.
 *
 * @param {import("./answers.js").Person} one
 */
export function profileFields(one) {
  /** @type {[string, string][]} */
  const options = [["", T.siteLanguage]];
  for (const { code, name } of languages(one.locale)) options.push([code, name]);
  return [
    name("first_name", T.firstName, one.firstName, "given-name"),
    name("last_name", T.lastName, one.lastName, "family-name"),
    { name: "locale", label: T.language, type: "select", value: one.locale ?? "", options },
  ];
}

/**
 * @param {string} field
 * @param {string} label
 * @param {string | null} value
 * @param {string} autocomplete
 */
function name(field, label, value, autocomplete) {
  return { name: field, label, value: value ?? "", autocomplete, optional: true };
}

/**
 * The values of a profile for the service. An empty one is none.
 *
 * @param {Record<string, string>} values
 */
export function profileBody(values) {
  const entries = Object.entries(values).map(([key, value]) => [key, value.trim() || null]);
  return /** @type {Record<string, string | null>} */ (Object.fromEntries(entries));
}

/**
 * `/account/password`: the form for one's own password.
 *
 * @param {HTMLElement} place
 */
export async function showOwnPassword(place) {
  const me = await loadMe();
  const site = await loadSite().catch(() => null);
  const current = {
    name: "old_password",
    label: T.currentPassword,
    type: "password",
    autocomplete: "current-password",
  };
  const form = makeForm([current, newPasswordField()], {
    submit: T.savePassword,
    run: async ({ old_password: old, password }) => {
      const body = { password, old_password: old };
      await request("PUT", `/api/user/${me.id}/password`, { body });
      const hadTo = known.me?.mustChangePassword;
      learn({ me: null });
      const next = await loadMe();
      if (hadTo) return goHome(next);
      toast(T.passwordSaved);
      await showOwnPassword(place);
    },
  });
  const note = h("p", { class: "note", role: "status" });
  fill(note, me.mustChangePassword ? T.mustChangeText : T.passwordEnds);
  form.input("password").closest(".field")?.after(watchPassword(form, site));
  fill(place, note, form.element);
}
