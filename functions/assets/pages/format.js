/** Values as text for a reader. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @type {[number, number, Intl.RelativeTimeFormatUnit][]} */
const UNITS = [
  [HOUR, MINUTE, "minute"],
  [DAY, HOUR, "hour"],
  [30 * DAY, DAY, "day"],
  [365 * DAY, 30 * DAY, "month"],
  [Infinity, 365 * DAY, "year"],
];

/** The language of the texts of these pages, see `texts.js`. */
const LANGUAGE = "en";

/**
 * A time as a distance, for example "3 days ago".
 *
 * @param {string | null} time
 * @param {{ never: string, now: string }} words
 * @param {number} [now]
 */
export function relativeTime(time, words, now = Date.now()) {
  const then = time === null ? NaN : Date.parse(time);
  if (Number.isNaN(then)) return words.never;
  const seconds = Math.round((then - now) / 1000);
  const distance = Math.abs(seconds);
  if (distance < MINUTE) return words.now;
  const [, size, unit] = UNITS.find(([limit]) => distance < limit) ?? UNITS[UNITS.length - 1];
  const format = new Intl.RelativeTimeFormat(LANGUAGE, { numeric: "auto" });
  return format.format(Math.trunc(seconds / size), unit);
}

/**
 * A time with day and minute.
 *
 * @param {string | null} time
 */
export function exactTime(time) {
  const then = time === null ? NaN : Date.parse(time);
  if (Number.isNaN(then)) return "";
  return new Date(then).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

/** @param {number} number */
export function count(number) {
  return number.toLocaleString(LANGUAGE);
}

/**
 * The first characters of two names. A character may have several UTF-16 units.
 *
 * @param {string} name
 */
export function initials(name) {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const ends = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  const first = ends.map((word) => [...word].find((letter) => /[\p{L}\p{N}]/u.test(letter)) ?? "");
  return first.join("").toUpperCase().slice(0, 4) || "?";
}

/** Browsers by the name in their user agent. An earlier one wins: Edge also says Chrome. */
const BROWSERS = [
  [/\bEdg(?:e|A|iOS)?\//, "Edge"],
  [/\bOPR\/|\bOpera\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\bHeadlessChrome\/|\bChrome\/|\bCriOS\/|\bChromium\//, "Chrome"],
  [/\bVersion\/[\d.]+.*\bSafari\//, "Safari"],
];

/** Systems. An earlier one wins: Android also says Linux. */
const SYSTEMS = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
];

/**
 * A user agent in words: "Chrome on Linux". A program is its own first word: "curl".
 *
 * @param {string | null} agent
 * @param {{ unknown: string, on: (browser: string, system: string) => string }} words
 */
export function device(agent, words) {
  if (!agent) return words.unknown;
  /** @param {(RegExp | string)[][]} known */
  const find = (known) => known.find(([pattern]) => /** @type {RegExp} */ (pattern).test(agent));
  const browser = find(BROWSERS)?.[1];
  const system = find(SYSTEMS)?.[1];
  if (browser && system) return words.on(String(browser), String(system));
  if (browser || system) return String(browser ?? system);
  return agent.split(/[/\s]/u)[0].slice(0, 40) || words.unknown;
}

/** Languages to choose from. The service accepts others, too. */
const LANGUAGES = (
  "ar bg ca cs da de el en es et fa fi fr he hi hr hu id it ja ko lt lv nb nl pl pt pt_BR ro ru " +
  "sk sl sq sr sv th tr uk vi zh_CN zh_TW"
).split(" ");

/**
 * The languages with their own names, in the order of these names.
 *
 * @param {string | null} current a language that must be among them
 */
export function languages(current) {
  const codes = current && !LANGUAGES.includes(current) ? [...LANGUAGES, current] : LANGUAGES;
  const named = codes.map((code) => ({ code, name: languageName(code) }));
  return named.sort((a, b) => a.name.localeCompare(b.name));
}

/** @param {string} code */
export function languageName(code) {
  const tag = code.replace("_", "-");
  try {
    return new Intl.DisplayNames([tag, LANGUAGE], { type: "language" }).of(tag) ?? code;
  } catch {
    return code;
  }
}

/**
 * Rows as CSV (RFC 4180). A value that a spreadsheet would take for a formula gets an apostrophe.
 *
 * @param {string[][]} rows
 */
export function csv(rows) {
  /** @param {string} value */
  const cell = (value) => {
    const text = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
    return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/**
 * A number with its noun.
 *
 * @param {number} number
 * @param {string} one
 * @param {string} more
 */
export function plural(number, one, more) {
  return `${count(number)} ${number === 1 ? one : more}`;
}
