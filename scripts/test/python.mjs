import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "../start/run.mjs";

/** What tests ask of Python: from an environment of its own when the system's does not have it. */
const TOOLS = {
  s3: { module: "moto.server", packages: ["moto[server,s3]"] },
  triton: { module: "tritonclient.http", packages: ["tritonclient[http]"] },
};

const ownOf = (name) => join(homedir(), ".cache", "graft", `test-${name}`);
const pythonOf = (folder) => join(folder, "bin", "python");

/** The Python that has the tool, or null. */
export function pythonWith(name) {
  const has = (python) => spawnSync(python, ["-c", `import ${TOOLS[name].module}`]).status === 0;
  const own = pythonOf(ownOf(name));
  return [own, "python3"].find((python) => (python !== own || existsSync(own)) && has(python)) ?? null;
}

/** As `pythonWith`, after trying to install it. */
export async function ensurePythonWith(name) {
  if (pythonWith(name)) return pythonWith(name);
  const folder = ownOf(name);
  const { code } = await run("python3", ["-m", "venv", folder], { timeoutMs: 60_000 });
  const args = ["-m", "pip", "install", "-q", ...TOOLS[name].packages];
  if (code === 0) await run(pythonOf(folder), args, { timeoutMs: 4 * 60_000 });
  return pythonWith(name);
}
