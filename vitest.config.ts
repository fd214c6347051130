import { fileURLToPath } from "node:url";
import { defineConfig, type TestProjectConfiguration } from "vitest/config";
import { flavours, hasBinding } from "./scripts/native/flavours.mjs";

const root = fileURLToPath(new URL(".", import.meta.url));
const shared = {
  resolve: { alias: { "@": root.replace(/\/$/, "") } },
  test: {
    pool: "forks",
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
} as const;

/** What every backend must do alike. They run on WebAssembly with all others, and once more on each backend here. */
const GOLDEN = [
  "lib/ml/base/{fused,encoder}.test.ts",
  "lib/ml/train/{loop,frozen-prefix}.test.ts",
  "lib/ml/recipes/{tuned-text,tuned-words,tuned-linear}.test.ts",
  "lib/ml/report/integrated-gradients.test.ts",
  "lib/ml/tasks/table-classification.test.ts",
];
const built = flavours(root).filter(({ folder }) => hasBinding(folder));
const BACKENDS = {
  native: built.some(({ kind }) => kind === "cpu"),
  cuda: built.some(({ kind }) => kind === "gpu"),
};

function goldenOn([backend, isHere]: [string, boolean]): TestProjectConfiguration[] {
  if (!isHere) console.warn(`SKIPPED: the golden tests on ${backend}, which this machine does not have`);
  const env = { GRAFT_TEST_BACKEND: backend };
  return isHere ? [{ ...shared, test: { ...shared.test, name: backend, include: GOLDEN, env } }] : [];
}

/** Every test file has a database and a home of its own (scripts/test), so files run beside each other. */
export default defineConfig({
  test: {
    pool: "forks",
    poolOptions: { forks: { maxForks: 2 } },
    projects: [
      {
        ...shared,
        test: {
          ...shared.test,
          name: "all",
          include: ["{bench,docs,lib,db,workers,scripts,app,components,samples}/**/*.test.ts"],
          globalSetup: "scripts/test/setup.ts",
          setupFiles: "scripts/test/database.ts",
        },
      },
      ...Object.entries(BACKENDS).flatMap(goldenOn),
    ],
  },
});
