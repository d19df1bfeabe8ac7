/** A field that finds people while typing, and offers them in a list (WAI-ARIA combobox). */

import { asRefusal, get, isAborted } from "./api.js";
import { page, person } from "./answers.js";
import { fill, h, uniqueId } from "./dom.js";
import { query } from "./router.js";
import { T } from "./texts.js";
import { later, toast } from "./ui.js";

/** People offered at once. */
const OFFERED = 8;

/**
 * @typedef {object} Offer
 * @property {string} text
 * @property {string} note
 * @property {() => unknown} run
 */

/**
 * Makes a combobox. `offers` returns what fits a text.
 *
 * @param {{ label: string, hint?: string,
 *   offers: (text: string, signal: AbortSignal) => Promise<Offer[]> }} options
 */
export function combobox({ label, hint, offers }) {
  const [inputId, listId, hintId] = [uniqueId(), uniqueId(), uniqueId()];
  const results = h("ul", { id: listId, role: "listbox", "aria-label": T.paletteResults });
  const status = h("p", { role: "status", class: "away" });
  const input = h("input", {
    id: inputId,
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    "aria-expanded": "false",
    "aria-controls": listId,
    "aria-autocomplete": "list",
    "aria-describedby": hint ? hintId : null,
  });
  /** @type {Offer[]} */
  let current = [];
  let active = -1;
  let abort = new AbortController();
  /** The text that the results are for. */
  let shownFor = "";

  const mark = (/** @type {number} */ index) => {
    active = index;
    [...results.children].forEach((item, number) => {
      item.setAttribute("aria-selected", String(number === index));
    });
    const id = results.children[index]?.id;
    if (id) input.setAttribute("aria-activedescendant", id);
    else input.removeAttribute("aria-activedescendant");
    results.children[index]?.scrollIntoView({ block: "nearest" });
  };
  const show = (/** @type {Offer[]} */ found) => {
    current = found;
    const items = found.map(({ text, note }, index) => {
      const content = [h("bdi", null, text), h("span", { class: "quiet-text" }, " ", note)];
      const item = h("li", { id: uniqueId(), role: "option", "aria-selected": "false" }, content);
      item.addEventListener("mousedown", (event) => event.preventDefault());
      item.addEventListener("click", () => run(index));
      return item;
    });
    fill(results, items);
    input.setAttribute("aria-expanded", String(found.length > 0));
    const isEmpty = found.length === 0 && input.value.trim() !== "";
    fill(status, isEmpty ? T.noResults : T.resultCount(found.length));
    status.className = isEmpty ? "quiet-text" : "away";
    mark(found.length > 0 ? 0 : -1);
  };
  const look = async () => {
    abort.abort();
    abort = new AbortController();
    const { signal } = abort;
    const text = input.value.trim();
    try {
      const found = await offers(text, signal);
      if (signal.aborted) return;
      shownFor = text;
      show(found);
    } catch (error) {
      if (!isAborted(error)) fill(status, asRefusal(error).message);
    }
  };
  const run = (/** @type {number} */ index) => {
    const offer = current[index];
    if (!offer) return;
    input.value = "";
    show([]);
    Promise.resolve(offer.run()).catch((error) => toast(asRefusal(error).message));
  };
  input.addEventListener("input", later(look));
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && current.length > 0) {
      event.preventDefault();
      mark((active + step + current.length) % current.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const isOld = input.value.trim() !== shownFor;
      if (isOld) look().then(() => run(active));
      else run(active);
    }
  });
  const element = h(
    "div",
    { class: "field finder" },
    h("label", { for: inputId }, label),
    hint ? h("p", { id: hintId, class: "hint" }, hint) : null,
    input,
    results,
    status,
  );
  return { element, input, look };
}

/**
 * People that fit a text.
 *
 * @param {string} text
 * @param {AbortSignal} signal
 */
export async function findPeople(text, signal) {
  if (text === "") return [];
  const path = `/api/user${query({ query: text, limit: OFFERED })}&cursor=`;
  const found = await get(path, (data) => page(data, person), { signal });
  return found.rows.slice(0, OFFERED);
}

/**
 * A field that adds a person.
 *
 * @param {string} label
 * @param {string} hint
 * @param {(one: import("./answers.js").Person) => Promise<unknown>} run
 */
export function personFinder(label, hint, run) {
  return combobox({
    label,
    hint,
    offers: async (text, signal) => {
      const people = await findPeople(text, signal);
      return people.map((one) => ({ text: one.name, note: one.email, run: () => run(one) }));
    },
  }).element;
}
