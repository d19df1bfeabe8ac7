/** `/admin/people`: the table of people. Its view is in the address. */

import { asRefusal, isAborted } from "./api.js";
import { openMenu } from "./actions.js";
import { bulkBar } from "./bulk.js";
import { PAGE, countPeople, listPeople, queryOf, viewOf } from "./directory.js";
import { button, fill, h, link } from "./dom.js";
import { openInvite } from "./invite.js";
import { setPageKeys } from "./keyboard.js";
import { openPerson } from "./person.js";
import { navigate, parts, rewrite } from "./router.js";
import { chips, personRow, tableHead } from "./rows.js";
import { forgetGroups, known, loadGroups, loadMe, loadSite } from "./session.js";
import { mount, setTitle } from "./shell.js";
import { T } from "./texts.js";
import { banner, later, skeleton } from "./ui.js";

/** @typedef {import("./rows.js").Row} Row */
/** @typedef {import("./directory.js").View} View */

/** Milliseconds before grey rows appear. */
const PATIENCE = 150;

/** The list, as long as it is on the screen. */
class PeoplePage {
  constructor() {
    this.view = viewOf(location.search);
    /** @type {Row[]} */
    this.rows = [];
    /** @type {Set<number>} */
    this.chosen = new Set();
    /** @type {string | null} */
    this.next = null;
    /** @type {number | null} */
    this.total = null;
    this.current = -1;
    this.last = -1;
    this.abort = new AbortController();
    /** @type {HTMLDialogElement | null} */
    this.sheet = null;
    this.problem = h("div");
    this.status = h("p", { role: "status", class: "quiet-text count" });
    this.bar = h("div", { class: "bulk", hidden: true, role: "group", "aria-label": T.results });
    this.table = h("div", { class: "table" });
    this.body = h("tbody", { role: "rowgroup" });
    this.end = h("div", { class: "end-of-list" });
    this.search = h("input", {
      type: "search",
      value: this.view.text,
      "aria-label": T.searchPeople,
      placeholder: T.searchPeople,
      "aria-keyshortcuts": "/",
      spellcheck: "false",
      autocomplete: "off",
    });
    this.group = h("select", { "aria-label": T.groupFilter });
    this.states = h("div", { class: "segments", role: "group", "aria-label": T.state });
    this.all = h("input", { type: "checkbox", "aria-label": T.chooseAll });
  }

  start() {
    mount(
      {
        title: T.people,
        section: "people",
        actions: [
          link("/admin/import", T.import, { class: "button" }),
          button(T.invite, () => this.invite(), { class: "primary", "aria-keyshortcuts": "i" }),
        ],
      },
      h("div", { class: "filters", role: "search" }, this.search, this.group, this.states),
      this.problem,
      this.status,
      this.bar,
      this.table,
      this.end,
    );
    this.search.addEventListener("input", later(() => this.look({ text: this.search.value })));
    this.group.addEventListener("change", () => this.look({ group: this.group.value }));
    this.all.addEventListener("change", () => this.chooseAll(this.all.checked));
    setPageKeys(this.keys());
    this.showControls(null);
    this.update();
  }

  keys() {
    /** @type {(run: () => void) => (event: KeyboardEvent) => void} */
    const act = (run) => (event) => {
      if (this.sheet) return;
      event.preventDefault();
      run();
    };
    const toggle = (/** @type {boolean} */ isRange) => () => {
      const row = this.rows[this.current];
      if (!row) return;
      row.box.checked = !row.box.checked;
      this.choose(row, isRange);
    };
    const focusName = () => {
      const field = this.sheet?.querySelector("input");
      if (field instanceof HTMLInputElement) field.focus();
    };
    return {
      "/": act(() => this.search.focus()),
      j: act(() => this.move(1)),
      k: act(() => this.move(-1)),
      ArrowDown: act(() => this.move(1)),
      ArrowUp: act(() => this.move(-1)),
      x: act(toggle(false)),
      X: act(toggle(true)),
      i: act(() => this.invite()),
      e: (/** @type {KeyboardEvent} */ event) => {
        event.preventDefault();
        const row = this.rows[this.current];
        if (this.sheet) {
          focusName();
        } else if (row) {
          navigate(this.personPath(row.person.id));
        }
      },
    };
  }

  /** @param {number} step */
  move(step) {
    const focused = this.rows.findIndex(({ element }) => element.contains(document.activeElement));
    const from = focused >= 0 ? focused : this.current;
    this.current = Math.max(0, Math.min(this.rows.length - 1, from + step));
    this.rows[this.current]?.element.querySelector("a")?.focus();
    if (this.current === this.rows.length - 1 && this.next && step > 0) this.load(false);
  }

  /** Ends everything that would still change the page. */
  leave() {
    this.abort.abort();
    this.sheet = null;
  }

  /** Shows what the address says. Called again when it changes. */
  update() {
    const [, , id] = parts(location.pathname);
    const view = viewOf(location.search);
    const isOther = queryOf(view) !== queryOf(this.view);
    this.view = view;
    if (isOther && this.search.value.trim() !== view.text.trim()) this.search.value = view.text;
    const number = Number(id);
    if (Number.isSafeInteger(number) && number > 0) {
      this.open(number);
    } else if (this.sheet) {
      this.sheet.close();
    }
    if (isOther || (this.rows.length === 0 && !this.sheet)) this.load(true);
    if (new URLSearchParams(location.search).has("invite")) {
      rewrite(`/admin/people${queryOf(view)}`);
      this.invite();
    }
  }

  /** @param {number} id */
  open(id) {
    if (this.sheet) this.sheet.close();
    const sheet = openPerson(id, {
      changed: () => this.refresh(),
      loaded: () => {
        if (this.rows.length === 0) this.load(true);
      },
      closed: () => {
        if (this.sheet !== sheet) return;
        this.sheet = null;
        setTitle(T.people);
        if (parts(location.pathname)[2]) navigate(`/admin/people${location.search}`);
        if (this.rows.length === 0) this.load(true);
      },
    });
    this.sheet = sheet;
    this.current = this.rows.findIndex(({ person }) => person.id === id);
  }

  invite() {
    openInvite(() => this.refresh());
  }

  /** @param {number} id */
  personPath(id) {
    return `/admin/people/${id}${queryOf(this.view)}`;
  }

  /** @param {Partial<View>} change */
  look(change) {
    const view = { ...this.view, ...change };
    if (queryOf(view) === queryOf(this.view)) return;
    this.view = view;
    rewrite(`/admin/people${queryOf(view)}`);
    this.load(true);
  }

  refresh() {
    forgetGroups();
    this.load(true);
  }

  /**
   * Loads the first page or the next one. The rows of before stay until the answer.
   *
   * @param {boolean} isFirst
   */
  async load(isFirst) {
    this.abort.abort();
    const abort = new AbortController();
    this.abort = abort;
    const grey = setTimeout(() => {
      if (this.rows.length === 0) fill(this.table, skeleton());
    }, PATIENCE);
    this.table.setAttribute("aria-busy", "true");
    this.showControls(null);
    try {
      const [found] = await Promise.all([this.read(isFirst, abort), loadMe()]);
      clearTimeout(grey);
      if (!known.me?.isAdmin) return;
      fill(this.problem);
      this.next = found.next;
      this.total = found.total;
      this.addRows(found.rows, isFirst);
      this.showEnd();
      this.table.removeAttribute("aria-busy");
      await this.loadRest();
    } catch (error) {
      if (isAborted(error) || abort.signal.aborted) return;
      if (this.rows.length === 0) fill(this.table);
      fill(this.problem, banner(asRefusal(error), () => this.load(isFirst)));
      this.table.removeAttribute("aria-busy");
    } finally {
      clearTimeout(grey);
    }
  }

  /**
   * Reads pages until there is one to show. A search may read many people without finding some.
   *
   * @param {boolean} isFirst
   * @param {AbortController} abort
   */
  async read(isFirst, abort) {
    const found = await listPeople(this.view, isFirst ? null : this.next, abort.signal);
    let isStopped = false;
    while (found.next && found.rows.length < PAGE && !isStopped) {
      const stop = button(T.stop, () => {
        isStopped = true;
      });
      fill(this.status, T.searching(found.rows.length), " ", stop);
      const more = await listPeople(this.view, found.next, abort.signal);
      found.rows.push(...more.rows);
      found.next = more.next;
    }
    return found;
  }

  /** What the first screen does not need: names of groups, counts, the name of the site. */
  async loadRest() {
    await loadGroups().catch(() => null);
    for (const { element, person } of this.rows) {
      const place = element.querySelector(".groups ul");
      if (place) fill(place, chips(person));
    }
    this.showControls(null);
    await loadSite().catch(() => null);
    this.showControls(await countPeople());
  }

  /**
   * @param {import("./answers.js").Person[]} people
   * @param {boolean} isFirst
   */
  addRows(people, isFirst) {
    const focused = this.rows.find(({ element }) => element.contains(document.activeElement));
    if (isFirst) {
      this.rows = [];
      this.last = -1;
    }
    const known = new Set(this.rows.map(({ person }) => person.id));
    const added = people.filter(({ id }) => !known.has(id)).map((one) =>
      personRow(one, {
        href: this.personPath(one.id),
        choose: (row, isRange) => this.choose(row, isRange),
        menu: (person) =>
          openMenu(person, {
            edit: () => navigate(this.personPath(person.id)),
            changed: () => this.refresh(),
          }),
      }),
    );
    for (const row of added) row.box.checked = this.chosen.has(row.person.id);
    this.rows.push(...added);
    if (this.rows.length === 0) {
      fill(this.table, this.emptyState());
    } else {
      if (isFirst) fill(this.body);
      this.body.append(...added.map(({ element }) => element));
      this.showTable();
    }
    this.showStatus();
    this.showBar();
    const again = this.rows.find(({ person }) => person.id === focused?.person.id);
    again?.element.querySelector("a")?.focus();
  }

  showTable() {
    const focused = this.table.querySelector("thead th:focus-within")?.className;
    const order = (/** @type {string} */ sort) => this.look({ sort });
    const caption = h("caption", { class: "away" }, T.people);
    const head = tableHead(this.view.sort, order, this.all);
    fill(this.table, h("table", { role: "table" }, caption, head, this.body));
    const button = focused ? head.querySelector(`.${focused} button`) : null;
    if (button instanceof HTMLElement) button.focus();
  }

  emptyState() {
    const { text, group, state } = this.view;
    if (!text && !group && state === "active") return h("p", { class: "empty" }, T.onlyYou);
    const sentence = text ? T.noMatchFor(text) : T.nobody;
    return h(
      "div",
      { class: "empty" },
      h("p", null, sentence),
      button(T.clearFilters, () => {
        this.search.value = "";
        this.look({ text: "", group: "", state: "active" });
      }),
      state === "deactivated"
        ? null
        : button(T.lookDeactivated, () => this.look({ state: "deactivated" })),
    );
  }

  showStatus() {
    const { text, group, state } = this.view;
    const isAll = !text && !group && state !== "invited";
    if (isAll && this.total === 1 && this.rows[0]?.person.id === known.me?.id) {
      const start = button(T.invite, () => this.invite());
      fill(this.status, `${T.onlyYou} `, start, " ", link("/admin/import", T.import));
    } else if (this.total !== null && isAll) {
      fill(this.status, T.peopleCount(this.total));
    } else {
      fill(this.status, T.found(this.rows.length, this.next !== null));
    }
  }

  showEnd() {
    if (!this.next) {
      fill(this.end);
      return;
    }
    const more = button(T.more, async () => {
      const before = this.rows.length;
      await this.load(false);
      this.rows[before]?.element.querySelector("a")?.focus();
    });
    fill(this.end, more);
  }

  /** @param {Record<string, number> | null} counts */
  showControls(counts) {
    const groups = (known.groups ?? []).filter(({ id }) => id !== 1);
    const options = groups.map(({ id, name }) => h("option", { value: id }, name));
    if (options.length > 0 || this.group.options.length === 0) {
      fill(this.group, h("option", { value: "" }, T.allGroups), options);
    }
    this.group.value = this.view.group;
    const isFocused = this.states.contains(document.activeElement);
    const buttons = Object.entries(T.states).map(([state, text]) => {
      const number = counts?.[state];
      const shown = number === undefined ? text : `${text} (${number})`;
      const isPressed = String(this.view.state === state);
      return button(shown, () => this.look({ state }), { "aria-pressed": isPressed });
    });
    if (counts || this.states.childElementCount === 0 || !isSame(this.states, this.view.state)) {
      fill(this.states, buttons);
      if (isFocused) buttons.find((one) => one.getAttribute("aria-pressed") === "true")?.focus();
    }
  }

  /**
   * @param {Row} row
   * @param {boolean} isRange
   */
  choose(row, isRange) {
    const index = this.rows.indexOf(row);
    const other = isRange && this.last >= 0 ? this.last : index;
    const [from, to] = [Math.min(other, index), Math.max(other, index)];
    for (const one of this.rows.slice(from, to + 1)) {
      one.box.checked = row.box.checked;
      if (row.box.checked) {
        this.chosen.add(one.person.id);
      } else {
        this.chosen.delete(one.person.id);
      }
    }
    this.last = index;
    this.showBar();
  }

  /** @param {boolean} isChosen */
  chooseAll(isChosen) {
    this.chosen.clear();
    for (const { person, box } of this.rows) {
      box.checked = isChosen;
      if (isChosen) this.chosen.add(person.id);
    }
    this.showBar();
  }

  showBar() {
    const people = this.rows.filter(({ person }) => this.chosen.has(person.id));
    this.chosen = new Set(people.map(({ person }) => person.id));
    this.all.checked = people.length > 0 && people.length === this.rows.length;
    this.all.indeterminate = people.length > 0 && !this.all.checked;
    this.bar.hidden = people.length === 0;
    const persons = people.map(({ person }) => person);
    const clear = () => {
      this.chooseAll(false);
      this.all.focus();
    };
    const changed = () => {
      this.chooseAll(false);
      this.refresh();
    };
    fill(this.bar, people.length > 0 ? bulkBar(persons, { clear, changed }).flat() : []);
  }
}

/**
 * Whether the pressed button is that of a state.
 *
 * @param {HTMLElement} buttons
 * @param {string} state
 */
function isSame(buttons, state) {
  const index = Object.keys(T.states).indexOf(state);
  return buttons.children[index]?.getAttribute("aria-pressed") === "true";
}

export function peoplePage() {
  const page = new PeoplePage();
  page.start();
  return page;
}
