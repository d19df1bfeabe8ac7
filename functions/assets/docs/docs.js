// The page at /api/docs: Swagger UI, and a login for the calls that it makes.
"use strict";

const API_KEY = "session";
const element = (id) => document.getElementById(id);

// Swagger UI has a dark look but does not know when it is asked for.
const dark = matchMedia("(prefers-color-scheme: dark)");
const followScheme = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followScheme);
followScheme();

const reference = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  docExpansion: "list",
  tryItOutEnabled: true,
  validatorUrl: null,
});

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

// The session is kept in the reference, which sends it, and as the cookie that the answer sets.
async function logIn(event) {
  event.preventDefault();
  const form = event.target;
  const answer = await call("POST", "/api/session", Object.fromEntries(new FormData(form)));
  element("told").textContent = answer.ok ? "" : sentence(answer.body);
  if (!answer.ok) return;
  form.reset();
  reference.preauthorizeApiKey(API_KEY, answer.body.id);
  show((await call("GET", "/api/user/current")).body);
}

async function logOut(event) {
  event.preventDefault();
  await call("DELETE", "/api/session");
  reference.authActions.logout([API_KEY]);
  element("told").textContent = "";
  show(null);
}

const report = (act) => (event) =>
  act(event).catch((error) => {
    element("told").textContent = error.message;
  });
element("log-in").addEventListener("submit", report(logIn));
element("log-out").addEventListener("submit", report(logOut));
