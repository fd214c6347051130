import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Suites that share the embedded database run one file at a time; pure ones run beside each other. */
export default defineConfig({
  resolve: { alias: { "@": root.replace(/\/$/, "") } },
  test: {
    include: [
      "lib/**/*.test.ts",
      "db/**/*.test.ts",
      "workers/**/*.test.ts",
      "scripts/**/*.test.ts",
      "app/**/*.test.ts",
      "samples/**/*.test.ts",
    ],
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
