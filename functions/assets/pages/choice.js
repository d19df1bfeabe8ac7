/** The chosen rows of the table, and the bar with actions for them. */

import { bulkBar } from "./bulk.js";
import { fill, h } from "./dom.js";
import { T } from "./texts.js";

/** @typedef {import("./rows.js").Row} Row */

export class Choice {
  /**
   * @param {() => Row[]} rows the rows of the table
   * @param {() => void} changed called after an action
   */
  constructor(rows, changed) {
    this.rows = rows;
    this.changed = changed;
    /** @type {Set<number>} */
    this.ids = new Set();
    /** The row of the last choice, for a range. */
    this.last = -1;
    this.bar = h("div", { class: "bulk", hidden: true, role: "group", "aria-label": T.results });
    this.all = h("input", { type: "checkbox", "aria-label": T.chooseAll });
    this.all.addEventListener("change", () => this.chooseAll(this.all.checked));
  }

  /**
   * @param {Row} row
   * @param {boolean} isRange
   */
  choose(row, isRange) {
    const rows = this.rows();
    const index = rows.indexOf(row);
    const other = isRange && this.last >= 0 ? this.last : index;
    const [from, to] = [Math.min(other, index), Math.max(other, index)];
    for (const one of rows.slice(from, to + 1)) {
      one.box.checked = row.box.checked;
      if (row.box.checked) {
        this.ids.add(one.person.id);
      } else {
        this.ids.delete(one.person.id);
      }
    }
    this.last = index;
    this.show();
  }

  /** @param {boolean} isChosen */
  chooseAll(isChosen) {
    this.ids.clear();
    for (const { person, box } of this.rows()) {
      box.checked = isChosen;
      if (isChosen) this.ids.add(person.id);
    }
    this.show();
  }

  show() {
    const rows = this.rows();
    const people = rows.map(({ person }) => person).filter(({ id }) => this.ids.has(id));
    this.ids = new Set(people.map(({ id }) => id));
    this.all.checked = people.length > 0 && people.length === rows.length;
    this.all.indeterminate = people.length > 0 && !this.all.checked;
    this.bar.hidden = people.length === 0;
    const clear = () => {
      this.chooseAll(false);
      this.all.focus();
    };
    const changed = () => {
      this.chooseAll(false);
      this.changed();
    };
    fill(this.bar, people.length > 0 ? bulkBar(people, { clear, changed }).flat() : []);
  }
}
