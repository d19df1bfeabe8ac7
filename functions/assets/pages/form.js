/** Forms: labels, hints, and the refusals of the service at the fields. */

import { asRefusal } from "./api.js";
import { button, fill, h, uniqueId } from "./dom.js";
import { T } from "./texts.js";
import { countDown } from "./ui.js";

/**
 * @typedef {object} Field
 * @property {string} name the name in the request
 * @property {string} label
 * @property {string} [type] `text`, `email`, `password`, `checkbox`, `select`
 * @property {string} [value]
 * @property {string} [hint]
 * @property {string} [autocomplete]
 * @property {boolean} [optional]
 * @property {[string, string][]} [options] values and texts of a `select`
 */

/** @typedef {HTMLInputElement | HTMLSelectElement} Input */

/**
 * @typedef {object} Form
 * @property {HTMLFormElement} element
 * @property {(name: string) => Input} input
 * @property {() => Record<string, string>} values
 * @property {(error: unknown) => void} refuse
 * @property {() => void} clear removes the messages
 */

/**
 * Creates a form. `run` gets the values; its refusals appear at the fields.
 *
 * @param {Field[]} fields
 * @param {{
 *   submit: string,
 *   run: (values: Record<string, string>) => Promise<unknown>,
 *   extra?: import("./dom.js").Child[],
 *   after?: import("./dom.js").Child[],
 *   class?: string,
 *   label?: string,
 * }} options
 * @returns {Form}
 */
export function makeForm(fields, options) {
  const rows = new Map(fields.map((field) => [field.name, makeRow(field)]));
  const general = h("p", { class: "error", role: "alert" });
  const submit = h("button", { class: "primary" }, options.submit);
  const element = h(
    "form",
    { novalidate: true, class: options.class ?? "form", "aria-label": options.label },
    [...rows.values()].map((row) => row.element),
    options.extra ?? [],
    general,
    h("div", { class: "actions" }, submit, options.after ?? []),
  );
  let isRunning = false;
  element.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isRunning || submit.getAttribute("aria-disabled")) return;
    form.clear();
    if (refuseEmpty(fields, rows)) return;
    isRunning = true;
    element.setAttribute("aria-busy", "true");
    try {
      await options.run(form.values());
    } catch (error) {
      form.refuse(error);
    } finally {
      isRunning = false;
      element.removeAttribute("aria-busy");
    }
  });
  /** @type {Form} */
  const form = {
    element,
    input: (name) => /** @type {Row} */ (rows.get(name)).input,
    values: () => valuesOf(rows),
    refuse: (error) => refuse(asRefusal(error), rows, general, submit),
    clear: () => {
      fill(general);
      for (const row of rows.values()) row.say("");
    },
  };
  return form;
}

/** @typedef {{ element: HTMLElement, input: Input, say: (message: string) => void }} Row */

/**
 * @param {Field} field
 * @returns {Row}
 */
function makeRow(field) {
  const [id, hintId, errorId] = [uniqueId(), uniqueId(), uniqueId()];
  const input = makeInput(field, id);
  const error = h("p", { id: errorId, class: "error" });
  const hint = field.hint ? h("p", { id: hintId, class: "hint" }, field.hint) : null;
  const described = [hint ? hintId : "", errorId].filter(Boolean).join(" ");
  input.setAttribute("aria-describedby", described);
  const label = h("label", { for: id }, field.label, field.optional ? optionalMark(field) : null);
  const isCheck = field.type === "checkbox";
  const shown = field.type === "password" ? withShowButton(input, field) : input;
  const order = isCheck ? [h("div", { class: "check" }, input, label), hint] : [label, hint, shown];
  return {
    element: h("div", { class: "field" }, order, error),
    input,
    say: (message) => {
      fill(error, message);
      if (message) {
        input.setAttribute("aria-invalid", "true");
      } else {
        input.removeAttribute("aria-invalid");
      }
    },
  };
}

/** @param {Field} field */
function optionalMark(field) {
  const needsMark = field.type !== "checkbox" && field.type !== "select";
  return needsMark ? h("span", { class: "optional" }, ` ${T.optional}`) : null;
}

/**
 * @param {Field} field
 * @param {string} id
 * @returns {Input}
 */
function makeInput(field, id) {
  const { name, value = "", type = "text", autocomplete } = field;
  if (type === "select") {
    const options = (field.options ?? []).map(([code, text]) =>
      h("option", { value: code, selected: code === value, lang: null }, text),
    );
    return h("select", { id, name }, options);
  }
  if (type === "checkbox") return h("input", { id, name, type, checked: value === "true" });
  const required = field.optional ? null : "true";
  const isWord = type === "email" || type === "password";
  return h("input", {
    id,
    name,
    // A browser changes what is typed into a field of the type `email`: international addresses.
    type: type === "email" ? "text" : type,
    inputmode: type === "email" ? "email" : null,
    value,
    autocomplete,
    "aria-required": required,
    spellcheck: isWord ? "false" : null,
    autocapitalize: isWord ? "none" : null,
  });
}

/**
 * @param {Input} input
 * @param {Field} field
 */
function withShowButton(input, field) {
  const show = button(
    T.show,
    () => {
      const isHidden = input.getAttribute("type") === "password";
      input.setAttribute("type", isHidden ? "text" : "password");
      show.setAttribute("aria-pressed", String(isHidden));
    },
    { "aria-pressed": "false", "aria-label": T.showField(field.label) },
  );
  return h("div", { class: "with-button" }, input, show);
}

/**
 * @param {Field[]} fields
 * @param {Map<string, Row>} rows
 */
function refuseEmpty(fields, rows) {
  const isEmpty = (/** @type {Field} */ field) =>
    !field.optional && !["checkbox", "select"].includes(field.type ?? "") &&
    rows.get(field.name)?.input.value.trim() === "";
  const empty = fields.filter(isEmpty).map((field) => rows.get(field.name));
  for (const row of empty) row?.say(T.fillIn);
  empty[0]?.input.focus();
  return empty.length > 0;
}

/** @param {Map<string, Row>} rows */
function valuesOf(rows) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const [name, { input }] of rows) {
    const isCheck = input instanceof HTMLInputElement && input.type === "checkbox";
    values[name] = isCheck ? String(input.checked) : input.value;
  }
  return values;
}

/**
 * @param {Refusal} refusal
 * @param {Map<string, Row>} rows
 * @param {HTMLElement} general
 * @param {HTMLButtonElement} submit
 */
function refuse(refusal, rows, general, submit) {
  const known = Object.entries(refusal.errors).filter(([name]) => rows.has(name));
  for (const [name, message] of known) rows.get(name)?.say(message);
  if (known.length === 0 || refusal.isTemporary) {
    const others = Object.entries(refusal.errors).map(([name, message]) =>
      rows.size > 0 ? `${name}: ${message}` : message,
    );
    fill(general, others.length > 0 && !refusal.isTemporary ? others.join(" ") : refusal.message);
  }
  if (refusal.wait > 0) countDown(submit, refusal.wait);
  const first = [...rows].find(([name]) => name in refusal.errors);
  (first?.[1].input ?? submit).focus();
}

/** @typedef {import("./api.js").Refusal} Refusal */
