/** Parts that several pages have: messages, waiting times and confirmations. */

import { asRefusal } from "./api.js";
import { button, fill, h, openDialog } from "./dom.js";
import { T } from "./texts.js";

/** @typedef {import("./dom.js").Child} Child */
/** @typedef {import("./api.js").Refusal} Refusal */

/** Milliseconds for which a message with "Undo" stays. */
const UNDO_TIME = 10_000;
const MESSAGE_TIME = 6_000;

/** The place of messages: within the dialog on top, because everything below is inert. */
function toasts() {
  const dialogs = document.querySelectorAll("dialog[open]");
  const host = dialogs[dialogs.length - 1] ?? document.body;
  const present = [...host.children].find((child) => child.classList.contains("toasts"));
  if (present) return present;
  const region = h("div", { class: "toasts", role: "status" });
  if (host instanceof HTMLDialogElement) {
    host.addEventListener("close", () => toasts().append(...region.children));
  }
  host.append(region);
  return region;
}

/** @type {(() => void) | null} */
let lastUndo = null;

/** Undoes what the last message offers to undo. Returns whether there was something. */
export function undoLast() {
  const undo = lastUndo;
  undo?.();
  return undo !== null;
}

/**
 * Shows a message for a while. It stays as long as it has the focus or the pointer.
 *
 * @param {Child} text
 * @param {(() => Promise<unknown>) | null} [undo]
 */
export function toast(text, undo = null) {
  const region = toasts();
  const element = h("div", { class: "toast" }, h("span", null, text));
  const remove = () => {
    if (lastUndo === run) lastUndo = null;
    clearInterval(timer);
    element.remove();
  };
  const run = async () => {
    remove();
    try {
      await undo?.();
      toast(T.undone);
    } catch (error) {
      toast(asRefusal(error).message);
    }
  };
  if (undo) {
    element.append(button(T.undo, run));
    lastUndo = run;
  }
  element.append(button("×", remove, { "aria-label": T.close, class: "close" }));
  let left = undo ? UNDO_TIME : MESSAGE_TIME;
  const timer = setInterval(() => {
    if (element.matches(":hover, :focus-within")) return;
    left -= 250;
    if (left <= 0) remove();
  }, 250);
  region.append(element);
}

/**
 * A message above the content, with another attempt. What was there stays.
 *
 * @param {Refusal} refusal
 * @param {() => void} retry
 */
export function banner(refusal, retry) {
  const again = button(T.tryAgain, retry);
  if (refusal.wait > 0) countDown(again, refusal.wait);
  return h("div", { class: "banner", role: "alert" }, h("p", null, refusal.message), again);
}

/**
 * Keeps a button from working for some seconds, and shows them.
 *
 * @param {HTMLButtonElement} element
 * @param {number} seconds
 */
export function countDown(element, seconds) {
  const text = element.textContent ?? "";
  const end = Date.now() + seconds * 1000;
  element.setAttribute("aria-disabled", "true");
  const block = (/** @type {Event} */ event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  element.addEventListener("click", block, { capture: true });
  const show = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0 && element.isConnected) {
      element.textContent = T.waitSeconds(text, left);
      return;
    }
    element.textContent = text;
    element.removeAttribute("aria-disabled");
    element.removeEventListener("click", block, { capture: true });
    clearInterval(timer);
  };
  const timer = setInterval(show, 1000);
  queueMicrotask(show);
}

/**
 * Asks before something that cannot be undone. With `word`, the reader must type it.
 *
 * @param {{ title: string, text: Child, action: string, word?: string }} question
 * @param {() => Promise<unknown>} run
 */
export function confirmDialog(question, run) {
  const problem = h("p", { class: "error", role: "alert" });
  const typed = h("input", { "aria-label": question.action, autocomplete: "off" });
  const label = question.word === undefined ? null : h("label", null, T.typeToConfirm, typed);
  const act = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (question.word !== undefined && typed.value.trim() !== question.word) {
      fill(problem, T.typedOther);
      typed.setAttribute("aria-invalid", "true");
      typed.focus();
      return;
    }
    try {
      await run();
      dialog.close();
    } catch (error) {
      fill(problem, asRefusal(error).message);
    }
  };
  typed.removeAttribute("aria-label");
  const dialog = openDialog(
    question.title,
    { class: "small", closeText: T.cancel, isAlert: true },
    h(
      "form",
      { onsubmit: act },
      h("p", null, question.text),
      label,
      problem,
      h(
        "div",
        { class: "actions" },
        button(T.cancel, () => dialog.close()),
        h("button", { class: "danger" }, question.action),
      ),
    ),
  );
  return dialog;
}

/**
 * Copies a text, and says so. Without permission, the reader can copy the shown text.
 *
 * @param {string} text
 */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(T.copied);
  } catch {
    toast(T.notCopied);
  }
}

/**
 * A secret or a link, to be copied.
 *
 * @param {string} label
 * @param {string} text
 */
export function copyField(label, text) {
  const input = h("input", { value: text, readonly: true, class: "secret", spellcheck: "false" });
  input.addEventListener("focus", () => input.select());
  return h(
    "div",
    { class: "copy" },
    h("label", null, label, input),
    button(T.copy, () => copy(text)),
  );
}

/** Grey rows of the later height, after a moment. */
export function skeleton() {
  const rows = Array.from({ length: 8 }, () => h("div", { class: "grey" }));
  return h("div", { class: "skeleton", "aria-hidden": "true" }, rows);
}

/**
 * Calls a function a moment after the last event.
 *
 * @param {() => void} act
 * @param {number} [milliseconds]
 */
export function later(act, milliseconds = 250) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = window.setTimeout(act, milliseconds);
  };
}
