import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./start/run.mjs";

/**
 * `npm run bench` lists the suites; `npm run bench -- spine` runs one, `npm run bench -- spine head-fit` one
 * claim of it. Every claim runs its peer beside it and writes bench/results/.
 */
const root = fileURLToPath(new URL("..", import.meta.url));
const [suite, claim] = process.argv.slice(2);
const claimsOf = (name) =>
  readdirSync(join(root, "bench", name))
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -3));
const suites = readdirSync(join(root, "bench"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "results")
  .map((entry) => entry.name);

if (!suite || !suites.includes(suite)) {
  for (const name of suites) console.log(`${name}: ${claimsOf(name).join(", ")}`);
  process.exit(suite ? 1 : 0);
}
const wanted = claimsOf(suite).filter((name) => !claim || name === claim);
if (wanted.length === 0) {
  console.error(`${suite} has no claim ${claim}; it has ${claimsOf(suite).join(", ")}`);
  process.exit(1);
}
let failed = 0;
for (const name of wanted) {
  console.log(`\n== ${suite}/${name}`);
  const file = join(root, "bench", suite, `${name}.ts`);
  const { code } = await run(process.execPath, ["--import", "tsx", file], { cwd: root, inherit: true });
  if (code !== 0) failed += 1;
}
process.exit(failed === 0 ? 0 : 1);
