/** Pages without a session: signing in, a forgotten password, and links of emails. */

import { request } from "./api.js";
import { fill, h, link } from "./dom.js";
import { makeForm } from "./form.js";
import { asSignInError, goHome, learn, loadSite, signIn, signInFields } from "./session.js";
import { mount } from "./shell.js";
import { T } from "./texts.js";

/** `/auth/login` */
export function signInPage() {
  const target = new URLSearchParams(location.search).get("redirect");
  const form = makeForm(
    [...signInFields(), { name: "remember", label: T.remember, type: "checkbox", optional: true }],
    {
      submit: T.signIn,
      run: async ({ username, password, remember }) => {
        try {
          const me = await signIn(username, password, remember === "true");
          learn({ me, groups: null });
          goHome(me, target);
        } catch (error) {
          throw asSignInError(error);
        }
      },
      after: [link("/auth/forgot_password", T.forgot)],
    },
  );
  const note = h("div");
  mount({ title: T.signIn, isNarrow: true }, note, form.element);
  form.input("username").focus();
  loadSite().then(
    (site) => {
      if (!site.isSetUp) fill(note, h("p", { class: "note" }, T.notSetUp));
    },
    () => {},
  );
}

/** `/auth/forgot_password` */
export function forgotPage() {
  const place = h("div");
  const form = makeForm(
    [{ name: "email", label: T.email, type: "email", autocomplete: "username" }],
    {
      submit: T.sendLink,
      run: async ({ email }) => {
        const body = { email: email.trim() };
        await request("POST", "/api/session/forgot_password", { body, isPublic: true, key: "" });
        fill(place, h("p", { role: "status", class: "note" }, T.linkSent));
      },
    },
  );
  fill(place, h("p", null, T.forgotText), form.element);
  mount({ title: T.forgotTitle, isNarrow: true }, place, link("/auth/login", T.backToSignIn));
  form.input("email").focus();
  loadSite().then(
    (site) => {
      if (site.sendsEmail === false) fill(place, h("p", { class: "note" }, T.noMail));
    },
    () => {},
  );
}

/**
 * `/auth/confirm_email` and `/auth/revert_email`: one button, because mail programs open links.
 *
 * @param {"confirm-email" | "revert-email"} action
 * @param {string} token
 */
export function emailLinkPage(action, token) {
  const words = T.emailLinks[action];
  const place = h("div");
  mount({ title: words.title, isNarrow: true }, place);
  if (!token) {
    fill(place, h("p", { class: "note" }, T.openLinkAgain));
    return;
  }
  const form = makeForm([], {
    submit: words.action,
    run: async () => {
      const body = { token };
      await request("POST", `/api/user/${action}`, { body, isPublic: true, key: "" });
      const next =
        action === "revert-email" ? link("/auth/forgot_password", T.sendLink) : link("/", T.home);
      fill(place, h("p", { role: "status", class: "note" }, words.done), next);
    },
  });
  fill(place, h("p", null, words.text), form.element);
}
