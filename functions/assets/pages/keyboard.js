/** Keys, and the list of them. */

import { h, openDialog } from "./dom.js";
import { T } from "./texts.js";
import { undoLast } from "./ui.js";

/** The setting of this browser that switches single keys off (WCAG 2.1.4). */
const SETTING = "single-keys";

/** @type {Map<string, (event: KeyboardEvent) => void>} */
let pageKeys = new Map();

/**
 * The single keys of a page. They replace those of the page before.
 *
 * @param {Record<string, (event: KeyboardEvent) => void>} keys
 */
export function setPageKeys(keys) {
  pageKeys = new Map(Object.entries(keys));
}

function areOn() {
  try {
    return localStorage.getItem(SETTING) !== "off";
  } catch {
    return true;
  }
}

/** @param {() => void} palette */
export function startKeyboard(palette) {
  addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      palette();
      return;
    }
    const isTyping =
      event.target instanceof Element && event.target.closest("input, select, textarea") !== null &&
      !event.target.matches("input[type=checkbox]");
    const isSingle = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (event.defaultPrevented || isTyping || !isSingle || !areOn()) return;
    const isCovered = document.querySelector("dialog[open]:not(.sheet)") !== null;
    if (event.key === "?" && !isCovered) {
      event.preventDefault();
      openHelp();
    } else if (event.key === "z" && undoLast()) {
      event.preventDefault();
    } else if (!isCovered) {
      pageKeys.get(event.key)?.(event);
    }
  });
}

/** The list of keys, and the switch for single ones. */
export function openHelp() {
  const rows = T.keyList.map(([keys, text]) =>
    h("div", null, h("dt", null, keys.split(" ").map((key) => [h("kbd", null, key), " "]).flat()),
      h("dd", null, text)),
  );
  const box = h("input", { type: "checkbox", id: "single-keys", checked: areOn() });
  box.addEventListener("change", () => {
    try {
      localStorage.setItem(SETTING, box.checked ? "on" : "off");
    } catch {
      box.checked = true;
    }
  });
  openDialog(
    T.help,
    { class: "small", closeText: T.close },
    h("p", null, T.helpText),
    h("dl", { class: "keys" }, rows),
    h("div", { class: "check" }, box, h("label", { for: "single-keys" }, T.singleKeys)),
    h("p", null, h("a", { href: "/api/docs" }, T.apiReference)),
  );
}
