// The page at /api/docs: Swagger UI, and a login for the calls that it makes.
"use strict";

const API_KEY = "session";
const element = (id) => document.getElementById(id);

// Swagger UI has a dark look but does not know when it is asked for.
const dark = matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

// The example of the document. A second request with the same key would get the first response, or
// 422 with another body.
const EXAMPLE_KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324";

function useFreshKey(request) {
  if (request.headers?.["Idempotency-Key"] === EXAMPLE_KEY) {
    request.headers["Idempotency-Key"] = crypto.randomUUID?.() ?? String(Math.random());
  }
  return request;
}

// Keeps the operations with all words in method, path or summary.
function filterOperations(tags, phrase) {
  const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (operation) => {
    const summary = operation.getIn(["operation", "summary"], "");
    const text = `${operation.get("method")} ${operation.get("path")} ${summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return tags
    .map((tag) => tag.set("operations", tag.get("operations").filter(fits)))
    .filter((tag) => tag.get("operations").size > 0);
}

const reference = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  plugins: [() => ({ fn: { opsFilter: filterOperations } })],
  requestInterceptor: useFreshKey,
  docExpansion: "list",
  tryItOutEnabled: true,
  validatorUrl: null,
});

// Elements of Swagger UI without a name, and names for them.
const NAMES = {
  "#servers": "Server",
  "select.examples-select-element": "Example",
  "textarea.body-param__text": "Body of the request",
  "select.content-type": "Media type",
};

// Names elements, and makes them usable with the keyboard.
function makeAccessible() {
  for (const [selector, name] of Object.entries(NAMES)) {
    for (const found of document.querySelectorAll(`${selector}:not([aria-label])`)) {
      found.setAttribute("aria-label", name);
    }
  }
  for (const block of document.querySelectorAll("pre.microlight:not([tabindex])")) {
    block.tabIndex = 0;
  }
  // A link within a button. The button does the same.
  for (const link of document.querySelectorAll(".opblock-summary-control a[href]")) {
    link.removeAttribute("href");
  }
}

// Folds errors, because Swagger UI shows all of an operation at once.
function improve() {
  makeAccessible();
  for (const input of document.querySelectorAll(".operation-filter-input")) {
    input.placeholder = "Filter: method, path or words";
    input.setAttribute("aria-label", "Filter of operations");
  }
  for (const table of document.querySelectorAll(".responses-table:not(.live-responses-table)")) {
    const errors = table.querySelectorAll('tr.response[data-code^="4"], tr.response[data-code^="5"]');
    if (errors.length === 0 || table.nextElementSibling?.matches(".errors")) continue;
    const button = document.createElement("button");
    button.className = "btn errors";
    button.setAttribute("aria-expanded", "false");
    button.textContent = `Errors (${errors.length})`;
    button.addEventListener("click", () => {
      const isOpen = table.classList.toggle("with-errors");
      button.setAttribute("aria-expanded", String(isOpen));
    });
    table.after(button);
  }
}
new MutationObserver(improve).observe(element("reference"), { childList: true, subtree: true });

async function call(method, path, body) {
  const headers = body ? { "Content-Type": "application/json" } : {};
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  return { ok: answer.ok, body: isJson ? JSON.parse(text) : text };
}

// Refusals are one sentence, in Metabase's own dialect as a bare text or by field.
function sentence(body) {
  return body.error ?? Object.values(body.errors ?? {})[0] ?? body.message ?? String(body);
}

function show(user) {
  element("log-in").hidden = Boolean(user);
  element("log-out").hidden = !user;
  element("who").textContent = user?.common_name ?? "";
}

// Whether the reference has the session.
let isAuthorized = false;

// The session is kept in the reference, which sends it, and as the cookie that the answer sets.
async function logIn(event) {
  event.preventDefault();
  const form = event.target;
  const answer = await call("POST", "/api/session", Object.fromEntries(new FormData(form)));
  element("told").textContent = answer.ok ? "" : sentence(answer.body);
  if (!answer.ok) return;
  form.reset();
  reference.preauthorizeApiKey(API_KEY, answer.body.id);
  isAuthorized = true;
  show((await call("GET", "/api/user/current")).body);
}

async function logOut(event) {
  event.preventDefault();
  await call("DELETE", "/api/session");
  // After a reload, only the cookie remains.
  if (isAuthorized) reference.authActions.logout([API_KEY]);
  isAuthorized = false;
  element("told").textContent = "";
  show(null);
}

const report = (act) => (event) =>
  act(event).catch((error) => {
    element("told").textContent = error.message;
  });
element("log-in").addEventListener("submit", report(logIn));
element("log-out").addEventListener("submit", report(logOut));

// The cookie of an earlier sign-in is still there after a reload.
call("GET", "/api/user/current").then(
  (answer) => {
    if (answer.ok) show(answer.body);
  },
  () => {},
);
