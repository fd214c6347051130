import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { checkNode, ensureDependencies, ensureHook } from "./start/dependencies.mjs";
import { StartError, say, step } from "./start/steps.mjs";
import { runChecks } from "./test/checks.mjs";
import { checkCompatibility } from "./test/compatibility.mjs";
import { runJourneys } from "./test/journeys.mjs";
import { printSummary } from "./test/results.mjs";
import {
  ensureChromium,
  ensureNative,
  ensureRedis,
  ensureS3,
  ensureStripe,
  ensureTriton,
} from "./test/tools.mjs";
import { runUnit } from "./test/unit.mjs";

/**
 * `npm test`: everything. `--check`: format, lint, types, dead code and unit tests. `--e2e`: the browser
 * journeys alone. Other arguments go to the journeys (a file, `-g name`).
 */
const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
process.chdir(root);
const args = process.argv.slice(2);
const only = args.find((arg) => arg === "--check" || arg === "--e2e");
const rest = args.filter((arg) => arg !== only);
const folder = mkdtempSync(join(tmpdir(), "graft-test-"));
const results = [];

try {
  checkNode();
  await step("Dependencies", () => ensureDependencies(root));
  await ensureHook(root);
  if (only !== "--e2e") {
    await step("Redis", () => ensureRedis());
    await step("S3", () => ensureS3());
    await step("Triton's client", () => ensureTriton());
    await step("Stripe's mock", () => ensureStripe());
    await step("Native TensorFlow", () => ensureNative(root));
    results.push(...(await runChecks(root)));
  }
  if (only !== "--check") {
    const chromium = { path: "" };
    await step("Chromium", () => ensureChromium(root, chromium));
    results.push(...(await runJourneys({ root, folder, chromium: chromium.path, args: rest })));
  }
  // After the journeys: their first start fetches the base, which suites then find in the cache.
  if (only !== "--e2e") results.push(...(await runUnit(root, folder)));
  if (only === undefined && rest.length === 0) results.push(checkCompatibility(root, results));
} catch (error) {
  say(error instanceof StartError ? error.message : String(error?.stack ?? error));
  results.push({ name: "npm test itself", passed: 0, failed: 1, skipped: 0, seconds: 0 });
}
const failed = printSummary(results);
if (failed === 0) rmSync(folder, { recursive: true, force: true });
else say(`Logs and reports of this run: ${folder}`);
say(`${results.reduce((sum, result) => sum + result.passed, 0)} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
