// Better Auth with its admin plugin on SQLite, set up as in its documentation, one process per core.
//
// Differences from the documentation's example: argon2id with this service's parameters instead of
// scrypt, SQLite's write-ahead log (WAL), and no rate limit, because it would limit the results.
// PEER_DATABASE is the file, PEER_PORT the port.
import cluster from "node:cluster";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";

import { hash, verify } from "@node-rs/argon2";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import { admin } from "better-auth/plugins";
import Database from "better-sqlite3";

const argon2 = { algorithm: 2, memoryCost: 19456, timeCost: 2, parallelism: 1 };
const port = Number(process.env.PEER_PORT);
const database = new Database(process.env.PEER_DATABASE);
database.pragma("journal_mode = WAL");
database.pragma("busy_timeout = 10000");

const options = {
  database,
  baseURL: `http://127.0.0.1:${port}`,
  secret: "a secret that is long enough for a benchmark",
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => hash(password, argon2),
      verify: ({ hash: stored, password }) => verify(stored, password),
    },
  },
  plugins: [admin()],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
};

if (cluster.isPrimary) {
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  for (let worker = 0; worker < availableParallelism(); worker++) cluster.fork();
} else {
  createServer(toNodeHandler(betterAuth(options))).listen(port, "127.0.0.1");
}
