/** `/admin/keys`: API keys for programs. */

import { asRefusal, get, readable, request } from "./api.js";
import { apiKey, list } from "./answers.js";
import { button, fill, h, openDialog, timeElement } from "./dom.js";
import { makeForm } from "./form.js";
import { exactTime, relativeTime } from "./format.js";
import { nameDialog } from "./groups.js";
import { loadGroups, loadMe, loadSite } from "./session.js";
import { mount } from "./shell.js";
import { T } from "./texts.js";
import { banner, confirmDialog, copyField, skeleton, toast } from "./ui.js";

/** @typedef {import("./answers.js").ApiKey} ApiKey */

/** `/admin/keys` */
export async function keysPage() {
  const place = h("div", null, skeleton());
  const create = button(T.newKey, () => openNewKey(), { class: "primary" });
  mount({ title: T.keys, section: "keys", actions: [create] }, place);
  try {
    const [keys] = await Promise.all([
      get("/api/api-key", (data) => list(data, apiKey)),
      loadMe(),
    ]);
    fill(place, keys.length > 0 ? keyTable(keys) : h("p", { class: "empty" }, T.noKeys));
    await loadSite().catch(() => null);
  } catch (error) {
    fill(place, banner(asRefusal(error), keysPage));
  }
}

/** @param {ApiKey[]} keys */
function keyTable(keys) {
  const words = { never: T.never, now: T.now };
  const rows = keys.map((key) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, h("bdi", null, key.name),
        key.isActive ? null : h("span", { class: "badge warn" }, T.inactive)),
      h("td", null, h("code", null, key.masked)),
      h("td", null, h("bdi", null, key.groupName)),
      h("td", null, h("bdi", null, key.owner)),
      h("td", null, timeElement(key.lastUsed, relativeTime(key.lastUsed, words))),
      h("td", null, key.expires ? timeElement(key.expires, exactTime(key.expires)) : T.unlimited),
      h("td", null, button("⋯", () => openKeyMenu(key), {
        class: "quiet",
        "aria-label": T.actionsFor(key.name),
        "aria-haspopup": "dialog",
      })),
    ),
  );
  const heads = T.keyColumns.map((text) => h("th", { scope: "col" }, text));
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": T.keys },
    h(
      "table",
      { class: "plain" },
      h("caption", { class: "away" }, T.keys),
      h("thead", null, h("tr", null, heads, h("td"))),
      h("tbody", null, rows),
    ),
  );
}

/** @param {ApiKey} key */
function openKeyMenu(key) {
  const path = `/api/api-key/${key.id}`;
  const item = (/** @type {string} */ text, /** @type {() => void} */ run, danger = false) =>
    h("li", null, button(text, () => {
      menu.close();
      run();
    }, { class: danger ? "danger" : null }));
  const rename = () =>
    nameDialog(T.keyName, T.rename, key.name, async (name) => {
      await request("PUT", path, { body: { name } });
      keysPage();
      toast(T.renamed, async () => {
        await request("PUT", path, { body: { name: key.name } });
        keysPage();
      });
    });
  const regenerate = () => {
    const question = {
      title: T.regenerateTitle(key.name),
      text: T.regenerateText,
      action: T.regenerate,
    };
    confirmDialog(question, async () => {
      const made = readable(await request("PUT", `${path}/regenerate`), apiKey);
      showSecret(made);
    });
  };
  const remove = () => {
    const question = {
      title: T.deleteKeyTitle(key.name),
      text: T.deleteKeyText,
      action: T.deleteKey,
    };
    confirmDialog(question, async () => {
      await request("DELETE", path);
      keysPage();
      toast(T.keyDeleted);
    });
  };
  const menu = openDialog(
    key.name,
    { class: "small", closeText: T.close },
    h(
      "ul",
      { class: "menu" },
      item(T.rename, rename),
      item(T.regenerate, regenerate),
      item(T.deleteKey, remove, true),
    ),
  );
}

async function openNewKey() {
  try {
    const groups = await loadGroups();
    /** @type {[string, string][]} */
    const options = groups.map(({ id, name }) => [String(id), name]);
    const form = makeForm(
      [
        { name: "name", label: T.keyName, hint: T.keyNameHint, autocomplete: "off" },
        { name: "group_id", label: T.keyGroup, type: "select", value: "1", options },
        { name: "expires_at", label: T.keyExpires, type: "date", optional: true },
      ],
      {
        submit: T.create,
        run: async (values) => {
          const body = {
            name: values.name.trim(),
            group_id: Number(values.group_id),
            expires_at: values.expires_at || null,
          };
          const answer = await request("POST", "/api/api-key", { body });
          dialog.close();
          showSecret(readable(answer, apiKey));
        },
      },
    );
    const dialog = openDialog(T.newKey, { class: "small", closeText: T.close }, form.element);
    form.input("name").focus();
  } catch (error) {
    toast(asRefusal(error).message);
  }
}

/**
 * Shows a key for the only time. Escape does not close the dialog.
 *
 * @param {ApiKey} key
 */
function showSecret(key) {
  const stored = button(T.stored, () => dialog.close(), { class: "primary" });
  const dialog = openDialog(
    key.name,
    { class: "small", closeText: T.stored, isAlert: true, onclose: () => keysPage() },
    h("p", null, T.keyShownOnce),
    copyField(T.keyLabel, key.secret ?? ""),
    h("div", { class: "actions" }, stored),
  );
  dialog.addEventListener("cancel", (event) => event.preventDefault());
}
