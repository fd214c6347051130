import { realpathSync, rmSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cacheFolder, isComplete, keep, place } from "./native/cache.mjs";
import { compile } from "./native/compile.mjs";
import { flavours, hasBinding } from "./native/flavours.mjs";
import { runInstaller } from "./native/installer.mjs";
import { endRunning, lastLines, run } from "./start/run.mjs";

/**
 * `node scripts/native.mjs`: makes TensorFlow.js compute natively. What is there already is used; else the
 * package's own installer, which downloads; else the package's binding is compiled against the library in
 * TensorFlow's Python wheel; else everything stays on WebAssembly, and the last line says what that costs.
 * Ends with 0 when the best that this machine can have is there.
 */
const root = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
const say = (line) => console.log(line);

setPriority(19);
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => {
    endRunning();
    process.exit(1);
  });

let found = false;
const reasons = [];
for (const flavour of flavours(root)) {
  const startedAt = Date.now();
  const outcome = await ensure(flavour).catch((error) => {
    reasons.push(`${flavour.title}: ${error.message}`);
  });
  if (!outcome) continue;
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  say(`TensorFlow.js ${flavour.title} (libtensorflow ${outcome.version}): ${outcome.how} in ${seconds} s`);
  found = true;
}
if (reasons.length > 0) say(reasons.join("\n"));
if (!found)
  say(
    "TensorFlow.js stays on WebAssembly: encoders cannot be tuned and heads fit about three times slower. " +
      "Try again with: node scripts/native.mjs",
  );
process.exitCode = reasons.length > 0 ? 1 : 0;

/** Resolves to how the binding came to be in the package; throws with every reason why it is not. */
async function ensure(flavour) {
  const problems = [];
  if (hasBinding(flavour.folder)) {
    const checked = await probe(flavour.folder, flavour);
    if (checked.version) return { ...checked, how: "already there, checked" };
    problems.push(checked.problem);
  }
  const ways = [
    { how: "installed", version: flavour.ownVersion, make: runInstaller },
    ...(flavour.wheel ? [{ how: "compiled", version: flavour.wheel.version, make: compile }] : []),
  ];
  for (const { version } of ways) {
    const folder = cacheFolder(flavour, version);
    if (!isComplete(folder)) continue;
    const used = await use(flavour, folder, "taken from the cache");
    if (used.version) return used;
    problems.push(used.problem);
    rmSync(folder, { recursive: true, force: true });
  }
  for (const { how, version, make } of ways)
    try {
      const folder = cacheFolder(flavour, version);
      await keep(folder, (part) => make(flavour, part, say));
      const used = await use(flavour, folder, how);
      if (used.version) return used;
      problems.push(used.problem);
    } catch (error) {
      problems.push(`not ${how}: ${error.message}`);
    }
  throw new Error(problems.join("; "));
}

/** Only what computes here goes into the package. */
async function use(flavour, folder, how) {
  const checked = await probe(folder, flavour);
  if (checked.version) place(folder, flavour.folder);
  return { ...checked, how };
}

async function probe(folder, flavour) {
  const script = join(root, "scripts", "native", "probe.mjs");
  const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" };
  const { code, output } = await run(process.execPath, [script, folder, flavour.folder], {
    env,
    timeoutMs: 60_000,
  });
  const said = lastLines(output, 1);
  if (code !== 0 || !said.startsWith("{")) return { problem: `it does not compute here: ${said}` };
  const { version, isGpu } = JSON.parse(said);
  if (flavour.kind === "gpu" && !isGpu) return { problem: "TensorFlow finds no usable CUDA device" };
  return { version };
}
