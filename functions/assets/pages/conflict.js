/** Saving a person while somebody else changes the same one. */

import { asRefusal } from "./api.js";
import { button, h, openDialog } from "./dom.js";
import { changePerson, readPerson } from "./directory.js";
import { languageName } from "./format.js";
import { T } from "./texts.js";

/** @typedef {import("./answers.js").Person} Person */
/** @typedef {{ person: Person, etag: string | null }} Version */
/** @typedef {Record<string, string | null>} Profile */

/** @type {Record<string, string>} */
const LABELS = {
  first_name: T.firstName,
  last_name: T.lastName,
  email: T.email,
  locale: T.language,
};

/**
 * The profile of a person in the names of the service.
 *
 * @param {Person} one
 * @returns {Profile}
 */
export function profileOf(one) {
  return {
    first_name: one.firstName,
    last_name: one.lastName,
    email: one.email,
    locale: one.locale,
  };
}

/**
 * The values that differ from a person.
 *
 * @param {Profile} values
 * @param {Person} from
 */
export function changesFrom(values, from) {
  const before = profileOf(from);
  const changed = Object.entries(values).filter(([field, value]) => before[field] !== value);
  return /** @type {Profile} */ (Object.fromEntries(changed));
}

/**
 * Saves changes to the version that the reader saw. If somebody changed the same person, the reader
 * chooses. A change of something else, for example by a sign-in, is no conflict.
 *
 * @param {Version} seen
 * @param {Profile} changes
 * @returns {Promise<Version | null>} `null` if the reader chose neither
 */
export async function saveProfile(seen, changes) {
  let base = seen;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await changePerson(base.person.id, base.etag, changes);
    } catch (error) {
      if (asRefusal(error).status !== 412 || attempt > 8) throw error;
    }
    const theirs = await readPerson(base.person.id);
    const [before, after] = [profileOf(base.person), profileOf(theirs.person)];
    const isConflict = Object.keys(LABELS).some((field) => before[field] !== after[field]);
    if (isConflict) {
      const choice = await askWhich(changes, after);
      if (choice === "theirs") return theirs;
      if (choice === null) return null;
    }
    base = theirs;
  }
}

/**
 * Shows the values of both.
 *
 * @param {Profile} mine
 * @param {Profile} theirs
 * @returns {Promise<"mine" | "theirs" | null>}
 */
function askWhich(mine, theirs) {
  return new Promise((resolve) => {
    /** @type {"mine" | "theirs" | null} */
    let choice = null;
    const choose = (/** @type {"mine" | "theirs"} */ which) => () => {
      choice = which;
      dialog.close();
    };
    const shown = (/** @type {string} */ field, /** @type {string | null | undefined} */ value) => {
      if (!value) return T.empty;
      return h("bdi", null, field === "locale" ? languageName(value) : value);
    };
    const rows = Object.keys(LABELS).map((field) => {
      const own = field in mine ? mine[field] : theirs[field];
      return h(
        "tr",
        { class: own === theirs[field] ? null : "differs" },
        h("th", { scope: "row" }, LABELS[field]),
        h("td", null, shown(field, own)),
        h("td", null, shown(field, theirs[field])),
      );
    });
    const heads = [T.field, T.mine, T.theirs].map((text) => h("th", { scope: "col" }, text));
    const dialog = openDialog(
      T.conflict,
      { class: "small", closeText: T.cancel, isAlert: true, onclose: () => resolve(choice) },
      h(
        "table",
        { class: "plain" },
        h("caption", null, T.conflictText),
        h("thead", null, h("tr", null, heads)),
        h("tbody", null, rows),
      ),
      h(
        "div",
        { class: "actions" },
        button(T.keepMine, choose("mine"), { class: "primary" }),
        button(T.keepTheirs, choose("theirs")),
      ),
    );
  });
}
