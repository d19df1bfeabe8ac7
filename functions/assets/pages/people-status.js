/** The line above the table of people. */

import { button, fill, link } from "./dom.js";
import { known } from "./session.js";
import { T } from "./texts.js";

/**
 * Shows how many people there are, or were found.
 *
 * @param {import("./people.js").PeoplePage} page
 */
export function showStatus(page) {
  const { text, group, state } = page.view;
  const isAll = !text && !group && state !== "invited";
  if (isAll && page.total === 1 && page.rows[0]?.person.id === known.me?.id) {
    const start = button(T.invite, () => page.invite());
    fill(page.status, `${T.onlyYou} `, start, " ", link("/admin/import", T.import));
  } else if (page.total !== null && isAll) {
    fill(page.status, T.peopleCount(page.total));
  } else {
    fill(page.status, T.found(page.rows.length, page.next !== null));
  }
}
