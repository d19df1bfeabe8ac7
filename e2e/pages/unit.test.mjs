// Tests the modules of the pages without a browser. `scripts/test-pages` runs it.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";

const SOURCE = new URL("../../functions/assets/pages/", import.meta.url);
const load = (name) => import(new URL(name, SOURCE));
const answers = await load("answers.js");
const api = await load("api.js");
const directory = await load("directory.js");
const format = await load("format.js");
const router = await load("router.js");
const { T } = await load("texts.js");

/** Replaces fetch by functions, one for each request in turn. */
function respondWith(...responses) {
  const sent = [];
  globalThis.fetch = async (path, options) => {
    sent.push({ path, ...options });
    const respond = responses[Math.min(sent.length, responses.length) - 1];
    return respond();
  };
  return sent;
}

const json = (status, body, headers = {}) => () =>
  new Response(status === 204 ? null : JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json; charset=utf-8", ...headers },
  });
const other = (status, body, type) => () =>
  new Response(body, { status, headers: { "Content-Type": type } });

test("times are relative, in any order of magnitude", () => {
  const now = Date.parse("2026-06-15T12:00:00Z");
  const told = (time) => format.relativeTime(time, { never: "never", now: "now" }, now);
  assert.equal(told("2026-06-15T11:59:31Z"), "now");
  assert.equal(told("2026-06-15T11:15:00Z"), "45 minutes ago");
  assert.equal(told("2026-06-15T09:00:00Z"), "3 hours ago");
  assert.equal(told("2026-06-14T11:00:00Z"), "yesterday");
  assert.equal(told("2026-03-15T12:00:00Z"), "3 months ago");
  assert.equal(told("2020-01-01T00:00:00Z"), "6 years ago");
  for (const odd of [null, "", "yesterday"]) assert.equal(told(odd), "never");
});

test("initials are those of the first and the last name, of any script", () => {
  const expected = [
    ["Ada Abebe", "AA"], ["Jean Claude Van Damme", "JD"], ["ada", "A"], ["", "?"], ["!!!", "?"],
    ["محمد علي", "مع"], ["𝒜da 𝒷", "𝒜𝒷"],
    ["<b>x</b> y", "BY"], ["  O'Brien  ", "O"],
  ];
  for (const [name, initials] of expected) assert.equal(format.initials(name), initials, name);
});

test("a user agent becomes a browser and a system", () => {
  const words = { unknown: "?", on: (browser, system) => `${browser} on ${system}` };
  const agents = [
    ["Mozilla/5.0 (X11; Linux x86_64) (like Gecko) Chrome/140.0 Safari/5", "Chrome on Linux"],
    ["Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"],
    ["Mozilla/5.0 (iPhone; like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari on iPhone"],
    ["Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox on Android"],
    ["Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17.0 Safari/605", "Safari on macOS"],
    ["curl/8.5.0", "curl"], ["", "?"], [null, "?"], ["x".repeat(300), "x".repeat(40)],
  ];
  for (const [agent, text] of agents) assert.equal(format.device(agent, words), text);
});

test("CSV quotes, and disarms formulas", () => {
  const rows = [["a", 'say "hi"'], ["=1+1", "@x"], ["two\nlines", "-5"]];
  assert.equal(format.csv(rows), `a,"say ""hi"""\r\n'=1+1,'@x\r\n"two\nlines",'-5\r\n`);
});

test("only addresses of the own origin are destinations", () => {
  const origin = "https://users.example.com";
  const own = (target) => router.ownPath(target, origin);
  assert.equal(own("/admin/people?q=a#b"), "/admin/people?q=a#b");
  const foreign = [
    null, "", "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
    "/\t/evil.example", "javascript:alert(1)", "/ /evil.example", "/auth/login", "evil",
    "/..//evil.example", "/.//evil.example", "/%2e//evil.example", "/\u0000",
  ];
  for (const target of foreign) assert.equal(own(target), "/", String(target));
});

test("paths and queries survive odd text", () => {
  assert.deepEqual(router.parts("/admin//people/7/"), ["admin", "people", "7"]);
  assert.deepEqual(router.parts("/a%zz/%41"), ["a%zz", "A"]);
  assert.equal(router.query({ a: "", b: null, c: 0, d: "x&y=ü" }), "?c=0&d=x%26y%3D%C3%BC");
  assert.equal(router.query({}), "");
});

test("the view is in the address, and odd values are the usual ones", () => {
  const view = directory.viewOf("?q=ada&group=3&state=invited&sort=-last_login");
  assert.deepEqual(view, { text: "ada", group: "3", state: "invited", sort: "-last_login" });
  assert.equal(directory.queryOf(view), "?q=ada&group=3&state=invited&sort=-last_login");
  const usual = directory.viewOf("?group=x&state=x&sort=x;drop&other=1");
  assert.deepEqual(usual, { text: "", group: "", state: "active", sort: "name" });
  assert.equal(directory.queryOf(usual), "");
});

test("answers of any form are read or refused, and never thrown", () => {
  const odd = [
    undefined, null, true, 7, "text", "<html>", [], [null], {}, { id: "1" }, { id: -1 },
    { id: 1.5 }, { id: 2 ** 60 }, { data: {} }, { data: [1, "x", null] }, { id: 1, email: {} },
    { id: 1, common_name: ["x"], group_ids: "x", user_group_memberships: [{ id: "x" }, 3] },
    { at: 1, action: {}, fields: [1] }, { "password-complexity": "x", version: [] },
  ];
  const readers = ["person", "group", "session", "pastSignIn", "apiKey", "auditEvent", "site"];
  for (const value of odd) {
    for (const name of readers) answers[name](value);
    answers.page(value, answers.person);
    answers.list(value, answers.group);
  }
  assert.equal(answers.person({ id: 1, email: {} }).name, "1");
  assert.deepEqual(answers.person({ id: 1, group_ids: [1, "2", 3] }).groups, [1, 3]);
  assert.deepEqual(answers.page({ data: [{ id: 1 }, 5] }, answers.person).rows.length, 1);
  assert.equal(answers.page("<html>", answers.person), null);
  assert.equal(answers.site({ "email-configured?": "yes" }).sendsEmail, null);
});

test("a refusal has the words of the service", () => {
  const refusal = (status, body) => api.refusal(status, body, 0);
  const fields = refusal(400, { error: "Invalid value for email.", errors: { email: "bad" } });
  assert.deepEqual([fields.message, fields.errors], ["Invalid value for email.", { email: "bad" }]);
  const nested = refusal(400, { errors: { user: { email: "bad" } }, "specific-errors": {} });
  assert.deepEqual([nested.message, nested.errors], ["bad", { email: "bad" }]);
  const metabase = refusal(401, { errors: { _error: "Your account is disabled." } });
  assert.equal(metabase.message, "Your account is disabled.");
  assert.equal(refusal(502, { message: "Bad Gateway" }).message, "Bad Gateway");
  for (const odd of [undefined, null, "x", [1], { error: 7, errors: "x" }]) {
    assert.equal(refusal(500, odd).message, T.oddStatus(500));
  }
});

test("an answer that is no JSON is refused in plain words", async () => {
  const read = (data) => answers.page(data, answers.person);
  const cases = [
    [other(200, "<html><script>alert(1)</script>", "text/html"), T.oddAnswer],
    [other(200, "", "application/json"), T.oddAnswer],
    [json(200, { surprise: true }), T.oddAnswer],
    [other(502, "<html>Bad Gateway</html>", "text/html"), T.oddStatus(502)],
    [other(403, "You don't have permissions.", "text/plain"), "You don't have permissions."],
    [() => Promise.reject(new TypeError("Failed to fetch")), T.offline],
  ];
  for (const [respond, message] of cases) {
    respondWith(respond);
    await assert.rejects(api.get("/api/user", read), (error) => error.message === message);
  }
});

test("a request goes on after a new sign-in, with the same key", async () => {
  const sent = respondWith(json(401, { error: "Unauthenticated" }), json(200, { id: 1 }));
  let asked = 0;
  api.onSignedOut(async () => {
    asked += 1;
    return true;
  });
  await api.request("POST", "/api/user", { body: { email: "a@b.c" } });
  assert.equal(asked, 1);
  const keys = sent.map(({ headers }) => headers["Idempotency-Key"]);
  assert.equal(keys.length, 2);
  assert.ok(keys[0] && keys[0] === keys[1], keys.join());
  api.onSignedOut(async () => false);
  respondWith(json(401, { error: "Unauthenticated" }));
  await assert.rejects(api.request("GET", "/api/user"), { status: 401 });
});

test("a request has the cookie and no other credential", async () => {
  const sent = respondWith(json(204));
  await api.request("DELETE", "/api/user/1", { etag: '"1.2.x"' });
  const [{ credentials, redirect, headers }] = sent;
  assert.deepEqual([credentials, redirect], ["same-origin", "error"]);
  assert.deepEqual(headers, { Accept: "application/json", "If-Match": '"1.2.x"' });
});

test("an order other than that of names has pages by offset", async () => {
  const data = Array.from({ length: 50 }, (_, id) => ({ id: id + 1 }));
  const envelope = (total) => ({ data, total });
  const sent = respondWith(json(200, envelope(70)), json(200, envelope(70)));
  const view = { text: "", group: "", state: "active", sort: "-email" };
  const first = await directory.listPeople(view, null);
  assert.equal(first.next, "offset:50");
  const second = await directory.listPeople(view, first.next);
  assert.equal(second.next, null);
  assert.ok(sent[0].path.endsWith("sort=-email&offset=0"), sent[0].path);
  assert.ok(sent[1].path.endsWith("sort=-email&offset=50"), sent[1].path);
});

test("a search asks for beginnings of names before everybody", async () => {
  const rows = (count) => Array.from({ length: count }, (_, id) => ({ id: id + 1 }));
  const answer = (count, next_cursor) => json(200, { data: rows(count), next_cursor });
  const view = { text: " ada l ", group: "3", state: "active", sort: "-name" };
  let sent = respondWith(answer(2, "x"), answer(1, null), answer(0, null));
  const first = await directory.listPeople(view, null);
  const second = await directory.listPeople(view, first.next);
  assert.equal(second.next, directory.EVERYBODY);
  assert.equal((await directory.listPeople(view, second.next)).next, null);
  const prefix = "/api/user?group_id=3&limit=50&name_prefix=ada+l&sort=-name&cursor=";
  const everybody = "/api/user?query=ada+l&group_id=3&limit=50&sort=-name&cursor=";
  assert.deepEqual(sent.map(({ path }) => path), [prefix, `${prefix}x`, everybody]);
  sent = respondWith(answer(0, null), answer(1, "y"));
  assert.equal((await directory.listPeople(view, null)).next, "y");
  assert.deepEqual(sent.map(({ path }) => path), [prefix, everybody]);
  for (const other of [{ text: "a@b" }, { state: "invited" }, { sort: "email" }, { text: "" }]) {
    sent = respondWith(answer(1, null));
    await directory.listPeople({ ...view, ...other }, null);
    assert.ok(!sent[0].path.includes("name_prefix"), sent[0].path);
  }
});

test("many requests run six at a time and wait as asked", async () => {
  const { forEach } = await load("queue.js");
  let running = 0;
  let most = 0;
  const waits = [];
  const failed = new Set();
  const results = [];
  const act = async (item) => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    if (item === 3 && !failed.has(item)) {
      failed.add(item);
      throw new api.Refusal(503, "busy", { wait: 2 });
    }
    if (item === 5) throw new api.Refusal(400, "no");
    if (item === 7) throw new api.Refusal(0, "offline");
    return item;
  };
  const wait = async (milliseconds) => waits.push(milliseconds);
  const report = (item, error) => results.push([item, error?.message ?? null]);
  await forEach([...Array(20).keys()], act, report, { wait });
  assert.equal(most, 6);
  assert.equal(results.length, 20);
  assert.deepEqual(results.filter(([, error]) => error), [[5, "no"], [7, "offline"]]);
  assert.deepEqual(waits.sort((a, b) => a - b), [500, 1000, 2000, 2000]);
});

test("every action of the audit log has a sentence", async () => {
  const { ACTIONS, sentenceText } = await load("sentences.js");
  const { known } = await load("session.js");
  const file = new URL("../../openapi.json", import.meta.url);
  const document = JSON.parse(await readFile(file, "utf8"));
  for (const action of document.components.schemas.AuditEvent.properties.action.enum) {
    assert.ok(action in ACTIONS, action);
  }
  known.groups = [{ id: 3, name: "Analysts", members: 0, isBuiltin: false }];
  const marek = { type: "user", id: 2 };
  const event = (action, fields, target = marek) =>
    ({ action, fields, target, actor: 1, via: "session" });
  const names = new Map([[1, "Ada"], [2, "Marek"]]);
  const text = (...values) => sentenceText(event(...values), names);
  const changed = text("update-user", ["first_name", "user_group_memberships.3"]);
  assert.equal(changed, "Ada changed first name, group Analysts of Marek");
  assert.equal(text("delete-group", [], { type: "group", id: 3 }), "Ada deleted group Analysts");
  assert.equal(text("some-new-action", []), "Ada: some-new-action Marek");
  assert.equal(sentenceText({ ...event("login", []), target: null }, names), "Someone signed in");
});

test("the rules of a password follow the policy of the service", async () => {
  const { rules } = await load("password-rules.js");
  const kept = (policy, password) => rules(policy, password).map(({ isKept }) => isKept);
  const strong = { total: 8, lower: 2, upper: 2, digit: 1, special: 1 };
  assert.deepEqual(kept(strong, "abCD1!xx"), [true, true, true, true, true]);
  assert.deepEqual(kept(strong, "abc"), [false, true, false, false, false]);
  assert.deepEqual(kept({ total: 2 }, "𝒜𝒷"), [true]);
  assert.deepEqual(kept({ surprise: 3 }, ""), []);
});

test("only changed values are sent", async () => {
  const { changesFrom } = await load("conflict.js");
  const person = answers.person({ id: 1, email: "a@b.c", first_name: "Ada", last_name: null });
  const same = { first_name: "Ada", last_name: null, email: "a@b.c", locale: null };
  assert.deepEqual(changesFrom(same, person), {});
  assert.deepEqual(changesFrom({ ...same, first_name: null }, person), { first_name: null });
});

test("the palette finds words in any order, case and accent", async () => {
  const { fitting } = await load("palette.js");
  const offers = [{ text: "Björn Müller" }, { text: "Ada" }];
  assert.deepEqual(fitting(offers, "muller BJOR"), [offers[0]]);
  assert.deepEqual(fitting(offers, ""), offers);
  assert.deepEqual(fitting(offers, "zz"), []);
});

/** The fields that the pages read, by schema of the API. */
const FIELDS = {
  User: "id email first_name last_name common_name is_superuser is_active must_change_password " +
    "last_login date_joined locale pending_email user_group_memberships",
  UserListItem: "id email common_name group_ids",
  UserListItemPage: "data total next_cursor",
  GroupListItem: "id name member_count magic_group_type",
  UserSession: "id created_at user_agent ip_address is_current",
  LoginHistoryEntry: "timestamp device_description ip_address active",
  ListedApiKey: "id name masked_key group owner is_active expires_at last_used_at",
  ApiKeyCreated: "id name masked_key group unmasked_key",
  AuditEvent: "id at action actor target source_ip request_id fields",
  InstanceProperties: "site-name has-user-setup password-complexity version site-locale",
  Setting: "key value default description env_name is_env_setting",
};

test("the pages use routes and fields of the API only", async () => {
  const file = new URL("../../openapi.json", import.meta.url);
  const { paths, components } = JSON.parse(await readFile(file, "utf8"));
  for (const [schema, fields] of Object.entries(FIELDS)) {
    const { properties } = components.schemas[schema];
    const missing = fields.split(" ").filter((field) => !(field in properties));
    assert.deepEqual(missing, [], schema);
  }
  const known = Object.keys(paths).map((path) => path.replace(/\{\w+\}/g, "{}"));
  known.push("/api/docs", "/api/setting/site-name");
  for (const name of (await readdir(SOURCE)).filter((one) => one.endsWith(".js"))) {
    const text = await readFile(new URL(name, SOURCE), "utf8");
    for (const [, literal] of text.matchAll(/["`](\/api\/[^"`]*)["`]/g)) {
      const path = literal.split(/\?|\$\{query/)[0].replace(/\$\{[^}]*\}/g, "{}");
      const isKnown = known.includes(path) || known.some((one) => one.startsWith(`${path}/`));
      assert.ok(isKnown || path === "/api/user/{}", `${name}: ${path}`);
    }
  }
});

test("every text is used, and every used text exists", async () => {
  const names = (await readdir(SOURCE)).filter((name) => name.endsWith(".js"));
  const used = new Set();
  for (const name of names) {
    const text = await readFile(new URL(name, SOURCE), "utf8");
    for (const [, key] of text.matchAll(/\bT\.(\w+)/g)) used.add(key);
    assert.ok(!/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(/.test(text), name);
    const long = text.split("\n").filter((line) => line.length > 100);
    assert.deepEqual(long, [], name);
  }
  assert.deepEqual([...used].filter((key) => !(key in T)), []);
  assert.deepEqual(Object.keys(T).filter((key) => !used.has(key)), []);
});
