import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { commandOf } from "./processes.mjs";
import { StartError } from "./steps.mjs";

/**
 * The home: everything that one installation makes. Its files are readable by its owner alone; the folder
 * itself stays passable, because PostgreSQL may run there as another user.
 */
export function openHome(path) {
  mkdirSync(path, { recursive: true, mode: 0o711 });
  for (const name of ["storage", "logs"]) mkdirSync(join(path, name), { recursive: true, mode: 0o700 });
  return path;
}

export function readJson(path, fallback) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return fallback;
  }
}

/** Whole or absent, and for the owner's eyes. */
export function writeJson(path, value) {
  const part = `${path}.${process.pid}.part`;
  writeFileSync(part, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(part, path);
}

/** Passwords made once a home. */
export function homeSecrets(home) {
  const path = join(home, "secrets.json");
  const known = readJson(path, {});
  const secrets = { ...known };
  for (const name of ["superuser", "owner", "app", "session"])
    secrets[name] ??= randomBytes(24).toString("base64url");
  if (Object.keys(secrets).length !== Object.keys(known).length) writeJson(path, secrets);
  return secrets;
}

/** Ports are chosen free once and kept while they stay free, so addresses survive a restart. */
export async function homePorts(home, names) {
  const path = join(home, "ports.json");
  const known = readJson(path, {});
  const ports = {};
  for (const name of names) {
    const kept = known[name];
    ports[name] = kept && (await isFree(kept)) ? kept : await freePort(Object.values(ports));
  }
  writeJson(path, { ...known, ...ports });
  return ports;
}

export function isFree(port, host = "127.0.0.1") {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}

export async function freePort(taken = []) {
  for (;;) {
    const port = await new Promise((resolve, reject) => {
      const server = createServer();
      server.once("error", reject);
      server.listen(0, "127.0.0.1", () => {
        const { port: found } = server.address();
        server.close(() => resolve(found));
      });
    });
    if (!taken.includes(port)) return port;
  }
}

/** One start at a time on a home. Returns the function that gives it up. */
export function lockHome(home) {
  const path = join(home, "start.lock");
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(path, JSON.stringify({ pid: process.pid }), { flag: "wx", mode: 0o600 });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const { pid } = readJson(path, {});
      // A process id is used again sooner or later, so the command line decides.
      if (pid && pid !== process.pid && commandOf(pid).includes("start.mjs"))
        throw new StartError(`${home} is already in use by a running start (process ${pid}); stop it first.`);
      rmSync(path, { force: true });
    }
  }
  throw new StartError(`${path} cannot be taken; remove it when no other start runs.`);
}
