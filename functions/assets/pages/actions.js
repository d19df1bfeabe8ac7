/** What an administrator can do with a person: from a row, in the sheet, and with many at once. */

import { asRefusal, request } from "./api.js";
import { object } from "./answers.js";
import { button, h, openDialog } from "./dom.js";
import { changeGroups } from "./directory.js";
import { groupName, known, loadGroups } from "./session.js";
import { T } from "./texts.js";
import { confirmDialog, copy, copyField, toast } from "./ui.js";

/** @typedef {import("./answers.js").Person} Person */
/** @typedef {() => void} Changed called after a change, to show the present state */

/**
 * @typedef {object} Action
 * @property {string} name
 * @property {string} text
 * @property {(one: Person, changed: Changed) => Promise<unknown>} run
 * @property {(one: Person) => Promise<unknown>} [each] the same for one of many
 * @property {boolean} [isDangerous]
 */

/** @param {Person} one */
const pathOf = (one) => `/api/user/${one.id}`;

/**
 * A link to choose a password, somewhere in an answer.
 *
 * @param {unknown} data
 */
export function linkIn(data) {
  const texts = Object.values(object(data) ?? {});
  const found = texts.find((text) => typeof text === "string" && text.includes("/reset_password/"));
  return typeof found === "string" ? found : null;
}

/**
 * @param {string} title
 * @param {string} text
 * @param {string} link
 */
export function showLink(title, text, link) {
  openDialog(
    title,
    { class: "small", closeText: T.close },
    h("p", null, text),
    copyField(T.passwordLinkLabel, link),
  );
}

/** @param {Person} one */
async function copyLink(one) {
  const { data } = await request("POST", `${pathOf(one)}/password-reset-url`);
  const link = linkIn(data);
  if (!link) throw new Error("no link");
  showLink(T.passwordLink, one.name, link);
  await copy(link);
}

/** @param {Person} one */
async function invite(one) {
  const { data } = await request("POST", `${pathOf(one)}/send_invite`);
  const link = linkIn(data);
  if (link) {
    showLink(T.sendInvite, T.inviteLink, link);
  } else {
    toast(T.invited);
  }
}

/** @param {Person} one */
const deactivate = (one) => request("DELETE", pathOf(one));
/** @param {Person} one */
const reactivate = (one) => request("PUT", `${pathOf(one)}/reactivate`);
/** @param {Person} one */
const releaseLimits = (one) => request("DELETE", `${pathOf(one)}/rate-limits`);
/** @param {Person} one */
const endSessions = (one) => request("DELETE", `${pathOf(one)}/sessions`);
/**
 * @param {Person} one
 * @param {boolean} must
 */
const setMust = (one, must) =>
  request("PUT", pathOf(one), { body: { must_change_password: must } });

/**
 * @param {Person} one
 * @param {Changed} changed
 */
async function deactivateWithUndo(one, changed) {
  await deactivate(one);
  changed();
  toast(T.deactivatedToast(one.name), async () => {
    await reactivate(one);
    changed();
  });
}

/**
 * @param {Person} one
 * @param {Changed} changed
 */
async function reactivateWithUndo(one, changed) {
  await reactivate(one);
  changed();
  toast(T.reactivatedToast(one.name), async () => {
    await deactivate(one);
    changed();
  });
}

/**
 * @param {Person} one
 * @param {number} group
 * @param {Changed} changed
 */
export async function addToGroup(one, group, changed) {
  await changeGroups(one.id, [group], []);
  changed();
  toast(T.addedToGroup(one.name, groupName(group)), async () => {
    await changeGroups(one.id, [], [group]);
    changed();
  });
}

/**
 * @param {Person} one
 * @param {number} group
 * @param {Changed} changed
 */
export async function removeFromGroup(one, group, changed) {
  await changeGroups(one.id, [], [group]);
  changed();
  toast(T.removedFromGroup(one.name, groupName(group)), async () => {
    await changeGroups(one.id, [group], []);
    changed();
  });
}

/**
 * Asks for a group. `null` if the reader chose none.
 *
 * @returns {Promise<number | null>}
 */
export async function chooseGroup() {
  const groups = (await loadGroups()).filter(({ id }) => id !== 1);
  return new Promise((resolve) => {
    /** @type {number | null} */
    let chosen = null;
    const items = groups.map(({ id, name }) =>
      h("li", null, button(h("bdi", null, name), () => {
        chosen = id;
        dialog.close();
      })),
    );
    const dialog = openDialog(
      T.chooseGroup,
      { class: "small", closeText: T.cancel, onclose: () => resolve(chosen) },
      h("ul", { class: "menu" }, items),
    );
  });
}

/**
 * @param {Person} one
 * @param {Changed} changed
 */
async function anonymize(one, changed) {
  const question = {
    title: T.anonymizeTitle(one.name),
    text: T.anonymizeText(one.email),
    action: T.anonymizeAction,
    word: one.email,
  };
  confirmDialog(question, async () => {
    await request("POST", `${pathOf(one)}/anonymize`);
    changed();
    toast(T.anonymized);
  });
}

/**
 * The actions for a person, in the order of the menu.
 *
 * @param {Person} one
 * @returns {Action[]}
 */
export function actionsFor(one) {
  const isMe = one.id === known.me?.id;
  const isAnonymous = one.email.endsWith("@anonymized.invalid");
  if (isAnonymous) return [];
  /** @type {Action[]} */
  const danger = [{ name: "anonymize", text: T.anonymize, run: anonymize, isDangerous: true }];
  if (!one.isActive) {
    const back = { name: "reactivate", text: T.reactivate, run: reactivateWithUndo };
    return [{ ...back, each: reactivate }, ...danger];
  }
  /** @type {Action[]} */
  const usual = [
    { name: "link", text: T.passwordLink, run: copyLink },
    { name: "invite", text: T.sendInvite, run: invite, each: (each) =>
      request("POST", `${pathOf(each)}/send_invite`) },
    {
      name: "sessions",
      text: T.endSessions,
      run: async (each, changed) => {
        await endSessions(each);
        changed();
        toast(T.sessionsEnded(each.name));
      },
      each: endSessions,
    },
    {
      name: "release",
      text: T.releaseLimits,
      run: async (each, changed) => {
        await releaseLimits(each);
        changed();
        toast(T.limitsReleased(each.name));
      },
      each: releaseLimits,
    },
    mustAction(one),
    {
      name: "group",
      text: T.addToGroup,
      run: async (each, changed) => {
        const group = await chooseGroup();
        if (group !== null) await addToGroup(each, group, changed);
      },
    },
  ];
  if (isMe) return usual.filter(({ name }) => name !== "must");
  danger.unshift({
    name: "deactivate",
    text: T.deactivate,
    run: deactivateWithUndo,
    each: deactivate,
    isDangerous: true,
  });
  return [...usual, ...danger];
}

/**
 * @param {Person} one
 * @returns {Action}
 */
function mustAction(one) {
  const must = !one.mustChangePassword;
  return {
    name: "must",
    text: must ? T.mustChangeAction : T.mustChangeOff,
    run: async (each, changed) => {
      await setMust(each, must);
      changed();
      toast(must ? T.mustChangeSet(each.name) : T.mustChangeCleared(each.name), async () => {
        await setMust(each, !must);
        changed();
      });
    },
    each: (each) => setMust(each, true),
  };
}

/**
 * Runs an action, and shows its refusal.
 *
 * @param {Action} action
 * @param {Person} one
 * @param {Changed} changed
 */
export async function runAction(action, one, changed) {
  try {
    await action.run(one, changed);
  } catch (error) {
    toast(asRefusal(error).message);
  }
}

/**
 * The menu of a row.
 *
 * @param {Person} one
 * @param {{ edit: () => void, changed: Changed }} options
 */
export function openMenu(one, { edit, changed }) {
  const item = (/** @type {string} */ text, /** @type {() => unknown} */ run, danger = false) =>
    h("li", null, button(text, () => {
      dialog.close();
      run();
    }, { class: danger ? "danger" : null }));
  const items = actionsFor(one).map((action) =>
    item(action.text, () => runAction(action, one, changed), action.isDangerous),
  );
  const dialog = openDialog(
    one.name,
    { class: "small", closeText: T.close },
    h("ul", { class: "menu" }, item(T.edit, edit), items),
  );
}
