import { spawn } from "node:child_process";
import { createWriteStream, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { programOf } from "../start/dependencies.mjs";
import { freePort, readJson } from "../start/home.mjs";
import { pause } from "../start/processes.mjs";
import { lastLines, run } from "../start/run.mjs";
import { say } from "../start/steps.mjs";

/** What the caller's shell says about their own installation must not reach the one under test. */
const FOREIGN =
  /^(DATABASE_|REDIS_URL|S3_|STRIPE_|SMTP_URL|MAIL_FROM|OIDC_|NEXTAUTH_|GRAFT_URL|GRAFT_NEXT|SERVE_|METRICS_PORT|HOST$|PORT$)/;
const FIRST_START_SECONDS = 600;
const SECOND_START_SECONDS = 10;

/** A first start in an empty home, every journey against it, and a second start with the clock running. */
export async function runJourneys({ root, folder, chromium, args }) {
  const home = join(folder, "home");
  const port = await freePort();
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)));
  // A journey's own program listens on this machine for webhooks.
  const given = {
    GRAFT_HOME: home,
    PORT: String(port),
    GRAFT_CHROMIUM: chromium,
    WEBHOOK_ALLOW_PRIVATE: "true",
  };
  const env = { ...own, ...given };
  const results = [];
  const first = await startStack({ root, folder, env, name: "first start", limit: FIRST_START_SECONDS });
  results.push(first.result);
  if (first.isReady) {
    results.push(...(await runPlaywright({ root, folder, env, args })));
    await first.stop();
    const second = await startStack({ root, folder, env, name: "second start", limit: SECOND_START_SECONDS });
    results.push(second.result);
    await second.stop();
  } else await first.stop();
  if (results.every((result) => result.failed === 0)) rmSync(home, { recursive: true, force: true });
  return results;
}

async function startStack({ root, folder, env, name, limit }) {
  const startedAt = Date.now();
  const seconds = () => (Date.now() - startedAt) / 1000;
  const logPath = join(folder, `${name.replace(" ", "-")}.log`);
  const ready = join(env.GRAFT_HOME, "ready.json");
  rmSync(ready, { force: true });
  const child = spawn(process.execPath, ["scripts/start.mjs"], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(logPath);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const ended = new Promise((done) => child.once("exit", done));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  while (!existsSync(ready) && !hasEnded() && seconds() < limit) await pause(100);
  const isReady = existsSync(ready) && !hasEnded();
  const took = seconds();
  say(`${isReady ? "ok  " : "FAIL"} ${name} (${took.toFixed(1)} s)`);
  if (!isReady) say(lastLines(readFileSync(logPath, "utf8"), 60));
  return {
    isReady,
    result: {
      name: `${name}, at most ${limit} s`,
      passed: isReady ? 1 : 0,
      failed: isReady ? 0 : 1,
      skipped: 0,
      seconds: took,
      budgetSeconds: limit,
    },
    async stop() {
      if (!hasEnded()) child.kill("SIGTERM");
      const isOver = await Promise.race([ended.then(() => true), pause(45_000).then(() => false)]);
      if (!isOver) {
        say(`FAIL ${name} did not stop within 45 s`);
        child.kill("SIGKILL");
      }
    },
  };
}

async function runPlaywright({ root, folder, env, args }) {
  const report = join(folder, "journeys.json");
  const startedAt = Date.now();
  const cli = programOf(root, "@playwright/test", "playwright");
  const { code } = await run(process.execPath, [cli, "test", "--reporter=list,json", ...args], {
    cwd: root,
    inherit: true,
    env: {
      ...env,
      PLAYWRIGHT_JSON_OUTPUT_NAME: report,
      PLAYWRIGHT_OUTPUT: join(folder, "playwright"),
    },
    timeoutMs: 12 * 60_000,
  });
  const { suites = [] } = readJson(report, {});
  const files = suites.map((suite) => {
    const tests = testsOf(suite);
    const count = (...states) => tests.filter((test) => states.includes(test.status)).length;
    return {
      name: `e2e/${suite.file}`,
      passed: count("expected", "flaky"),
      failed: count("unexpected"),
      skipped: count("skipped"),
      seconds: tests.flatMap((test) => test.results).reduce((sum, result) => sum + result.duration, 0) / 1000,
      isPart: true,
      tests: tests.map(({ title, status }) => ({
        title,
        isPassed: status === "expected" || status === "flaky",
      })),
      failures: tests
        .filter(({ status }) => status === "unexpected")
        .map(({ title, results }) => ({
          title,
          message: results.flatMap(({ errors }) => errors.map(({ message }) => message)).join("\n"),
        })),
    };
  });
  const isSilent = code !== 0 && files.every((file) => file.failed === 0);
  return [
    ...files,
    {
      name: "browser journeys, whole run",
      passed: 0,
      failed: isSilent ? 1 : 0,
      skipped: 0,
      seconds: (Date.now() - startedAt) / 1000,
      budgetSeconds: 60 * Math.max(1, files.length),
    },
  ];
}

/** Every test of a Playwright report's suite, however deep it is nested. */
function testsOf(suite) {
  return [
    ...(suite.specs ?? []).flatMap((spec) => spec.tests.map((test) => ({ ...test, title: spec.title }))),
    ...(suite.suites ?? []).flatMap((inner) => testsOf(inner)),
  ];
}
