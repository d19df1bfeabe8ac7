/** `/admin/audit`: what happened, in sentences. */

import { asRefusal, get, isAborted } from "./api.js";
import { auditEvent, page } from "./answers.js";
import { readNames } from "./directory.js";
import { button, fill, h, timeElement } from "./dom.js";
import { makeForm } from "./form.js";
import { csv, exactTime } from "./format.js";
import { persist } from "./queue.js";
import { query, rewrite } from "./router.js";
import { ACTIONS, peopleIn, sentence, sentenceText } from "./sentences.js";
import { loadGroups, loadMe, loadSite } from "./session.js";
import { mount } from "./shell.js";
import { T } from "./texts.js";
import { banner, skeleton } from "./ui.js";

/** @typedef {import("./answers.js").AuditEvent} AuditEvent */
/** @typedef {import("./answers.js").Page<AuditEvent>} Events */

const FILTERS = ["target", "actor", "action", "from", "to"];
const SHOWN = 50;
/** Events in a request for a file. */
const AT_ONCE_IN_FILE = 100;

/** The first row of a file. */
const HEAD = "at sentence action actor via target ip fields request".split(" ");

/** Names that this page has read. */
/** @type {Map<number, string>} */
const names = new Map();

/** @param {string} search */
export function auditFilter(search) {
  const values = new URLSearchParams(search);
  return Object.fromEntries(FILTERS.map((name) => [name, values.get(name)?.trim() ?? ""]));
}

/**
 * @param {Record<string, string>} filter
 * @param {string | null} cursor
 * @param {number} limit
 */
function readEvents(filter, cursor, limit) {
  const path = `/api/audit${query({ ...filter, limit, cursor })}`;
  return get(path, (data) => page(data, auditEvent));
}

/** `/admin/audit` */
export async function auditPage() {
  const filter = auditFilter(location.search);
  const problem = h("div");
  const body = h("tbody");
  const table = h("div", null, skeleton());
  const end = h("div", { class: "end-of-list" });
  const download = button(T.csv, () => downloadCsv(filter, download, problem));
  const form = filterForm(filter);
  const actions = [download];
  mount({ title: T.audit, section: "audit", actions }, form.element, problem, table, end);
  const load = async (/** @type {string | null} */ cursor) => {
    const [found] = await Promise.all([readEvents(filter, cursor, SHOWN), loadMe()]);
    fill(problem);
    const rows = found.rows.map(eventRow);
    body.append(...rows.map(({ element }) => element));
    showTable(table, body);
    if (body.childElementCount === 0 && !found.next) {
      fill(table, h("p", { class: "empty" }, T.noEvents));
    }
    fill(end, found.next ? button(T.more, () => attempt(found.next)) : null);
    await Promise.all([
      readNames(peopleIn(found.rows), names),
      loadGroups().catch(() => null),
    ]);
    for (const { event, text } of rows) fill(text, sentence(event, names));
    await loadSite().catch(() => null);
  };
  const attempt = async (/** @type {string | null} */ cursor) => {
    try {
      await load(cursor);
    } catch (error) {
      if (isAborted(error)) return;
      if (body.childElementCount === 0) fill(table);
      const refusal = asRefusal(error);
      if (Object.keys(refusal.errors).some((name) => FILTERS.includes(name))) {
        form.refuse(refusal);
      } else {
        fill(problem, banner(refusal, () => attempt(cursor)));
      }
    }
  };
  await attempt(null);
}

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} body
 */
function showTable(place, body) {
  const heads = T.auditColumns.map((text) => h("th", { scope: "col" }, text));
  const caption = h("caption", { class: "away" }, T.audit);
  const head = h("thead", null, h("tr", null, heads));
  fill(place, h("table", { class: "plain audit" }, caption, head, body));
}

/** @param {Record<string, string>} filter */
function filterForm(filter) {
  /** @type {[string, string][]} */
  const actions = Object.keys(ACTIONS).sort().map((name) => [name, name.replaceAll("-", " ")]);
  const labels = T.auditFilters;
  return makeForm(
    [
      field("target", labels.target, T.idHint),
      field("actor", labels.actor, T.actorHint),
      {
        name: "action",
        label: labels.action,
        type: "select",
        value: filter.action,
        options: [["", T.anyAction], ...actions],
      },
      { ...field("from", labels.from), type: "date" },
      { ...field("to", labels.to), type: "date" },
    ],
    {
      submit: T.filter,
      class: "filter-form",
      label: T.filter,
      run: async (values) => {
        rewrite(`/admin/audit${query(values)}`);
        await auditPage();
      },
    },
  );

  /**
   * @param {string} name
   * @param {string} label
   * @param {string} [hint]
   */
  function field(name, label, hint) {
    return { name, label, hint, value: filter[name], optional: true, autocomplete: "off" };
  }
}

/** @param {AuditEvent} event */
function eventRow(event) {
  const text = h("span", null, sentence(event, names));
  const facts = [
    [T.auditFilters.action, event.action],
    [T.via, event.via],
    [T.request, event.request],
    [T.field, event.fields.join(", ")],
  ];
  const shown = facts.filter(([, value]) => value);
  const details = h(
    "details",
    null,
    h("summary", null, T.details),
    h("dl", null, shown.map(([name, value]) => [h("dt", null, name), h("dd", null, value)]).flat()),
  );
  const element = h(
    "tr",
    null,
    h("td", null, timeElement(event.at, exactTime(event.at))),
    h("td", null, text, details),
    h("td", null, event.address),
  );
  return { event, text, element };
}

/**
 * Reads all events of the filter into a file.
 *
 * @param {Record<string, string>} filter
 * @param {HTMLButtonElement} control
 * @param {HTMLElement} problem
 */
async function downloadCsv(filter, control, problem) {
  if (control.getAttribute("aria-busy")) return;
  control.setAttribute("aria-busy", "true");
  try {
    const rows = [HEAD];
    /** @type {string | null} */
    let cursor = null;
    do {
      /** @type {string | null} */
      const current = cursor;
      /** @type {Events} */
      const found = await persist(() => readEvents(filter, current, AT_ONCE_IN_FILE));
      rows.push(...found.rows.map(csvRow));
      cursor = found.next;
      fill(control, T.csvRunning(rows.length - 1));
    } while (cursor && control.isConnected);
    save("audit.csv", csv(rows));
  } catch (error) {
    fill(problem, banner(asRefusal(error), () => downloadCsv(filter, control, problem)));
  } finally {
    control.removeAttribute("aria-busy");
    fill(control, T.csv);
  }
}

/** @param {AuditEvent} event */
export function csvRow(event) {
  const { at, action, actor, via, target, address, fields, request } = event;
  const about = target ? `${target.type}:${target.id}` : "";
  const by = actor === null ? "" : String(actor);
  const text = sentenceText(event, names);
  return [at, text, action, by, via, about, address, fields.join(" "), request];
}

/**
 * @param {string} name
 * @param {string} text
 */
function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
