// Uses metabase-cli as a library and prints the results as JSON.
import { MetabaseClient, SessionApi, UserApi } from "metabase-cli";

const { email, password } = JSON.parse(process.env.CREDENTIALS);
// The library does not store a profile with this name.
const profile = { name: "__env__", domain: process.env.URL, auth: { method: "session", email, password } };
const client = new MetabaseClient(profile);
const users = new UserApi(client);
const sessions = new SessionApi(client);
const errorOf = (promise) => promise.then(() => "no error", (error) => error.message);

await client.login();
const page = await users.list({ limit: "1", offset: "1" });
const properties = await sessions.getSessionProperties();
const result = {
  login: client.getUserId(),
  list: await users.list(),
  page: { ...page, data: undefined, ids: page.data.map((user) => user.id) },
  get: (await users.get(2)).email,
  missing: await errorOf(users.get(4711)),
  current: [(await users.current()).id, (await sessions.getCurrentUser()).id],
  properties: [properties["site-name"], properties["has-user-setup"]],
};

// The test checks that logout revokes this session.
result.session = client.sessionToken;
await client.logout();
console.log(JSON.stringify(result));
