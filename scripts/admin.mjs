import { spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readJson } from "./start/home.mjs";
import { programArgs } from "./start/programs.mjs";

/**
 * The operator's command, on the database of the running home (GRAFT_HOME), or on DATABASE_URL where there is
 * no home, as in a container. Run it without words to see what it can do.
 */
const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
const home = resolve(process.env.GRAFT_HOME || join(root, ".graft"));
const { env = {}, folder = null } = readJson(join(home, "env.json"), {});
if (!env.DATABASE_URL && !process.env.DATABASE_URL) {
  console.error(`There is no product in ${home}: run npm start first, or set GRAFT_HOME or DATABASE_URL.`);
  process.exit(1);
}
const isBuilt = folder && existsSync(join(folder, "admin.js"));
const child = spawn(
  process.execPath,
  [...programArgs(root, "admin", isBuilt ? folder : undefined), ...process.argv.slice(2)],
  // Log lines would mix with what is printed for tools.
  { cwd: root, stdio: "inherit", env: { ...process.env, ...env, LOG_LEVEL: "fatal" } },
);
child.on("error", (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
