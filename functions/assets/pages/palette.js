/** `Ctrl K`: people, groups and actions by name. */

import { openDialog } from "./dom.js";
import { combobox, findPeople } from "./finder.js";
import { openHelp } from "./keyboard.js";
import { navigate } from "./router.js";
import { known, loadGroups, signOut } from "./session.js";
import { T } from "./texts.js";

/** @typedef {import("./finder.js").Offer} Offer */

/** Groups offered at once. */
const OFFERED_GROUPS = 5;

/** @type {Offer[]} */
const ADMIN_ACTIONS = [
  action(T.people, "/admin/people"),
  action(T.invite, "/admin/people?invite=1"),
  action(T.groups, "/admin/groups"),
  action(T.keys, "/admin/keys"),
  action(T.audit, "/admin/audit"),
  action(T.settings, "/admin/settings"),
  action(T.importTitle, "/admin/import"),
];

/** @type {Offer[]} */
const OWN_ACTIONS = [
  action(T.account, "/account/profile"),
  action(T.chooseTitle, "/account/password"),
  action(T.whereSignedIn, "/account/login-history"),
];

/**
 * @param {string} text
 * @param {string} path
 */
function action(text, path) {
  return { text, note: T.openAction, run: () => navigate(path) };
}

/** @param {string} text */
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/**
 * The offers whose text has all words, in any order, ignoring case and accents.
 *
 * @template {{ text: string }} O
 * @param {O[]} offers
 * @param {string} text
 */
export function fitting(offers, text) {
  const words = plain(text).split(/\s+/u).filter(Boolean);
  return offers.filter((offer) => words.every((word) => plain(offer.text).includes(word)));
}

export function openPalette() {
  const me = known.me;
  if (!me || me.mustChangePassword || document.querySelector("dialog.palette")) return;
  const close = (/** @type {Offer} */ offer) => ({
    ...offer,
    run: () => {
      dialog.close();
      return offer.run();
    },
  });
  const box = combobox({
    label: T.paletteLabel,
    offers: async (text, signal) => {
      /** @type {Offer[]} */
      const always = [
        ...OWN_ACTIONS,
        { text: T.help, note: T.openAction, run: openHelp },
        { text: T.signOut, note: T.openAction, run: signOut },
      ];
      if (!me.isAdmin) return fitting(always, text).map(close);
      const [people, groups] = await Promise.all([
        findPeople(text, signal),
        text === "" ? [] : loadGroups().catch(() => []),
      ]);
      const offers = [
        ...fitting([...ADMIN_ACTIONS, ...always], text),
        ...people.map((one) => ({
          text: one.name,
          note: `${one.email} · ${T.openPerson}`,
          run: () => navigate(`/admin/people/${one.id}`),
        })),
        ...fitting(groups.map(({ id, name }) => ({ id, text: name })), text)
          .slice(0, OFFERED_GROUPS)
          .map(({ id, text: name }) => ({
            text: name,
            note: T.openGroup,
            run: () => navigate(`/admin/groups/${id}`),
          })),
      ];
      return offers.map(close);
    },
  });
  const dialog = openDialog(T.palette, { class: "palette", closeText: T.close }, box.element);
  box.input.focus();
  box.look();
}
