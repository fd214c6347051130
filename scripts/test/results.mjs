import { say } from "../start/steps.mjs";

/** Longer than this and a suite stops being run by people. */
const BUDGET_SECONDS = 60;

/** A result is one suite: `{ name, passed, failed, skipped, seconds, budgetSeconds? }`. Returns what failed. */
export function printSummary(results) {
  say("\nsuite                                                        passed  failed  skipped    time");
  for (const { name, passed, failed, skipped, seconds, budgetSeconds = BUDGET_SECONDS } of results) {
    const counts = [passed, failed, skipped].map((count) => String(count).padStart(7)).join(" ");
    const over = seconds > budgetSeconds ? `  OVER its budget of ${budgetSeconds} s` : "";
    say(`${name.padEnd(58)} ${counts} ${`${seconds.toFixed(1)} s`.padStart(9)}${over}`);
  }
  const skipped = results.reduce((sum, result) => sum + result.skipped, 0);
  if (skipped > 0) say(`SKIPPED: ${skipped} tests did not run; their suites say why.`);
  const total = results.reduce((sum, result) => sum + (result.isPart ? 0 : result.seconds), 0);
  say(`whole time ${(total / 60).toFixed(1)} minutes`);
  return results.reduce((sum, result) => sum + result.failed, 0);
}
