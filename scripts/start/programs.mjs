import { join } from "node:path";
import { run } from "./run.mjs";

/** Where a program's source lies; in development it runs under tsx, otherwise its bundle does. */
const SOURCES = {
  serve: "workers/serve.ts",
  worker: "workers/main.ts",
  migrate: "db/migrate.ts",
  admin: "scripts/admin.ts",
  base: "scripts/base.ts",
  demo: "scripts/demo.ts",
};

/** The arguments after `node` that run one of our programs; without a build folder, from its source. */
export function programArgs(root, name, folder) {
  return folder ? [join(folder, `${name}.js`)] : ["--import", "tsx", join(root, SOURCES[name])];
}

export function runProgram(root, name, folder, { env, args = [], ...options }) {
  return run(process.execPath, [...programArgs(root, name, folder), ...args], { cwd: root, env, ...options });
}
