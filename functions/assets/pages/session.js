/** The signed-in person, and what all pages know about the service. */

import { group, list, person, site } from "./answers.js";
import { get, onMustChange, onSignedOut, request } from "./api.js";
import { openDialog } from "./dom.js";
import { makeForm } from "./form.js";
import { navigate, ownPath, signInPath } from "./router.js";
import { T } from "./texts.js";

/** @typedef {import("./answers.js").Person} Person */
/** @typedef {import("./answers.js").Group} Group */
/** @typedef {import("./answers.js").Site} Site */

/** What is known, until the page is loaded again. */
export const known = {
  /** @type {Person | null} */
  me: null,
  /** @type {Site | null} */
  site: null,
  /** @type {Group[] | null} */
  groups: null,
};

/** @type {Set<() => void>} */
const listeners = new Set();

/** @param {() => void} listener called when something of `known` changes */
export function onKnown(listener) {
  listeners.add(listener);
}

/** @param {Partial<typeof known>} values */
export function learn(values) {
  Object.assign(known, values);
  for (const listener of listeners) listener();
}

/** @type {Map<string, Promise<unknown>>} */
const running = new Map();

/**
 * Reads a value once. Callers at the same time share the request.
 *
 * @template T
 * @param {string} name
 * @param {T | null} value
 * @param {() => Promise<T>} read
 * @returns {Promise<T>}
 */
function once(name, value, read) {
  if (value !== null) return Promise.resolve(value);
  const present = /** @type {Promise<T> | undefined} */ (running.get(name));
  if (present) return present;
  const promise = read().finally(() => running.delete(name));
  running.set(name, promise);
  return promise;
}

/** The signed-in person. Leads to the sign-in page if there is no session. */
export function loadMe() {
  return once("me", known.me, async () => {
    const me = await get("/api/user/current", person);
    learn({ me });
    return me;
  });
}

/** What everybody may know about the service. */
export function loadSite() {
  return once("site", known.site, async () => {
    const properties = await get("/api/session/properties", site, { isPublic: true });
    learn({ site: properties });
    return properties;
  });
}

/** Whether the known groups may have other names or members by now. */
let areGroupsOld = false;

/** Reads the groups again at the next occasion. */
export function forgetGroups() {
  areGroupsOld = true;
}

/** All groups, for administrators. */
export function loadGroups() {
  return once("groups", areGroupsOld ? null : known.groups, async () => {
    const groups = await get("/api/permissions/group", (data) => list(data, group));
    areGroupsOld = false;
    learn({ groups });
    return groups;
  });
}

/** @param {number} id */
export function groupName(id) {
  return known.groups?.find((one) => one.id === id)?.name ?? T.groupNumber(id);
}

/**
 * @param {string} username
 * @param {string} password
 * @param {boolean} remember
 */
export async function signIn(username, password, remember) {
  const body = { username: username.trim(), password, remember };
  await request("POST", "/api/session", { body, isPublic: true, key: "" });
  const me = await get("/api/user/current", person, { isPublic: true });
  return me;
}

/** Ends the session, and forgets everything. */
export async function signOut() {
  await request("DELETE", "/api/session", { isPublic: true }).catch((error) => {
    if (error.status !== 404 && error.status !== 401) throw error;
  });
  learn({ me: null, groups: null });
  navigate("/auth/login");
}

/**
 * Goes where the session belongs.
 *
 * @param {Person} me
 * @param {string | null} [target]
 */
export function goHome(me, target = null) {
  const own = ownPath(target);
  if (me.mustChangePassword) return navigate("/account/password", { replace: true });
  if (own !== "/") return navigate(own, { replace: true });
  navigate(me.isAdmin ? "/admin/people" : "/account/profile", { replace: true });
}

/** The fields of a sign-in. */
export const signInFields = () => [
  { name: "username", label: T.email, type: "email", autocomplete: "username" },
  { name: "password", label: T.password, type: "password", autocomplete: "current-password" },
];

/**
 * Puts a wrong address or password into one sentence. A wait keeps its own.
 *
 * @param {unknown} error
 */
export function asSignInError(error) {
  const refusal = /** @type {import("./api.js").Refusal} */ (error);
  if (refusal.status !== 401 || refusal.wait > 0) return error;
  refusal.errors = { password: T.noMatch };
  return refusal;
}

/** @type {Promise<boolean> | null} */
let asking = null;

onMustChange(() => {
  if (location.pathname !== "/account/password") navigate("/account/password");
});

/** A dialog above the page, so that nothing that was typed is lost. */
onSignedOut(() => {
  const me = known.me;
  if (!me) {
    if (!location.pathname.startsWith("/auth/")) navigate(signInPath(), { replace: true });
    return Promise.resolve(false);
  }
  asking ??= askAgain(me).finally(() => {
    asking = null;
  });
  return asking;
});

/**
 * @param {Person} me
 * @returns {Promise<boolean>}
 */
function askAgain(me) {
  return new Promise((resolve) => {
    let isBack = false;
    const form = makeForm(signInFields(), {
      submit: T.signIn,
      run: async ({ username, password }) => {
        const next = await signIn(username, password, false).catch((error) => {
          throw asSignInError(error);
        });
        isBack = next.id === me.id;
        if (!isBack) location.reload();
        dialog.close();
      },
    });
    form.input("username").value = me.email;
    const dialog = openDialog(
      T.sessionEnded,
      { class: "small", closeText: T.close, onclose: () => resolve(isBack) },
      T.sessionEndedText,
      form.element,
    );
    form.input("password").focus();
  });
}
