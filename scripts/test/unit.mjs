import { join, relative } from "node:path";
import { programOf } from "../start/dependencies.mjs";
import { readJson } from "../start/home.mjs";
import { run } from "../start/run.mjs";

/** Unit and integration tests; the database comes up in `setup.ts`. One result a file. */
export async function runUnit(root, folder) {
  const startedAt = Date.now();
  const report = join(folder, "unit.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const { code } = await run(process.execPath, [programOf(root, "vitest"), ...args], {
    cwd: root,
    inherit: true,
    // TensorFlow tells every process which instructions it was not compiled for.
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" },
    timeoutMs: 25 * 60_000,
  });
  const { testResults = [] } = readJson(report, {});
  const count = (file, state) => file.assertionResults.filter((test) => test.status === state).length;
  const files = testResults.map((file) => {
    const failed = count(file, "failed");
    return {
      name: relative(root, file.name),
      passed: count(file, "passed"),
      // A file that does not even load has no tests to count.
      failed: failed === 0 && file.status === "failed" ? 1 : failed,
      skipped: count(file, "pending") + count(file, "skipped") + count(file, "todo"),
      seconds: Math.max(0, (file.endTime - file.startTime) / 1000),
      isPart: true,
      // By name, for what says that it was shown.
      tests: file.assertionResults.map(({ title, status }) => ({ title, isPassed: status === "passed" })),
      failures: [
        ...(file.status === "failed" && failed === 0 ? [{ title: "loading", message: file.message }] : []),
        ...file.assertionResults
          .filter(({ status }) => status === "failed")
          .map(({ title, failureMessages }) => ({ title, message: failureMessages.join("\n") })),
      ],
    };
  });
  const isSilent = code !== 0 && files.every((file) => file.failed === 0);
  return [
    ...files,
    {
      name: "unit and integration tests, whole run",
      passed: 0,
      failed: isSilent ? 1 : 0,
      skipped: 0,
      seconds: (Date.now() - startedAt) / 1000,
      budgetSeconds: 60 * Math.max(1, files.length),
    },
  ];
}
