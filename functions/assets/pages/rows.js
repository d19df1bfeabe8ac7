/** The rows of the table of people. */

import { button, h, link, timeElement } from "./dom.js";
import { initials, relativeTime } from "./format.js";
import { groupName, known } from "./session.js";
import { T } from "./texts.js";

/** @typedef {import("./answers.js").Person} Person */

/** Groups shown in a row. The others are counted. */
const SHOWN_GROUPS = 3;

/** Columns with an order of the service. */
export const COLUMNS = [
  { name: "name", sort: "name" },
  { name: "email", sort: "email" },
  { name: "groups", sort: null },
  { name: "last_login", sort: "last_login" },
];

/**
 * @typedef {object} Row
 * @property {Person} person
 * @property {HTMLTableRowElement} element
 * @property {HTMLInputElement} box
 */

/**
 * @param {Person} one
 * @param {{ href: string, choose: (row: Row, isRange: boolean) => void,
 *   menu: (one: Person) => void }} options
 * @returns {Row}
 */
export function personRow(one, { href, choose, menu }) {
  const box = h("input", { type: "checkbox", "aria-label": T.choose(one.name) });
  const badges = [
    one.isAdmin ? T.admin : "",
    one.mustChangePassword ? T.mustChange : "",
    one.isActive ? "" : T.deactivated,
  ];
  const element = h(
    "tr",
    { role: "row" },
    cell("choose", h("label", { class: "target" }, box)),
    h(
      "th",
      { scope: "row", role: "rowheader", class: "name" },
      h("span", { class: "avatar", "aria-hidden": "true" }, initials(one.name)),
      link(href, h("bdi", null, one.name)),
      badges.filter(Boolean).map((text) => h("span", { class: "badge" }, text)),
    ),
    cell("email", h("bdi", null, one.email)),
    cell("groups", h("ul", { class: "chips" }, chips(one))),
    cell(
      "last_login",
      one.lastLogin === null
        ? h("span", { class: "badge warn" }, T.neverCame)
        : timeElement(one.lastLogin, relativeTime(one.lastLogin, { never: T.never, now: T.now })),
    ),
    cell(
      "menu",
      button("⋯", () => menu(one), {
        class: "quiet",
        "aria-label": T.actionsFor(one.name),
        "aria-haspopup": "dialog",
      }),
    ),
  );
  const row = { person: one, element, box };
  box.addEventListener("click", (event) => {
    choose(row, /** @type {MouseEvent} */ (event).shiftKey);
  });
  return row;
}

/**
 * @param {string} name
 * @param {import("./dom.js").Child} content
 */
function cell(name, content) {
  return h("td", { role: "cell", class: name }, content);
}

/** @param {Person} one */
export function chips(one) {
  if (!known.groups) return [];
  const groups = one.groups.filter((id) => id !== 1 && id !== 2);
  const shown = groups.slice(0, SHOWN_GROUPS).map((id) =>
    h("li", { class: "chip" }, h("bdi", null, groupName(id))),
  );
  const rest = groups.length - shown.length;
  if (rest > 0) shown.push(h("li", { class: "chip" }, `+${rest}`));
  return shown;
}

/**
 * The head of the table. A column with an order has a button.
 *
 * @param {string} sort
 * @param {(sort: string) => void} order
 * @param {HTMLInputElement} all the box that chooses all rows
 */
export function tableHead(sort, order, all) {
  const heads = COLUMNS.map(({ name, sort: by }) => {
    const text = T.columns[name];
    if (!by) return h("th", { scope: "col", role: "columnheader", class: name }, text);
    const isUp = sort === by;
    const isDown = sort === `-${by}`;
    const mark = isUp ? " ↑" : isDown ? " ↓" : "";
    const head = button(text, () => order(isUp ? `-${by}` : by));
    head.append(h("span", { "aria-hidden": "true" }, mark));
    return h(
      "th",
      {
        scope: "col",
        role: "columnheader",
        class: name,
        "aria-sort": isUp ? "ascending" : isDown ? "descending" : null,
      },
      head,
    );
  });
  const choose = h("label", { class: "target" }, all);
  return h(
    "thead",
    { role: "rowgroup" },
    h(
      "tr",
      { role: "row" },
      h("td", { role: "cell", class: "choose" }, choose),
      heads,
      h("td", { role: "cell", class: "menu" }),
    ),
  );
}
