/**
 * Elements without markup in text.
 *
 * Text of people becomes text nodes and attributes only, so no name can contain an element. The
 * page would also refuse it, because its policy forbids markup in text (Trusted Types).
 */

/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, unknown>} Properties */

/** Properties of elements that are no attributes. */
const PROPERTIES = new Set(["value", "checked", "disabled", "hidden", "selected", "indeterminate"]);

/**
 * Creates an element. A function under a name with `on` becomes an event listener.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties | null} [properties]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (typeof value === "function") {
      element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    } else if (PROPERTIES.has(name)) {
      Object.assign(element, { [name]: value });
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== undefined && value !== null && value !== false) {
      element.setAttribute(name, String(value));
    }
  }
  append(element, children);
  return element;
}

/**
 * @param {Element} parent
 * @param {(Child | Child[])[]} children
 */
function append(parent, children) {
  for (const child of children.flat()) {
    if (child instanceof Node) {
      parent.append(child);
    } else if (child !== null && child !== undefined && child !== false) {
      parent.append(String(child));
    }
  }
}

/**
 * Replaces the content of an element.
 *
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

let lastId = 0;

/** An ID that no other element has. */
export function uniqueId() {
  lastId += 1;
  return `e${lastId}`;
}

/**
 * Text of a person, isolated from the direction of the text around it.
 *
 * @param {string} text
 */
export function bdi(text) {
  return h("bdi", null, text);
}

/**
 * A link within the pages.
 *
 * @param {string} href
 * @param {Child} text
 * @param {Properties} [properties]
 */
export function link(href, text, properties) {
  return h("a", { href, ...properties }, text);
}

/**
 * A button that does something at once.
 *
 * @param {Child} text
 * @param {(event: Event) => unknown} onclick
 * @param {Properties} [properties]
 */
export function button(text, onclick, properties) {
  return h("button", { type: "button", onclick, ...properties }, text);
}

/**
 * A point in time: the exact one is the title.
 *
 * @param {string | null} time
 * @param {string} text
 */
export function timeElement(time, text) {
  const exact = time ? new Date(time).toLocaleString() : undefined;
  return h("time", { datetime: time, title: exact }, text);
}

/**
 * A dialog with a heading and a button that closes it. Closing removes it, and the browser returns
 * the focus to the element before.
 *
 * @param {string} title
 * @param {{ class?: string, closeText: string, onclose?: () => void, isAlert?: boolean }} options
 * @param {...(Child | Child[])} children
 */
export function openDialog(title, options, ...children) {
  const id = uniqueId();
  const label = options.closeText;
  const close = button("×", () => dialog.close(), { class: "close", "aria-label": label });
  const dialog = h(
    "dialog",
    { class: options.class, "aria-labelledby": id, role: options.isAlert ? "alertdialog" : null },
    h("div", { class: "dialog-head" }, h("h2", { id, tabindex: -1 }, title), close),
    children.flat(),
  );
  const before = document.activeElement;
  dialog.addEventListener("close", () => {
    dialog.remove();
    options.onclose?.();
    if (before instanceof HTMLElement && before.isConnected && !document.querySelector("dialog")) {
      before.focus();
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog && !options.isAlert) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}
