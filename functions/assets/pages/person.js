/** `/admin/people/{id}`: one person, in a sheet above the list. */

import { asRefusal, get, isAborted } from "./api.js";
import { auditEvent, list, page, session } from "./answers.js";
import { actionsFor, addToGroup, removeFromGroup, runAction } from "./actions.js";
import { changesFrom, profileOf, saveProfile } from "./conflict.js";
import { changePerson, readNames, readPerson } from "./directory.js";
import { button, fill, h, link, openDialog, timeElement } from "./dom.js";
import { makeForm } from "./form.js";
import { device, exactTime, relativeTime } from "./format.js";
import { profileBody, profileFields } from "./password.js";
import { known, groupName, loadGroups } from "./session.js";
import { peopleIn, sentence } from "./sentences.js";
import { setTitle } from "./shell.js";
import { T } from "./texts.js";
import { banner, skeleton, toast } from "./ui.js";

/** @typedef {import("./answers.js").Person} Person */
/** @typedef {import("./conflict.js").Version} Version */

/**
 * Opens the sheet. `changed` is called after each change, `closed` when the reader closes it.
 *
 * @param {number} id
 * @param {{ changed: () => void, closed: () => void, loaded: () => void }} options
 */
export function openPerson(id, options) {
  const place = h("div", { class: "sheet-body" }, skeleton());
  const dialog = openDialog(
    T.people,
    { class: "sheet", closeText: T.close, onclose: options.closed },
    place,
  );
  const heading = /** @type {HTMLElement} */ (dialog.querySelector("h2"));
  const load = async () => {
    try {
      const version = await readPerson(id);
      if (!dialog.open) return;
      showPerson({ place, heading, version, load, changed: options.changed });
      options.loaded();
    } catch (error) {
      if (!isAborted(error)) fill(place, banner(asRefusal(error), load));
    }
  };
  load();
  return dialog;
}

/**
 * @typedef {object} Sheet
 * @property {HTMLElement} place
 * @property {HTMLElement} heading
 * @property {Version} version
 * @property {() => void} load
 * @property {() => void} changed
 */

/** @param {Sheet} sheet */
function showPerson(sheet) {
  const { place, heading, version } = sheet;
  const one = version.person;
  fill(heading, h("bdi", null, one.name));
  setTitle(one.name);
  const changed = () => {
    sheet.changed();
    sheet.load();
  };
  const words = { never: T.never, now: T.now };
  const line = T.personLine(
    one.id,
    relativeTime(one.joined, words),
    relativeTime(one.lastLogin, words),
  );
  const actions = actionsFor(one)
    .filter(({ name }) => name !== "group")
    .map((action) =>
      button(action.text, () => runAction(action, one, changed), {
        class: action.isDangerous ? "danger" : null,
      }),
    );
  const groups = h("section");
  const sessions = h("section");
  const events = h("section");
  fill(
    place,
    h("p", { class: "quiet-text" }, line),
    badges(one),
    one.pendingEmail ? h("p", { class: "note" }, T.waitsFor(one.pendingEmail)) : null,
    h("div", { class: "actions wrap" }, actions),
    profileForm(sheet),
    groups,
    sessions,
    events,
  );
  showGroups(groups, one, changed);
  showSessions(sessions, one);
  showEvents(events, one);
}

/** @param {Person} one */
function badges(one) {
  const texts = [
    one.isAdmin ? T.admin : "",
    one.isActive ? "" : T.deactivated,
    one.mustChangePassword ? T.mustChange : "",
    one.invitedUntil ? T.invitedUntil(exactTime(one.invitedUntil)) : "",
    one.hasNoPassword && !one.invitedUntil ? T.noPassword : "",
  ];
  const shown = texts.filter(Boolean).map((text) => h("span", { class: "badge" }, text));
  return shown.length > 0 ? h("p", null, shown) : null;
}

/** @param {Sheet} sheet */
function profileForm(sheet) {
  const one = sheet.version.person;
  const email = { name: "email", label: T.email, type: "email", value: one.email };
  const [first, last, locale] = profileFields(one);
  const fields = [first, last, email, locale].map((field) => ({ ...field, autocomplete: "off" }));
  const form = makeForm(fields, {
    submit: T.save,
    label: T.profile,
    run: async (values) => {
      const changes = changesFrom(profileBody(values), one);
      if (Object.keys(changes).length === 0) {
        toast(T.saved);
        return;
      }
      const before = profileOf(one);
      const saved = await saveProfile(sheet.version, changes);
      if (!saved) return;
      sheet.version = saved;
      showPerson(sheet);
      sheet.changed();
      const back = Object.fromEntries(Object.keys(changes).map((field) => [field, before[field]]));
      toast(T.savedToast(saved.person.name), async () => {
        sheet.version = await changePerson(one.id, null, back);
        if (sheet.place.isConnected) showPerson(sheet);
        sheet.changed();
      });
    },
  });
  return form.element;
}

/**
 * @param {HTMLElement} place
 * @param {Person} one
 * @param {() => void} changed
 */
function showGroups(place, one, changed) {
  const act = (/** @type {Promise<unknown>} */ promise) =>
    promise.catch((error) => toast(asRefusal(error).message));
  const show = () => {
    const chips = one.groups.map((id) => {
      const name = groupName(id);
      const isFixed = id === 1 || (id === 2 && one.id === known.me?.id) || !one.isActive;
      const remove = isFixed
        ? null
        : button("×", () => act(removeFromGroup(one, id, changed)), {
            "aria-label": T.removeFromGroup(name),
          });
      return h("li", { class: "chip" }, h("bdi", null, name), remove);
    });
    const others = (known.groups ?? []).filter(({ id }) => !one.groups.includes(id));
    const select = h(
      "select",
      { "aria-label": T.addToGroup },
      h("option", { value: "" }, T.addToGroup),
      others.map(({ id, name }) => h("option", { value: id }, name)),
    );
    select.addEventListener("change", () => {
      const id = Number(select.value);
      if (id > 0) act(addToGroup(one, id, changed));
    });
    fill(
      place,
      h("h3", null, T.groups),
      h("ul", { class: "chips" }, chips),
      others.length > 0 && one.isActive ? select : null,
    );
  };
  loadGroups().then(show, show);
}

/**
 * @param {HTMLElement} place
 * @param {Person} one
 */
async function showSessions(place, one) {
  fill(place, h("h3", null, T.sessions));
  try {
    const path = `/api/user/${one.id}/sessions`;
    const sessions = await get(path, (data) => list(data, session));
    const items = sessions.map(({ agent, address, created }) =>
      h(
        "li",
        null,
        device(agent, { unknown: T.unknownDevice, on: T.deviceOn }),
        h("span", { class: "quiet-text" }, address ? ` ${address} ` : " ",
          timeElement(created, relativeTime(created, { never: "", now: T.now }))),
      ),
    );
    const isEmpty = items.length === 0;
    place.append(isEmpty ? h("p", null, T.notSignedIn) : h("ul", { class: "rows" }, items));
  } catch (error) {
    place.append(banner(asRefusal(error), () => showSessions(place, one)));
  }
}

/**
 * @param {HTMLElement} place
 * @param {Person} one
 */
async function showEvents(place, one) {
  fill(place, h("h3", null, T.happened));
  try {
    const path = `/api/audit?target=${one.id}&limit=10`;
    const { rows } = await get(path, (data) => page(data, auditEvent));
    const names = new Map([[one.id, one.name]]);
    if (known.me) names.set(known.me.id, known.me.name);
    const texts = rows.map((event) => h("span", null, sentence(event, names)));
    const items = rows.map((event, index) =>
      h("li", null, texts[index], " ", h("span", { class: "quiet-text" },
        timeElement(event.at, exactTime(event.at)))),
    );
    place.append(
      items.length > 0 ? h("ul", { class: "rows" }, items) : h("p", null, T.nothingRecent),
      h("p", null, link(`/admin/audit?target=${one.id}`, T.allEvents)),
    );
    await readNames(peopleIn(rows), names);
    rows.forEach((event, index) => fill(texts[index], sentence(event, names)));
  } catch (error) {
    place.append(banner(asRefusal(error), () => showEvents(place, one)));
  }
}
