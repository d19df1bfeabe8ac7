// Uses metabase-cli as a library and prints what it was told.
import { MetabaseClient, SessionApi, UserApi } from "metabase-cli";

const { email, password } = JSON.parse(process.env.WHO);
// The library leaves a profile of this name out of its file.
const profile = { name: "__env__", domain: process.env.URL, auth: { method: "session", email, password } };
const client = new MetabaseClient(profile);
const users = new UserApi(client);
const sessions = new SessionApi(client);
const refusal = (promise) => promise.then(() => "not refused", (error) => error.message);

await client.login();
const page = await users.list({ limit: "1", offset: "1" });
const properties = await sessions.getSessionProperties();
const told = {
  login: client.getUserId(),
  list: await users.list(),
  page: { ...page, data: undefined, ids: page.data.map((user) => user.id) },
  get: (await users.get(2)).email,
  missing: await refusal(users.get(4711)),
  current: [(await users.current()).id, (await sessions.getCurrentUser()).id],
  properties: [properties["site-name"], properties["has-user-setup"]],
};

// What must have ended.
told.session = client.sessionToken;
await client.logout();
console.log(JSON.stringify(told));
