/** The same action for many people, with a result for each. */

import { object } from "./answers.js";
import { asRefusal } from "./api.js";
import { actionsFor, chooseGroup, linkIn } from "./actions.js";
import { button, fill, h, openDialog } from "./dom.js";
import { changeGroups } from "./directory.js";
import { forEach } from "./queue.js";
import { groupName, known } from "./session.js";
import { T } from "./texts.js";
import { copyField, toast } from "./ui.js";

/** @typedef {import("./answers.js").Person} Person */

/** Actions for several people, in the order of the bar. */
const NAMES = ["invite", "sessions", "must", "group", "deactivate", "reactivate"];

/** Actions that a person must not do to themselves along with others. */
const NOT_FOR_ME = ["deactivate", "must", "sessions"];

/** How to undo an action for many. */
const OPPOSITE = new Map([["deactivate", "reactivate"], ["reactivate", "deactivate"]]);

/**
 * The bar above the table.
 *
 * @param {Person[]} chosen
 * @param {{ clear: () => void, changed: () => void }} options
 */
export function bulkBar(chosen, options) {
  const texts = new Map();
  for (const one of chosen) {
    for (const { name, text, each } of actionsFor(one)) {
      if (each || name === "group") texts.set(name, name === "must" ? T.mustChangeAction : text);
    }
  }
  const buttons = NAMES.filter((name) => texts.has(name)).map((name) =>
    button(texts.get(name), () => start(name, texts.get(name), chosen, options.changed), {
      class: name === "deactivate" ? "danger" : null,
    }),
  );
  return [
    h("strong", { role: "status" }, T.chosen(chosen.length)),
    buttons,
    button(T.clearChoice, options.clear, { class: "quiet" }),
  ];
}

/**
 * @param {string} name
 * @param {string} text
 * @param {Person[]} chosen
 * @param {() => void} changed
 */
async function start(name, text, chosen, changed) {
  let group = 0;
  if (name === "group") {
    const found = await chooseGroup().catch((error) => {
      toast(asRefusal(error).message);
      return null;
    });
    if (found === null) return;
    group = found;
  }
  const title = group ? `${text.replace(" …", "")}: ${groupName(group)}` : text;
  await runBulk(title, chosen, eachOf(name, group), changed, NOT_FOR_ME.includes(name));
}

/**
 * What to do with one person, and how to undo it.
 *
 * @param {string} name
 * @param {number} group
 */
function eachOf(name, group) {
  if (name === "group") {
    return {
      run: (/** @type {Person} */ one) => changeGroups(one.id, [group], []),
      undo: (/** @type {Person} */ one) =>
        one.groups.includes(group) ? Promise.resolve() : changeGroups(one.id, [], [group]),
    };
  }
  const find = (/** @type {Person} */ one, /** @type {string} */ which) =>
    actionsFor(one).find((action) => action.name === which)?.each?.(one) ?? Promise.resolve();
  const opposite = OPPOSITE.get(name);
  return {
    run: (/** @type {Person} */ one) => find(one, name),
    undo: opposite
      ? (/** @type {Person} */ one) => find({ ...one, isActive: name === "reactivate" }, opposite)
      : null,
  };
}

/**
 * @param {string} title
 * @param {Person[]} people
 * @param {{ run: (one: Person) => Promise<unknown>,
 *   undo: ((one: Person) => Promise<unknown>) | null }} action
 * @param {() => void} changed
 * @param {boolean} leavesOutMe
 */
async function runBulk(title, people, action, changed, leavesOutMe) {
  /** @type {Map<number, HTMLElement>} */
  const results = new Map();
  const items = people.map((one) => {
    const result = h("div", { class: "result" }, T.waiting);
    results.set(one.id, result);
    return h("li", null, h("bdi", null, one.name), " ", result);
  });
  const status = h("p", { role: "status" });
  let isStopped = false;
  const stop = button(T.stop, () => {
    isStopped = true;
  });
  const dialog = openDialog(
    title,
    { class: "small", closeText: T.close, onclose: () => { isStopped = true; } },
    status,
    h("ul", { class: "results", "aria-label": T.results, tabindex: 0 }, items),
    h("div", { class: "actions" }, stop),
  );
  /** @type {Person[]} */
  const done = [];
  const todo = people.filter(({ id }) => !leavesOutMe || id !== known.me?.id);
  for (const one of people) {
    if (!todo.includes(one)) fill(/** @type {Element} */ (results.get(one.id)), T.skippedSelf);
  }
  await forEach(todo, action.run, (one, error, answer) => {
    if (!error) done.push(one);
    const result = /** @type {HTMLElement} */ (results.get(one.id));
    // Without email, an invitation is a link to pass on.
    const link = linkIn(object(answer)?.data);
    const good = link ? copyField(T.passwordLinkLabel, link) : T.done;
    fill(result, error ? asRefusal(error).message : good);
    result.classList.add(error ? "bad" : "good");
  }, { isStopped: () => isStopped });
  fill(status, T.bulkDone(done.length, people.length));
  stop.replaceWith(button(T.close, () => dialog.close(), { class: "primary" }));
  changed();
  const { undo } = action;
  if (undo && done.length > 0) {
    toast(T.bulkDone(done.length, people.length), async () => {
      /** @type {unknown[]} */
      const problems = [];
      await forEach(done, undo, (_, error) => {
        if (error) problems.push(error);
      });
      changed();
      if (problems.length > 0) throw problems[0];
    });
  }
}
