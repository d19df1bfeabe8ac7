/** `/account/…`: one's own profile, password and sessions. */

import { asRefusal, get, readable, request } from "./api.js";
import { list, pastSignIn, person, session } from "./answers.js";
import { changesFrom, saveProfile } from "./conflict.js";
import { button, fill, h, link, timeElement } from "./dom.js";
import { makeForm } from "./form.js";
import { device, exactTime, relativeTime } from "./format.js";
import { profileBody, profileFields, showOwnPassword } from "./password.js";
import { forEach } from "./queue.js";
import { known, learn, loadMe, loadSite } from "./session.js";
import { mount } from "./shell.js";
import { T } from "./texts.js";
import { banner, toast } from "./ui.js";

/** @typedef {import("./answers.js").Session} Session */

const TABS = [
  { name: "profile", title: T.profile },
  { name: "password", title: T.password },
  { name: "login-history", title: T.sessions },
];

/** @type {Record<string, (place: HTMLElement) => Promise<void>>} */
const CONTENTS = {
  profile: showProfile,
  password: showOwnPassword,
  "login-history": showSessionsPage,
};

/** @param {string} name */
export function hasAccountPage(name) {
  return name in CONTENTS;
}

/** @param {string} name the part after `/account/` */
export async function accountPage(name) {
  const place = h("div");
  const tab = TABS.find((one) => one.name === name) ?? TABS[0];
  const tabs = TABS.map((one) => {
    const current = one === tab ? "page" : null;
    return h("li", null, link(`/account/${one.name}`, one.title, { "aria-current": current }));
  });
  const isForced = known.me?.mustChangePassword ?? false;
  mount(
    { title: `${T.account}: ${tab.title}`, section: "account", isNarrow: true },
    isForced ? null : h("nav", { class: "tabs", "aria-label": T.account }, h("ul", null, tabs)),
    place,
  );
  try {
    await CONTENTS[tab.name](place);
  } catch (error) {
    fill(place, banner(asRefusal(error), () => accountPage(name)));
  }
  await loadSite().catch(() => null);
}

/** @param {HTMLElement} place */
async function showProfile(place) {
  const answer = await request("GET", "/api/user/current");
  let version = { person: readable(answer, person), etag: answer.etag };
  learn({ me: version.person });
  const form = makeForm(profileFields(version.person), {
    submit: T.save,
    label: T.profile,
    run: async (values) => {
      const changes = changesFrom(profileBody(values), version.person);
      const saved = await saveProfile(version, changes);
      if (!saved) return;
      version = saved;
      learn({ me: saved.person });
      toast(T.saved);
    },
  });
  const address = h("section");
  fill(place, form.element, address);
  showAddress(address, version.person.id);
}

/**
 * @param {HTMLElement} place
 * @param {number} id
 */
function showAddress(place, id) {
  const me = /** @type {import("./answers.js").Person} */ (known.me);
  const note = h("p", { class: "note", role: "status", hidden: me.pendingEmail === null });
  if (me.pendingEmail) fill(note, T.pending(me.pendingEmail));
  const form = makeForm(
    [
      {
        name: "email",
        label: T.email,
        type: "email",
        autocomplete: "email",
        value: me.email,
        hint: T.addressHint,
      },
      {
        name: "password",
        label: T.currentPassword,
        type: "password",
        autocomplete: "current-password",
      },
    ],
    {
      submit: T.changeAddress,
      label: T.address,
      run: async ({ email, password }) => {
        const body = { email: email.trim(), password, old_password: password };
        const saved = readable(await request("PUT", `/api/user/${id}`, { body }), person);
        learn({ me: saved });
        showAddress(place, id);
        toast(saved.pendingEmail ? T.pending(saved.pendingEmail) : T.saved);
      },
    },
  );
  fill(place, h("h2", null, T.address), note, form.element);
}

/** @param {HTMLElement} place */
async function showSessionsPage(place) {
  const me = await loadMe();
  const path = `/api/user/${me.id}/sessions`;
  const items = h("ul", { class: "rows" });
  const others = h("div", { class: "actions" });
  const recent = h("section");
  const load = async () => {
    const sessions = await get(path, (data) => list(data, session));
    const itemOf = (/** @type {Session} */ one) =>
      sessionItem(one, () => end([one], () => T.sessionEndedToast));
    fill(items, sessions.map(itemOf));
    const rest = sessions.filter(({ isCurrent }) => !isCurrent);
    const endAll = button(T.endOthers, () => end(rest, T.othersEnded));
    fill(others, rest.length > 0 ? endAll : T.noOthers);
  };
  /** @type {() => Promise<void>} */
  const reload = async () => {
    try {
      await load();
    } catch (error) {
      fill(others, banner(asRefusal(error), reload));
    }
  };
  // The message follows the new list, which has a button for each session that is left.
  const end = async (
    /** @type {Session[]} */ chosen,
    /** @type {(number: number) => string} */ message,
  ) => {
    let ended = 0;
    /** @type {unknown} */
    let problem = null;
    await forEach(chosen, ({ id }) => request("DELETE", `${path}/${id}`), (_, error) => {
      if (!error) ended += 1;
      else if (asRefusal(error).status !== 404) problem = error;
    });
    await reload();
    toast(problem ? asRefusal(problem).message : message(ended));
  };
  await load();
  fill(place, h("h2", null, T.whereSignedIn), items, others, recent);
  await showRecent(recent);
}

/** @type {{ unknown: string, on: (browser: string, system: string) => string }} */
const DEVICE_WORDS = { unknown: T.unknownDevice, on: T.deviceOn };

/**
 * @param {Session} one
 * @param {() => Promise<void>} onEnd
 */
function sessionItem(one, onEnd) {
  const name = device(one.agent, DEVICE_WORDS);
  const end = button(T.end, onEnd, { "aria-label": T.endSessionOf(name) });
  const since = relativeTime(one.created, { never: "", now: T.now });
  return h(
    "li",
    null,
    h("strong", null, name),
    h(
      "span",
      { class: "quiet-text" },
      one.address ? ` ${one.address} · ` : " ",
      timeElement(one.created, T.since(since)),
    ),
    one.isCurrent ? h("span", { class: "badge" }, T.thisSession) : end,
  );
}

/** @param {HTMLElement} place */
async function showRecent(place) {
  fill(place, h("h2", null, T.recent));
  try {
    const path = "/api/login-history/current";
    const events = await get(path, (data) => list(data, pastSignIn));
    const items = events.slice(0, 20).map(({ at, agent, address }) =>
      h(
        "li",
        null,
        `${T.signedInAt}: `,
        device(agent, DEVICE_WORDS),
        h("span", { class: "quiet-text" }, address ? ` ${address} · ` : " · ",
          timeElement(at, exactTime(at))),
      ),
    );
    const isEmpty = items.length === 0;
    place.append(isEmpty ? h("p", null, T.nothingRecent) : h("ul", { class: "rows" }, items));
  } catch (error) {
    place.append(banner(asRefusal(error), () => showRecent(place)));
  }
}
