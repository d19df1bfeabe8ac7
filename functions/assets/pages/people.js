/** `/admin/people`: the table of people. Its view is in the address. */

import { asRefusal, isAborted } from "./api.js";
import { openMenu } from "./actions.js";
import { Choice } from "./choice.js";
import { EVERYBODY, PAGE, countPeople, listPeople, queryOf, viewOf } from "./directory.js";
import { button, fill, h, link } from "./dom.js";
import { emptyState, makeFilters } from "./filters.js";
import { openInvite } from "./invite.js";
import { setPageKeys } from "./keyboard.js";
import { keysOfPeople } from "./people-keys.js";
import { openPerson } from "./person.js";
import { navigate, parts, rewrite } from "./router.js";
import { showStatus } from "./people-status.js";
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
export class PeoplePage {
  constructor() {
    this.view = viewOf(location.search);
    /** @type {Row[]} */
    this.rows = [];
    /** @type {string | null} */
    this.next = null;
    /** @type {number | null} */
    this.total = null;
    this.current = -1;
    this.abort = new AbortController();
    /** @type {HTMLDialogElement | null} */
    this.sheet = null;
    this.problem = h("div");
    this.status = h("p", { role: "status", class: "quiet-text count" });
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
    this.filters = makeFilters((change) => this.look(change));
    this.choice = new Choice(() => this.rows, () => this.refresh());
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
      h("div", { class: "filters", role: "search" }, this.search, this.filters.elements),
      this.problem,
      this.status,
      this.choice.bar,
      this.table,
      this.end,
    );
    this.search.addEventListener("input", later(() => this.look({ text: this.search.value })));
    setPageKeys(keysOfPeople(this));
    this.filters.show(this.view, null);
    this.update();
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
    this.filters.show(this.view, null);
    try {
      const from = isFirst ? null : this.next;
      const before = this.rows.length;
      const [found] = await Promise.all([listPeople(this.view, from, abort.signal), loadMe()]);
      clearTimeout(grey);
      if (!known.me?.isAdmin) return;
      fill(this.problem);
      this.next = found.next;
      this.total = found.total;
      this.addRows(found.rows, isFirst);
      this.showEnd();
      this.table.removeAttribute("aria-busy");
      if (isFirst && found.rows.length < PAGE) await this.goOn(abort);
      if (!isFirst && this.rows.length === before) await this.goOn(abort, 1);
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
   * Goes on with a search that reads everybody, until there is a page of people, or a number of new
   * ones. What was found is on the screen meanwhile.
   *
   * @param {AbortController} abort
   * @param {number} [wanted]
   */
  async goOn(abort, wanted) {
    let isStopped = false;
    const stop = button(T.stop, () => {
      isStopped = true;
    });
    const goal = wanted ? this.rows.length + wanted : PAGE;
    while (this.next && this.next !== EVERYBODY && this.rows.length < goal && !isStopped) {
      fill(this.status, T.searching(this.rows.length), " ", stop);
      const more = await listPeople(this.view, this.next, abort.signal);
      this.next = more.next;
      this.addRows(more.rows, false);
      this.showEnd();
    }
    showStatus(this);
  }

  /** What the first screen does not need: names of groups, counts, the name of the site. */
  async loadRest() {
    await loadGroups().catch(() => null);
    for (const { element, person } of this.rows) {
      const place = element.querySelector(".groups ul");
      if (place) fill(place, chips(person));
    }
    this.filters.show(this.view, null);
    await loadSite().catch(() => null);
    this.filters.show(this.view, await countPeople());
  }

  /**
   * @param {import("./answers.js").Person[]} people
   * @param {boolean} isFirst
   */
  addRows(people, isFirst) {
    const focused = this.rows.find(({ element }) => element.contains(document.activeElement));
    if (isFirst) {
      this.rows = [];
      this.choice.last = -1;
    }
    const known = new Set(this.rows.map(({ person }) => person.id));
    const added = people.filter(({ id }) => !known.has(id)).map((one) =>
      personRow(one, {
        href: this.personPath(one.id),
        choose: (row, isRange) => this.choice.choose(row, isRange),
        menu: (person) =>
          openMenu(person, {
            edit: () => navigate(this.personPath(person.id)),
            changed: () => this.refresh(),
          }),
      }),
    );
    for (const row of added) row.box.checked = this.choice.ids.has(row.person.id);
    this.rows.push(...added);
    if (this.rows.length === 0) {
      fill(this.table, emptyState(this.view, (change) => {
        if (change.text === "") this.search.value = "";
        this.look(change);
      }));
    } else {
      if (isFirst) fill(this.body);
      this.body.append(...added.map(({ element }) => element));
      this.showTable();
    }
    showStatus(this);
    this.choice.show();
    const again = this.rows.find(({ person }) => person.id === focused?.person.id);
    again?.element.querySelector("a")?.focus();
  }

  showTable() {
    const focused = this.table.querySelector("thead th:focus-within")?.className;
    const order = (/** @type {string} */ sort) => this.look({ sort });
    const caption = h("caption", { class: "away" }, T.people);
    const head = tableHead(this.view.sort, order, this.choice.all);
    fill(this.table, h("table", { role: "table" }, caption, head, this.body));
    const button = focused ? head.querySelector(`.${focused} button`) : null;
    if (button instanceof HTMLElement) button.focus();
  }

  showEnd() {
    if (!this.next) {
      fill(this.end);
      return;
    }
    const text = this.next === EVERYBODY ? T.searchEverybody : T.more;
    const more = button(text, async () => {
      const before = this.rows.length;
      await this.load(false);
      this.rows[before]?.element.querySelector("a")?.focus();
    });
    fill(this.end, more);
  }
}

export function peoplePage() {
  const page = new PeoplePage();
  page.start();
  return page;
}
