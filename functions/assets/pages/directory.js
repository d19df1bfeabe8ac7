/** Reading and changing people. */

import { asRefusal, get, readable, request } from "./api.js";
import { object, page, person } from "./answers.js";
import { query } from "./router.js";

/** @typedef {import("./answers.js").Person} Person */
/** @typedef {import("./answers.js").Page<Person>} People */

/**
 * @typedef {object} View the people to show
 * @property {string} text
 * @property {string} group
 * @property {string} state `active`, `deactivated` or `invited`
 * @property {string} sort
 */

/** People in a page of the list. */
export const PAGE = 50;

/** The longest beginning of a name that the service searches for. */
const LONGEST_PREFIX = 254;
const PREFIX = "prefix:";
/** The place after all names that begin with the text: everybody is searched then. */
export const EVERYBODY = "everybody";

/** A time before every sign-in: only people who never signed in match it. */
const BEFORE_ALL = "1970-01-02";

/**
 * The view in the address of the page.
 *
 * @param {string} search
 * @returns {View}
 */
export function viewOf(search) {
  const values = new URLSearchParams(search);
  const state = values.get("state") ?? "";
  const sort = values.get("sort") ?? "";
  const group = values.get("group") ?? "";
  return {
    text: values.get("q") ?? "",
    group: /^\d{1,15}$/.test(group) ? group : "",
    state: ["deactivated", "invited"].includes(state) ? state : "active",
    sort: /^-?(name|email|last_login|date_joined|id)$/.test(sort) ? sort : "name",
  };
}

/**
 * The query in the address of a view. Usual values are left out.
 *
 * @param {View} view
 */
export function queryOf({ text, group, state, sort }) {
  return query({
    q: text,
    group,
    state: state === "active" ? "" : state,
    sort: sort === "name" ? "" : sort,
  });
}

/**
 * Whether a search looks at the beginnings of names first, which reads only these people.
 *
 * @param {View} view
 */
function hasPrefix({ text, state, sort }) {
  const isName = text.trim() !== "" && !text.includes("@") && text.length <= LONGEST_PREFIX;
  return isName && state !== "invited" && /^-?name$/.test(sort);
}

/**
 * A page of a view, after `next`. Without it, a search has at most two requests: people whose names
 * begin with the text, and if there are none, a part of everybody.
 *
 * @param {View} view
 * @param {string | null} next
 * @param {AbortSignal} [signal]
 * @returns {Promise<People>}
 */
export async function listPeople(view, next, signal) {
  const text = view.text.trim();
  const filter = {
    query: text,
    group_id: view.group,
    status: view.state === "deactivated" ? "deactivated" : "",
    last_login_before: view.state === "invited" ? BEFORE_ALL : "",
    limit: PAGE,
  };
  const read = (/** @type {unknown} */ data) => page(data, person);
  const sort = view.sort === "name" ? "" : view.sort;
  /** @type {(filter: Record<string, unknown>, from: string) => Promise<People>} */
  const byCursor = (values, from) => {
    const rest = `cursor=${encodeURIComponent(from)}`;
    return get(`/api/user${query({ ...values, sort })}&${rest}`, read, { signal });
  };
  if (hasPrefix(view) && (next === null || next.startsWith(PREFIX))) {
    const from = next?.slice(PREFIX.length) ?? "";
    const found = await byCursor({ ...filter, query: "", name_prefix: text }, from);
    const after = found.next === null ? EVERYBODY : PREFIX + found.next;
    if (found.rows.length > 0 || next !== null) return { ...found, next: after };
  }
  const offset = /^offset:(\d+)$/.exec(next ?? "")?.[1] ?? "0";
  if (sort === "" || sort === "-name") {
    return byCursor(filter, next === EVERYBODY || next === null ? "" : next);
  }
  const path = `/api/user${query({ ...filter, sort, offset })}`;
  const found = await get(path, read, { signal });
  const end = Number(offset) + found.rows.length;
  const hasMore = found.total === null ? found.rows.length === PAGE : end < found.total;
  return { ...found, next: hasMore ? `offset:${end}` : null };
}

/**
 * Numbers of active and deactivated people, or `null` if the service does not answer.
 *
 * @returns {Promise<Record<string, number> | null>}
 */
export async function countPeople() {
  const total = async (/** @type {string} */ status) => {
    const { data } = await request("GET", `/api/user${query({ status, limit: 1, offset: "0" })}`);
    const number = object(data)?.total;
    return typeof number === "number" ? number : 0;
  };
  try {
    const [active, deactivated] = await Promise.all(["active", "deactivated"].map(total));
    return { active, deactivated };
  } catch {
    return null;
  }
}

/**
 * A person, and the version for a change.
 *
 * @param {number} id
 */
export async function readPerson(id) {
  const answer = await request("GET", `/api/user/${id}`);
  return { person: readable(answer, person), etag: answer.etag };
}

/**
 * Changes a person, if nobody else did since `etag`.
 *
 * @param {number} id
 * @param {string | null} etag
 * @param {Record<string, unknown>} body
 */
export async function changePerson(id, etag, body) {
  const answer = await request("PUT", `/api/user/${id}`, { body, etag });
  return { person: readable(answer, person), etag: answer.etag };
}

/** Attempts against others who change the same person. */
const GROUP_ATTEMPTS = 4;

/**
 * Adds groups to a person, or removes some, whatever else changes.
 *
 * @param {number} id
 * @param {number[]} added
 * @param {number[]} removed
 */
export async function changeGroups(id, added, removed) {
  for (let attempt = 1; ; attempt += 1) {
    const { person: current, etag } = await readPerson(id);
    const kept = current.groups.filter((group) => group !== 1 && !removed.includes(group));
    const groups = [...new Set([...kept, ...added])];
    try {
      return await changePerson(id, etag, { group_ids: groups });
    } catch (error) {
      if (asRefusal(error).status !== 412 || attempt === GROUP_ATTEMPTS) throw error;
    }
  }
}

/** Names read one by one at most, if the service cannot read several at once. */
const SINGLE_READS = 12;

/**
 * Reads the names of people. Those that cannot be read are left out.
 *
 * @param {number[]} ids
 * @param {Map<number, string>} names
 */
export async function readNames(ids, names) {
  const missing = ids.filter((id) => !names.has(id)).slice(0, 100);
  if (missing.length === 0) return;
  const several = await get(
    `/api/user${query({ ids: missing.join(","), status: "all", limit: 100, offset: 0 })}`,
    (data) => page(data, person),
  ).catch(() => null);
  const isAnswer = several?.rows.every(({ id }) => missing.includes(id)) ?? false;
  if (several && isAnswer) {
    for (const { id, name } of several.rows) names.set(id, name);
    return;
  }
  const reads = missing.slice(0, SINGLE_READS).map(async (id) => {
    const one = await readPerson(id).catch(() => null);
    if (one) names.set(id, one.person.name);
  });
  await Promise.all(reads);
}
