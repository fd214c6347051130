import { stripVTControlCharacters } from "node:util";
import { say } from "../start/steps.mjs";

/** Longer than this and a suite stops being run by people. */
const BUDGET_SECONDS = 60;

/** Of a failure's message; the whole one is where its suite ran. */
const LINES = 15;

/**
 * A result is one suite: `{ name, passed, failed, skipped, seconds, budgetSeconds?, failures? }`. Returns how many failed;
 * why stands last, for who sees only the end of a long output.
 */
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
  for (const { name, failures = [] } of results)
    for (const { title, message } of failures)
      say(
        `\nFAILED ${name}: ${title}\n${stripVTControlCharacters(message).split("\n").slice(0, LINES).join("\n")}`,
      );
  return results.reduce((sum, result) => sum + result.failed, 0);
}
