import { cpSync, existsSync, realpathSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Every program that runs beside Next, by the name of its bundle. */
const PROGRAMS = {
  serve: "workers/serve.ts",
  worker: "workers/main.ts",
  "train-child": "workers/train-child.ts",
  "check-child": "workers/check-child.ts",
  "backend-child": "workers/backend-child.ts",
  "gradient-child": "workers/gradient-child.ts",
  migrate: "db/migrate.ts",
  admin: "scripts/admin.ts",
  base: "scripts/base.ts",
  demo: "scripts/demo.ts",
};

/**
 * Our code becomes one file a program and shared chunks; packages stay in node_modules, since many load
 * native libraries, workers or data files by their place. `node scripts/bundle.mjs <folder>` does it alone.
 */
export async function bundle(root, folder) {
  const { build, stop } = await import("esbuild");
  const entries = Object.entries(PROGRAMS).filter(([, path]) => existsSync(join(root, path)));
  await build({
    absWorkingDir: root,
    entryPoints: Object.fromEntries(entries.map(([name, path]) => [name, join(root, path)])),
    outdir: folder,
    bundle: true,
    splitting: true,
    // Beside the entries, since some code finds its neighbours by its own place.
    chunkNames: "[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    sourcemap: "linked",
    logLevel: "error",
  });
  // Its service process would stay for as long as the supervisor runs.
  await stop();
  cpSync(join(root, "db", "migrations"), join(folder, "migrations"), { recursive: true });
  // Without it Node guesses the kind of module from the nearest manifest, which an image may not have.
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
  await bundle(root, resolve(process.argv[2] ?? join(root, "dist", "programs")));
}
