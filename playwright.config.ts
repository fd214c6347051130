import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig, devices } from "@playwright/test";

const readyPath = join(resolve(process.env.GRAFT_HOME ?? ".graft"), "ready.json");
const url = existsSync(readyPath) ? (JSON.parse(readFileSync(readyPath, "utf8")) as { url: string }).url : "";
const isRoot = process.getuid?.() === 0;
const chromium = [process.env.GRAFT_CHROMIUM, "/usr/bin/chromium"].find((path) => path && existsSync(path));

/** The journeys run against the stack whose home is GRAFT_HOME; `npm run e2e` starts one of its own. */
export default defineConfig({
  testDir: "e2e",
  outputDir: process.env.PLAYWRIGHT_OUTPUT ?? "test-results",
  fullyParallel: false,
  workers: 2,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  reporter: "list",
  use: {
    baseURL: url,
    locale: "en-US",
    actionTimeout: 15_000,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(chromium ? { executablePath: chromium } : {}),
      // Chromium's sandbox does not start as root.
      args: isRoot ? ["--no-sandbox", "--disable-dev-shm-usage"] : [],
    },
  },
  projects: [
    { name: "desktop", use: { ...devices["Desktop Chrome"] }, testIgnore: /outage/ },
    // Kills parts of the stack, so it waits until the others are done.
    { name: "outage", testMatch: /outage/, dependencies: ["desktop"] },
  ],
});
