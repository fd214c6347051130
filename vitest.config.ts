import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = fileURLToPath(new URL(".", import.meta.url));

/** Every test file has a database and a home of its own (scripts/test), so files run beside each other. */
export default defineConfig({
  resolve: { alias: { "@": root.replace(/\/$/, "") } },
  test: {
    include: [
      "bench/**/*.test.ts",
      "docs/**/*.test.ts",
      "lib/**/*.test.ts",
      "db/**/*.test.ts",
      "workers/**/*.test.ts",
      "scripts/**/*.test.ts",
      "app/**/*.test.ts",
      "samples/**/*.test.ts",
    ],
    globalSetup: "scripts/test/setup.ts",
    setupFiles: "scripts/test/database.ts",
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
