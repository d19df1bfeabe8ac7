/** `/setup`: the first administrator. */

import { request } from "./api.js";
import { fill, h, link } from "./dom.js";
import { makeForm } from "./form.js";
import { newPasswordField, watchPassword } from "./password.js";
import { navigate } from "./router.js";
import { known, learn, loadMe, loadSite } from "./session.js";
import { mount } from "./shell.js";
import { T } from "./texts.js";

/** @param {string} token the setup token of the printed link */
export async function setupPage(token) {
  const place = h("div");
  mount({ title: T.setupTitle, isNarrow: true }, place);
  const site = await loadSite().catch(() => null);
  if (site?.isSetUp) {
    fill(place, h("p", { class: "note" }, T.isSetUp), link("/auth/login", T.signIn));
    return;
  }
  const form = makeForm(
    [
      {
        name: "token",
        label: T.setupToken,
        type: "password",
        value: token,
        hint: token ? undefined : T.setupTokenHint,
        autocomplete: "off",
      },
      { name: "site_name", label: T.siteName, value: "", autocomplete: "organization" },
      { name: "first_name", label: T.firstName, autocomplete: "given-name", optional: true },
      { name: "last_name", label: T.lastName, autocomplete: "family-name", optional: true },
      { name: "email", label: T.email, type: "email", autocomplete: "username" },
      newPasswordField(),
    ],
    {
      submit: T.setUp,
      run: async (values) => {
        const body = {
          token: values.token.trim(),
          user: {
            email: values.email.trim(),
            password: values.password,
            first_name: values.first_name.trim() || null,
            last_name: values.last_name.trim() || null,
          },
          prefs: { site_name: values.site_name.trim() },
        };
        await request("POST", "/api/setup", { body, isPublic: true, key: "" });
        known.site = null;
        learn({ me: null });
        await loadMe();
        navigate("/admin/people", { replace: true });
      },
    },
  );
  form.input("password").closest(".field")?.after(watchPassword(form, site));
  fill(place, h("p", null, T.setupText), form.element);
  form.input(token ? "site_name" : "token").focus();
}
