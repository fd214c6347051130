import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** Every program that runs beside Next, by the name of its bundle. */
const PROGRAMS = {
  serve: "workers/serve.ts",
  worker: "workers/main.ts",
  "train-child": "workers/train-child.ts",
  "check-child": "workers/check-child.ts",
  "backend-child": "workers/backend-child.ts",
  "export-child": "workers/export-child.ts",
  "label-child": "workers/label-child.ts",
  "appraise-child": "workers/appraise-child.ts",
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
  await bundleExported(root, join(folder, "exported"));
  // Its service process would stay for as long as the supervisor runs.
  await stop();
  cpSync(join(root, "db", "migrations"), join(folder, "migrations"), { recursive: true });
  // Without it Node guesses the kind of module from the nearest manifest, which an image may not have.
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }\n');
}

/**
 * What every exported model carries: its server as one file, the packages that it needs at the versions that are
 * tested here, and the texts around them.
 */
export async function bundleExported(root, folder) {
  const { build } = await import("esbuild");
  mkdirSync(folder, { recursive: true });
  const source = join(root, "workers", "exported");
  await build({
    absWorkingDir: root,
    entryPoints: [join(source, "server.ts")],
    outfile: join(folder, "server.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    packages: "external",
    plugins: [{ name: "unused", setup: dropUnused }],
    logLevel: "error",
  });
  const { dependencies, engines } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const wanted = ["@huggingface/tokenizers", "onnxruntime-node"];
  const manifest = {
    name: "exported-model",
    version: "1.0.0",
    private: true,
    type: "module",
    bin: "server.mjs",
    engines,
    scripts: { start: "node server.mjs" },
    dependencies: Object.fromEntries(wanted.map((name) => [name, dependencies[name]])),
  };
  writeFileSync(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  // The runtime's install script fetches a library for GPUs, which this server does not use.
  writeFileSync(join(folder, ".npmrc"), "ignore-scripts=true\n");
  for (const name of ["Dockerfile", "licences"])
    cpSync(join(source, name), join(folder, name), { recursive: true });
}

/** An import of which nothing is used is left out, as if every module said that loading it does nothing. */
function dropUnused(build) {
  build.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...from }) => {
    if (pluginData === "seen" || from.kind === "entry-point") return undefined;
    return { ...(await build.resolve(path, { ...from, pluginData: "seen" })), sideEffects: false };
  });
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
  await bundle(root, resolve(process.argv[2] ?? join(root, "dist", "programs")));
}
