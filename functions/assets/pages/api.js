/** Requests to the API, with the cookie of the session only. */

import { object, textOrNull } from "./answers.js";
import { T } from "./texts.js";

/** Milliseconds after which a request counts as failed. */
const TIME_OUT = 30_000;

/** An answer other than success, or none at all. `status` is 0 if no answer arrived. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} message the sentence for the reader
   * @param {{ errors?: Record<string, string>, code?: string | null, wait?: number }} [details]
   */
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    /** Messages by field. */
    this.errors = details.errors ?? {};
    this.code = details.code ?? null;
    /** Seconds to wait before another attempt, or 0. */
    this.wait = details.wait ?? 0;
  }

  /** Whether the same request may succeed later. */
  get isTemporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/**
 * @typedef {object} Options
 * @property {unknown} [body]
 * @property {string | null} [etag] the version that must still be the current one
 * @property {AbortSignal} [signal]
 * @property {string} [key] the idempotency key of a POST
 * @property {boolean} [isPublic] whether 401 is an answer like others
 */

/** @typedef {{ status: number, data: unknown, etag: string | null }} Answer */

/**
 * Asks the reader to sign in again. Returns whether the session is back.
 *
 * @type {() => Promise<boolean>}
 */
let askForSession = () => Promise.resolve(false);

/** @param {() => Promise<boolean>} ask */
export function onSignedOut(ask) {
  askForSession = ask;
}

let leadToPassword = () => {};

/** @param {() => void} lead called if the reader must change the password first */
export function onMustChange(lead) {
  leadToPassword = lead;
}

/** A key for one intended effect, or none without a secure context. */
export function newKey() {
  return globalThis.crypto?.randomUUID?.() ?? "";
}

/**
 * Sends a request. After 401, it waits for the reader to sign in and sends the request again.
 *
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<Answer>}
 */
export async function request(method, path, options = {}) {
  const key = options.key ?? (method === "POST" ? newKey() : "");
  for (;;) {
    const answer = await send(method, path, { ...options, key });
    if (object(answer.data)?.error_code === "password-change-required") leadToPassword();
    if (answer.status !== 401 || options.isPublic) return accept(answer);
    if (!(await askForSession())) throw new Refusal(401, T.signedOut);
  }
}

/**
 * Reads a value of the API.
 *
 * @template T
 * @param {string} path
 * @param {(data: unknown) => T | null} read
 * @param {Options} [options]
 * @returns {Promise<T>}
 */
export async function get(path, read, options) {
  return readable(await request("GET", path, options), read);
}

/**
 * @template T
 * @param {Answer} answer
 * @param {(data: unknown) => T | null} read
 * @returns {T}
 */
export function readable(answer, read) {
  const value = read(answer.data);
  if (value === null) throw new Refusal(answer.status, T.oddAnswer);
  return value;
}

/** @typedef {{ status: number, data: unknown, etag: string | null, wait: number }} Raw */

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} options
 * @returns {Promise<Raw>}
 */
async function send(method, path, { body, etag, signal, key }) {
  /** @type {Record<string, string>} */
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = etag;
  if (key) headers["Idempotency-Key"] = key;
  const own = AbortSignal.timeout(TIME_OUT);
  try {
    const response = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      redirect: "error",
      signal: signal ? AbortSignal.any([signal, own]) : own,
    });
    const wait = Number(response.headers.get("Retry-After"));
    return {
      status: response.status,
      data: parse(await response.text(), response.headers.get("Content-Type") ?? ""),
      etag: response.headers.get("ETag"),
      wait: wait > 0 && wait < 86_400 ? Math.ceil(wait) : 0,
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(0, T.offline);
  }
}

/**
 * JSON, or a short plain text as a message. `undefined` for anything else.
 *
 * @param {string} text
 * @param {string} type
 */
function parse(text, type) {
  if (text === "") return undefined;
  if (/^text\/plain\b/i.test(type)) return { error: text.slice(0, 300) };
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {Raw} answer
 * @returns {Answer}
 */
function accept({ status, data, etag, wait }) {
  if (status >= 200 && status < 300) return { status, data, etag };
  throw refusal(status, data, wait);
}

/**
 * The sentence and the messages of an error.
 *
 * @param {number} status
 * @param {unknown} data
 * @param {number} wait
 */
export function refusal(status, data, wait) {
  const body = object(data) ?? {};
  /** @type {Record<string, string>} */
  const errors = {};
  collect(object(body.errors) ?? {}, errors);
  const general = textOrNull(body.error) ?? textOrNull(body.message) ?? errors._error;
  const message = general ?? Object.values(errors)[0] ?? T.oddStatus(status);
  return new Refusal(status, message, { errors, code: textOrNull(body.error_code), wait });
}

/**
 * The messages of fields, without the objects around them.
 *
 * @param {Record<string, unknown>} from
 * @param {Record<string, string>} to
 */
function collect(from, to) {
  for (const [field, message] of Object.entries(from)) {
    const nested = object(message);
    if (typeof message === "string") to[field] = message;
    if (nested) collect(nested, to);
  }
}

/**
 * The refusal in an error. Any other error is one of these pages.
 *
 * @param {unknown} error
 */
export function asRefusal(error) {
  if (error instanceof Refusal) return error;
  console.error(error);
  return new Refusal(-1, T.ownError);
}

/** @param {unknown} error */
export function isAborted(error) {
  return error instanceof DOMException && error.name === "AbortError";
}
