/** Many requests: some at a time, each with its own result. */

import { Refusal } from "./api.js";

/** Requests at the same time. */
const AT_ONCE = 6;
/** Attempts for one item if the service is busy. */
const ATTEMPTS = 4;

/** @param {number} milliseconds */
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Repeats an action that fails for a while, after the time that the service asks for.
 *
 * @template R
 * @param {() => Promise<R>} action
 * @param {(milliseconds: number) => Promise<unknown>} wait
 * @returns {Promise<R>}
 */
export async function persist(action, wait = pause) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action();
    } catch (error) {
      const isBusy = error instanceof Refusal && error.isTemporary;
      if (!isBusy || attempt === ATTEMPTS) throw error;
      await wait((error.wait || 2 ** attempt / 4) * 1000);
    }
  }
}

/**
 * Runs an action for each item. Reports each result as soon as it is known.
 *
 * @template I, R
 * @param {I[]} items
 * @param {(item: I) => Promise<R>} action
 * @param {(item: I, error: unknown, result: R | undefined) => void} report
 * @param {{ isStopped?: () => boolean,
 *   wait?: (milliseconds: number) => Promise<unknown> }} [options]
 */
export async function forEach(items, action, report, { isStopped = () => false, wait } = {}) {
  const rest = [...items];
  const worker = async () => {
    for (let item = rest.shift(); item !== undefined && !isStopped(); item = rest.shift()) {
      const current = item;
      try {
        report(current, null, await persist(() => action(current), wait));
      } catch (error) {
        report(current, error, undefined);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
