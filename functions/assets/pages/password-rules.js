/** The rules of a password, checked while typing. The service decides. */

import { T } from "./texts.js";

/** Characters of each kind, as the service counts them. */
const KINDS = new Map([
  ["total", /./gsu],
  ["lower", /\p{Lowercase}/gu],
  ["upper", /\p{Uppercase}/gu],
  ["digit", /[0-9]/g],
  ["special", /[^\p{Alphabetic}\p{N}]/gu],
]);

/**
 * The rules of the policy, and whether a password keeps each.
 *
 * @param {Record<string, number>} policy
 * @param {string} password
 */
export function rules(policy, password) {
  const kinds = Object.entries(policy).filter(([kind]) => KINDS.has(kind));
  return kinds.map(([kind, least]) => {
    const found = password.match(/** @type {RegExp} */ (KINDS.get(kind)))?.length ?? 0;
    return { text: T.rule(kind, least), isKept: found >= least };
  });
}
