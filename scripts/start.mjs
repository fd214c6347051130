import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { buildFolder, ensurePages, ensurePrograms, nextEnv } from "./start/build.mjs";
import { checkNode, ensureDependencies, ensureHook, programOf } from "./start/dependencies.mjs";
import { loadEnvFile, productEnvironment } from "./start/environment.mjs";
import { lockHome, openHome, readJson, writeJson } from "./start/home.mjs";
import { followParent } from "./start/parent.mjs";
import { ensureDatabase, preparePostgres, recoverData, waitForPostgres } from "./start/postgres.mjs";
import { programArgs, runProgram } from "./start/programs.mjs";
import { announce, waitUntilReady, withdrawReady } from "./start/ready.mjs";
import { endRunning, lastLines } from "./start/run.mjs";
import { StartError, say, step } from "./start/steps.mjs";
import { createSupervisor } from "./start/supervisor.mjs";

/**
 * `npm start`: everything from a fresh clone to a product that answers, then the supervisor of its processes.
 * `--dev` runs the sources with reloading; `--no-demo` makes no demo tenant; `--no-native` leaves TensorFlow.js
 * as it is. Node built-ins alone until the dependencies are there.
 */
const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
const isDev = process.argv.includes("--dev");
const hasDemo = !process.argv.includes("--no-demo");
const wantsNative = !process.argv.includes("--no-native");
process.chdir(root);

let supervisor;
let unlock = () => {};
let stopping;

function stop(exitCode) {
  stopping ??= (async () => {
    endRunning();
    await supervisor?.stop();
    unlock();
    process.exit(exitCode);
  })();
  return stopping;
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    if (!stopping) say("\nstopping ...");
    stop(0).then(() => {});
  });

try {
  await main();
} catch (error) {
  if (!stopping) {
    say(error instanceof StartError ? `\n${error.message}` : `\n${error?.stack ?? error}`);
    await stop(1);
  }
}

async function main() {
  checkNode();
  followParent(() => {
    if (!stopping) say("\nnpm has ended; stopping ...");
    stop(0);
  });
  loadEnvFile(root);
  const home = realpathSync(openHome(resolve(process.env.GRAFT_HOME || join(root, ".graft"))));
  unlock = lockHome(home);
  withdrawReady(home);
  await step("Dependencies", () => ensureDependencies(root));
  await ensureHook(root);
  const product = await productEnvironment({ home, isDev });
  const folder = isDev ? undefined : buildFolder(root);
  const env = { ...process.env, ...product.derived };
  supervisor = createSupervisor({ logsDir: join(home, "logs"), env: process.env });

  if (product.isEmbedded) await step("PostgreSQL", () => startDatabase(home, product));
  else await step("PostgreSQL", async () => "yours, by DATABASE_URL");
  if (folder) await step("Programs", () => ensurePrograms(root, folder));
  await step("Migrations", () => migrateDatabase(folder, env));
  writeJson(join(home, "env.json"), { env: product.derived, folder: folder ?? null });
  await step("Pretrained base", () => fetchBase(folder, env));
  // What the processes write (uploads, rows, usage) is for this user alone; the home itself stays passable.
  process.umask(0o077);
  if (folder) await step("Build", () => ensurePages(root, folder));
  await step("Processes", () => startProcesses({ home, folder, env, product }));
  if (hasDemo) await step("First model", () => makeDemo({ home, folder, env }));
  announce({ home, url: product.derived.GRAFT_URL });
  supervisor.show();
  if (wantsNative) setUpNative();
  say(`\nLogs are in ${join(home, "logs")}; Ctrl-C stops everything.`);
}

async function startDatabase(home, { secrets, ports }) {
  const port = ports.postgres;
  const prepared = preparePostgres({ root, home, port, password: secrets.superuser });
  await recoverData(prepared.data);
  const server = supervisor.add({
    name: "postgres",
    ...prepared.process,
    stopSignal: "SIGINT",
    isLast: true,
    beforeRestart: () => recoverData(prepared.data),
  });
  const hasEnded = () => !server.isRunning();
  await waitForPostgres(prepared.adminUrl, 60_000, hasEnded).catch((error) => {
    throw new StartError(`${error.message}\n${server.tail()}`);
  });
  await ensureDatabase(prepared.adminUrl, {
    database: "graft",
    ownerPassword: secrets.owner,
    appPassword: secrets.app,
  });
  return `${prepared.isNew ? "new database" : "running"}, port ${port}`;
}

async function migrateDatabase(folder, env) {
  const { code, output } = await runProgram(root, "migrate", folder, { env });
  if (code !== 0) throw new StartError(`The migrations failed:\n${lastLines(output)}`);
  return "up to date";
}

/** Without a base everything but the recipes that need one works, so this never stops a start. */
async function fetchBase(folder, env) {
  const { code, output } = await runProgram(root, "base", folder, { env, timeoutMs: 8 * 60_000 });
  if (code === 0) return lastLines(output, 1);
  say(`    ${lastLines(output, 3)}`);
  return "absent, going on without it";
}

async function startProcesses({ home, folder, env, product }) {
  const { HOST, PORT } = product.derived;
  const next = programOf(root, "next");
  const web = isDev ? { NEXT_TELEMETRY_DISABLED: "1" } : nextEnv(root, folder);
  const { METRICS_PORT: _metrics, ...plain } = env;
  const add = (name, args, extra, base) =>
    supervisor.add({
      name,
      command: process.execPath,
      args,
      cwd: root,
      env: { ...base, ...extra, GRAFT_PROCESS: name },
    });
  add("serve", programArgs(root, "serve", folder), {}, env);
  add("worker", programArgs(root, "worker", folder), {}, plain);
  add("web", [next, isDev ? "dev" : "start", "-p", PORT, "-H", HOST], web, plain);
  await waitUntilReady(product.localUrl, () => stopping !== undefined).catch((error) => {
    throw new StartError(`${error.message} See ${join(home, "logs")}.`);
  });
  return `web, serve and worker answer at ${product.localUrl}`;
}

/** When the product answers already: a training chooses its backend when it starts, so the next one has it. */
function setUpNative() {
  const args = [join(root, "scripts", "native.mjs")];
  supervisor.add({
    name: "native",
    isOnce: true,
    command: process.execPath,
    args,
    cwd: root,
    env: process.env,
  });
}

async function makeDemo({ home, folder, env }) {
  const path = join(home, "demo.json");
  if (existsSync(path) && readJson(path, {}).model) return "there already";
  const { code, output } = await runProgram(root, "demo", folder, {
    env: { ...env, LOG_LEVEL: "fatal" },
    timeoutMs: 8 * 60_000,
  });
  if (code !== 0) throw new StartError(`The first model could not be made:\n${lastLines(output)}`);
  return lastLines(output, 1);
}
