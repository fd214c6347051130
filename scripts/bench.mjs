import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { run } from "./start/run.mjs";

/**
 * `npm run bench` lists the suites; `npm run bench -- engine` runs one, `npm run bench -- engine scope` or
 * `-- engine --only scope,wide` some claims of it. A suite has `--minutes` in all (60): claims that draw again and
 * again share what is left among them, and stop when their share is spent. `--quick` draws once.
 * `--data` names the folder of published sets (`../shared/data`).
 * Every claim runs its peer beside it and writes bench/results/.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    data: { type: "string" },
    minutes: { type: "string", default: "60" },
    help: { type: "boolean", default: false },
  },
});
const [suite, claim] = positionals;
const claimsOf = (name) =>
  readdirSync(join(root, "bench", name))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".child.ts"))
    .map((file) => file.slice(0, -3));
const suites = readdirSync(join(root, "bench"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "results")
  .map((entry) => entry.name);

if (values.help || !suite || !suites.includes(suite)) {
  for (const name of suites) console.log(`${name}: ${claimsOf(name).join(", ")}`);
  process.exit(suite && !values.help ? 1 : 0);
}
const asked = claim ? [claim] : values.only?.split(",");
const unknown = asked?.filter((name) => !claimsOf(suite).includes(name)) ?? [];
if (unknown.length > 0) {
  console.error(`${suite} has no claim ${unknown.join(", ")}; it has ${claimsOf(suite).join(", ")}`);
  process.exit(1);
}
const minutes = Number(values.minutes);
if (!(minutes > 0)) {
  console.error(`--minutes is a number above 0, not ${values.minutes}`);
  process.exit(1);
}
const wanted = asked ?? claimsOf(suite);
const deadline = Date.now() + minutes * 60_000;
let failed = 0;
for (const [i, name] of wanted.entries()) {
  console.log(`\n== ${suite}/${name}`);
  const share = Math.max(1, (deadline - Date.now()) / 60_000 / (wanted.length - i));
  const env = {
    ...process.env,
    GRAFT_BENCH_MINUTES: share.toFixed(1),
    ...(values.data ? { GRAFT_DATA_DIR: values.data } : {}),
    ...(values.quick ? { GRAFT_BENCH_QUICK: "1" } : {}),
  };
  const file = join(root, "bench", suite, `${name}.ts`);
  const { code } = await run(process.execPath, ["--import", "tsx", file], { cwd: root, env, inherit: true });
  if (code !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
