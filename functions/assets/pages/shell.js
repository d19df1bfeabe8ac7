/** The frame of every page: navigation, heading, help. */

import { button, fill, h, link } from "./dom.js";
import { known, onKnown, signOut } from "./session.js";
import { T } from "./texts.js";
import { openHelp } from "./keyboard.js";
import { openPalette } from "./palette.js";
import { asRefusal } from "./api.js";
import { toast } from "./ui.js";

/** @typedef {import("./dom.js").Child} Child */

/** The sections for administrators. */
export const SECTIONS = [
  { name: "people", path: "/admin/people", title: T.people },
  { name: "groups", path: "/admin/groups", title: T.groups },
  { name: "keys", path: "/admin/keys", title: T.keys },
  { name: "audit", path: "/admin/audit", title: T.audit },
  { name: "settings", path: "/admin/settings", title: T.settings },
];

const header = h("header");
const main = h("main", { id: "main", tabindex: -1 });
let section = "";
let title = "";
let isFirst = true;

/** Puts the frame into the document. */
export function startShell() {
  const skip = h("a", { href: "#main", class: "skip" }, T.skip);
  document.getElementById("page")?.replaceWith(skip, header, main);
  onKnown(() => {
    showHeader();
    showTitle();
  });
}

/**
 * Shows a page.
 *
 * @param {{ title: string, section?: string, isNarrow?: boolean, actions?: Child[] }} view
 * @param {...(Child | Child[])} content
 */
export function mount(view, ...content) {
  section = view.section ?? "";
  title = view.title;
  showHeader();
  showTitle();
  const heading = h("h1", { tabindex: -1 }, view.title);
  main.className = view.isNarrow ? "narrow" : "";
  const actions = view.actions ? h("div", { class: "actions" }, view.actions) : null;
  fill(main, h("div", { class: "page-head" }, heading, actions), content.flat());
  scrollTo(0, 0);
  if (!isFirst) heading.focus();
  isFirst = false;
  return main;
}

/** @param {string} text the title of a dialog with its own address */
export function setTitle(text) {
  title = text;
  showTitle();
}

function showTitle() {
  document.title = `${title} · ${known.site?.name || T.product}`;
}

function showHeader() {
  const me = known.me;
  const name = h("a", { href: "/", class: "brand" }, known.site?.name || T.product);
  if (!me || me.mustChangePassword) {
    fill(header, name, h("div", { class: "end" }, me ? signOutButton() : null, helpButton()));
    return;
  }
  const links = me.isAdmin ? SECTIONS : [];
  const items = links.map((one) => {
    const current = one.name === section ? "page" : null;
    return h("li", null, link(one.path, one.title, { "aria-current": current }));
  });
  const search = button(T.search, () => openPalette(), {
    class: "quiet",
    "aria-keyshortcuts": "Control+K Meta+K",
  });
  const account = link("/account/profile", h("bdi", null, me.name), {
    class: "me",
    "aria-current": section === "account" ? "page" : null,
  });
  fill(
    header,
    name,
    items.length > 0 ? h("nav", { "aria-label": T.sections }, h("ul", null, items)) : null,
    h(
      "div",
      { class: "end" },
      me.isAdmin ? search : null,
      account,
      signOutButton(),
      helpButton(),
    ),
  );
}

function signOutButton() {
  const leave = () => signOut().catch((error) => toast(asRefusal(error).message));
  return button(T.signOut, leave, { class: "quiet" });
}

function helpButton() {
  return button("?", () => openHelp(), { class: "quiet", "aria-label": T.help });
}

/** A page for an address without a page. */
export function notFoundPage() {
  mount({ title: T.noPage, isNarrow: true }, h("p", null, T.noPageText), link("/", T.home));
}
