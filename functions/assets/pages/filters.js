/** The filters above the table of people. */

import { button, fill, h } from "./dom.js";
import { known } from "./session.js";
import { T } from "./texts.js";

/** @typedef {import("./directory.js").View} View */

/**
 * Group and state. `look` changes the view.
 *
 * @param {(change: Partial<View>) => void} look
 */
export function makeFilters(look) {
  const group = h("select", { "aria-label": T.groupFilter });
  const states = h("div", { class: "segments", role: "group", "aria-label": T.state });
  group.addEventListener("change", () => look({ group: group.value }));
  /**
   * Shows a view, with the numbers of people by state if they are known.
   *
   * @param {View} view
   * @param {Record<string, number> | null} counts
   */
  const show = (view, counts) => {
    const groups = (known.groups ?? []).filter(({ id }) => id !== 1);
    const options = groups.map(({ id, name }) => h("option", { value: id }, name));
    if (options.length > 0 || group.options.length === 0) {
      fill(group, h("option", { value: "" }, T.allGroups), options);
    }
    group.value = view.group;
    const isFocused = states.contains(document.activeElement);
    const buttons = Object.entries(T.states).map(([state, text]) => {
      const number = counts?.[state];
      const shown = number === undefined ? text : `${text} (${number})`;
      const isPressed = String(view.state === state);
      return button(shown, () => look({ state }), { "aria-pressed": isPressed });
    });
    const index = Object.keys(T.states).indexOf(view.state);
    const isShown = states.children[index]?.getAttribute("aria-pressed") === "true";
    if (isShown && !counts) return;
    fill(states, buttons);
    if (isFocused) buttons[index]?.focus();
  };
  return { elements: [group, states], show };
}

/**
 * A table without rows.
 *
 * @param {View} view
 * @param {(change: Partial<View>) => void} look
 */
export function emptyState({ text, group, state }, look) {
  if (!text && !group && state === "active") return h("p", { class: "empty" }, T.onlyYou);
  const clear = () => look({ text: "", group: "", state: "active" });
  const others = button(T.lookDeactivated, () => look({ state: "deactivated" }));
  return h(
    "div",
    { class: "empty" },
    h("p", null, text ? T.noMatchFor(text) : T.nobody),
    button(T.clearFilters, clear),
    state === "deactivated" ? null : others,
  );
}
