/** The keys of the table of people. */

import { navigate } from "./router.js";

/**
 * The keys, by name.
 *
 * @param {import("./people.js").PeoplePage} page
 */
export function keysOfPeople(page) {
  /** @type {(run: () => void) => (event: KeyboardEvent) => void} */
  const act = (run) => (event) => {
    if (page.sheet) return;
    event.preventDefault();
    run();
  };
  const toggle = (/** @type {boolean} */ isRange) => () => {
    const row = page.rows[page.current];
    if (!row) return;
    row.box.checked = !row.box.checked;
    page.choice.choose(row, isRange);
  };
  const focusName = () => {
    const field = page.sheet?.querySelector("input");
    if (field instanceof HTMLInputElement) field.focus();
  };
  return {
    "/": act(() => page.search.focus()),
    j: act(() => page.move(1)),
    k: act(() => page.move(-1)),
    ArrowDown: act(() => page.move(1)),
    ArrowUp: act(() => page.move(-1)),
    x: act(toggle(false)),
    X: act(toggle(true)),
    i: act(() => page.invite()),
    e: (/** @type {KeyboardEvent} */ event) => {
      event.preventDefault();
      const row = page.rows[page.current];
      if (page.sheet) {
        focusName();
      } else if (row) {
        navigate(page.personPath(row.person.id));
      }
    },
  };
}
