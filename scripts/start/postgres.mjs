import { spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program, readPid, serverAccount, serverBinaries, serverFolder } from "./postgres-place.mjs";
import { commandOf, isAlive, pause, waitGone } from "./processes.mjs";
import { StartError } from "./steps.mjs";

/**
 * The embedded PostgreSQL, for the product and for tests. It listens on 127.0.0.1 alone, with passwords, and
 * without a socket file (whose path may not be longer than 107 bytes).
 */
export function preparePostgres({ root, home, port, password, settings = {} }) {
  const account = serverAccount();
  const folder = serverFolder(home, account);
  const native = serverBinaries(root, folder, account);
  const data = join(folder, "data");
  const as = account ? { uid: account.uid, gid: account.gid } : {};
  const isNew = !existsSync(data);
  if (isNew) initialise({ native, folder, data, password, as, account });
  // Started by a person first and by root now: the server insists on owning its data.
  else if (account && statSync(data).uid !== account.uid)
    spawnSync("chown", ["-R", `${account.uid}:${account.gid}`, folder]);
  const all = { max_connections: 200, log_min_messages: "warning", ...settings };
  return {
    isNew,
    data,
    adminUrl: serverUrl("postgres", password, port, "postgres"),
    process: {
      command: program(native, "postgres"),
      args: [
        ...["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", ""],
        ...Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
      ],
      cwd: folder,
      env: { PATH: process.env.PATH, LANG: "C", TZ: "UTC" },
      ...as,
    },
  };
}

function initialise({ native, folder, data, password, as, account }) {
  const part = `${data}.part`;
  rmSync(part, { recursive: true, force: true });
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (account) chownSync(passwordFile, account.uid, account.gid);
  const { status, error, stderr } = spawnSync(
    program(native, "initdb"),
    [
      ...["-D", part, "-U", "postgres", `--pwfile=${passwordFile}`, "-A", "scram-sha-256", "-E", "UTF8"],
      // The same order and case rules on every machine, whatever its locales are.
      ...["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"],
    ],
    { cwd: folder, encoding: "utf8", env: { PATH: process.env.PATH, LANG: "C", TZ: "UTC" }, ...as },
  );
  rmSync(passwordFile, { force: true });
  if (status !== 0) throw new StartError(`PostgreSQL could not make its data folder: ${error ?? stderr}`);
  renameSync(part, data);
}

export const serverUrl = (user, password, port, database) =>
  `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/${database}`;

/**
 * After a power cut `postmaster.pid` names a process that is gone, or one that is somebody else by now; after
 * a kill -9 of the supervisor it may name a server that still holds the data folder.
 */
export async function recoverData(data) {
  const path = join(data, "postmaster.pid");
  if (!existsSync(path)) return;
  const pid = readPid(data);
  if (isAlive(pid) && commandOf(pid).includes(data)) {
    process.kill(pid, "SIGINT");
    if (!(await waitGone(pid, 10_000))) process.kill(pid, "SIGQUIT");
    if (!(await waitGone(pid, 5000)))
      throw new StartError(`PostgreSQL (process ${pid}) holds ${data} and does not end.`);
  }
  rmSync(path, { force: true });
}

async function connect(url) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Resolves when the server answers a query. */
export async function waitForPostgres(url, limitMs = 30_000, isGone = () => false) {
  for (const end = Date.now() + limitMs; ; await pause(50)) {
    try {
      const client = await connect(url);
      await client.query("select 1");
      await client.end();
      return;
    } catch (error) {
      if (isGone()) throw new StartError(`PostgreSQL ended at once: ${error.message}`);
      if (Date.now() > end) throw new StartError(`PostgreSQL does not answer: ${error.message}`);
    }
  }
}

/** An owner without superuser's rights, and an application role that owns nothing. */
export async function ensureDatabase(adminUrl, { database, ownerPassword, appPassword }) {
  const client = await connect(adminUrl);
  const has = async (query, name) => (await client.query(query, [name])).rows.length > 0;
  try {
    for (const [role, password] of [
      ["graft_owner", ownerPassword],
      ["graft_app", appPassword],
    ]) {
      const verb = (await has("select 1 from pg_roles where rolname = $1", role)) ? "alter" : "create";
      await client.query(
        `${verb} role ${role} login nosuperuser nocreatedb nocreaterole nobypassrls password ${client.escapeLiteral(password)}`,
      );
    }
    await client.query("grant graft_app to graft_owner");
    if (!(await has("select 1 from pg_database where datname = $1", database)))
      await client.query(`create database ${client.escapeIdentifier(database)} owner graft_owner`);
    await client.query(`revoke all on database ${client.escapeIdentifier(database)} from public`);
    await client.query(`grant connect on database ${client.escapeIdentifier(database)} to graft_app`);
  } finally {
    await client.end();
  }
}

/** For tests: a server of its own that ends with `stop`. */
export async function startPostgres(options) {
  const prepared = preparePostgres(options);
  await recoverData(prepared.data);
  const { command, args, ...spawnOptions } = prepared.process;
  const child = spawn(command, args, { ...spawnOptions, stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors = (errors + chunk).slice(-5000);
  });
  child.on("error", (error) => {
    errors += error.message;
  });
  const ended = new Promise((done) => child.once("exit", done));
  await waitForPostgres(prepared.adminUrl, 30_000, () => child.exitCode !== null).catch((error) => {
    child.kill("SIGQUIT");
    throw new StartError(`${error.message}\n${errors}`);
  });
  return {
    ...prepared,
    pid: child.pid,
    async stop() {
      child.kill("SIGINT");
      await ended;
      // Outside the home when the server's user cannot pass through it.
      rmSync(prepared.process.cwd, { recursive: true, force: true });
    },
  };
}
