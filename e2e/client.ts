// A smoke test of a client generated from openapi.json. `scripts/test-openapi` generates the
// client, compiles both and runs this.
import assert from "node:assert/strict";

import {
  createGroup,
  createMembership,
  createUser,
  currentUser,
  deactivateUser,
  getUser,
  health,
  listUsers,
  login,
  logout,
  reactivateUser,
  updatePassword,
  updateUser,
  type CreateUser,
  type User,
} from "./generated";
import { client } from "./generated/client.gen";

const [baseUrl, username, password] = process.argv.slice(2);

/** Sets the session of all later calls. */
function use(session: string): void {
  client.setConfig({ baseUrl, auth: (scheme) => (scheme.in === "cookie" ? undefined : session) });
}

async function logIn(email: string, secret: string): Promise<string> {
  const { data } = await login({ body: { username: email, password: secret }, throwOnError: true });
  return data.id;
}

async function create(body: CreateUser): Promise<User> {
  const { data } = await createUser({ body, throwOnError: true });
  return data;
}

async function users(): Promise<number> {
  const jane = await create({ email: "jane@example.com", first_name: "Jane", last_name: "Doe", password: "unc0mmon pw" });
  assert.equal(jane.common_name, "Jane Doe");
  const path = { id: jane.id };

  const { data: renamed } = await updateUser({ path, body: { last_name: "Smith", locale: "es-MX" }, throwOnError: true });
  assert.deepEqual([renamed.common_name, renamed.locale], ["Jane Smith", "es_MX"]);
  const { data: found } = await getUser({ path, throwOnError: true });
  assert.deepEqual(found, renamed);

  const { data: page } = await listUsers({ query: { query: "smith", limit: 1 }, throwOnError: true });
  assert.ok(!Array.isArray(page) && page.total === 1 && page.data[0]?.id === jane.id);
  const { data: all } = await listUsers({ throwOnError: true });
  assert.ok(Array.isArray(all) && all.length === 2);

  const reset = await updatePassword({ path, body: { new_password: "an0ther secret" } });
  assert.equal(reset.response?.status, 204);
  await logIn("jane@example.com", "an0ther secret");
  await deactivateUser({ path, throwOnError: true });
  const { data: back } = await reactivateUser({ path, throwOnError: true });
  assert.equal(back.is_active, true);
  return jane.id;
}

async function groups(jane: number): Promise<void> {
  const { data: group } = await createGroup({ body: { name: "Analysts" }, throwOnError: true });
  const body = { user_id: jane, group_id: group.id };
  const { data: members } = await createMembership({ body, throwOnError: true });
  assert.deepEqual(members.map((member) => member.user_id), [jane]);
}

/** Errors are typed values. */
async function errors(): Promise<void> {
  const taken = await createUser({
    body: { email: "jane@example.com", first_name: "J", last_name: "D", sso_source: "saml" },
  });
  assert.equal(taken.response?.status, 409);
  assert.ok(taken.error && "errors" in taken.error);
  assert.deepEqual(taken.error.errors, { email: "Email address already in use." });
  const unknown = await getUser({ path: { id: 4711 } });
  assert.deepEqual(unknown.error, { error: "Not found." });
}

async function main(): Promise<void> {
  client.setConfig({ baseUrl });
  const { data: status } = await health({ throwOnError: true });
  assert.equal(status.status, "ok");
  use(await logIn(username, password));
  const { data: me } = await currentUser({ throwOnError: true });
  assert.equal(me.permissions.can_create_users, true);
  await groups(await users());
  await errors();
  await logout({ throwOnError: true });
  const { response } = await currentUser();
  assert.equal(response?.status, 401);
  console.log("client: every response has its declared type");
}

void main();
