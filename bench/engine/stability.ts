import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { memory } from "@tensorflow/tfjs-core";
import { type BackendId, openBackend } from "../../lib/ml/backend";
import { type Encoder, openEncoder } from "../../lib/ml/base/encoder";
import { writeSmallBert } from "../../lib/ml/base/small-bert.fixture";
import { NO_AUGMENTATION } from "../../lib/ml/data/augment";
import { runOnBackend } from "../../lib/ml/golden.fixture";
import { generator } from "../../lib/ml/linear/svm";
import { tuneLora } from "../../lib/ml/train/tune-encoder";
import { baseDir, drift, hasBase, openNative, percent, report, skip } from "../peer";

/**
 * T5: a long tuning neither leaks nor grows, and a seed gives one result. 50,000 steps on a small encoder, 1,000 on
 * the base; tensors and memory are looked at every hundredth of the way. The same 300 steps twice on WebAssembly and
 * on native CPU, each in a process of its own. Run: `npm run bench -- engine stability`.
 */
const NAME = "stability";
const [CLASSES, BATCH, SEED] = [4, 8, 1];
const HASHED_STEPS = 300;

/** Steps over random rows: what is learnt does not matter, that it goes on does. */
async function tuneSteps(encoder: Encoder, words: number, steps: number, onStep: (step: number) => void) {
  const random = generator(SEED);
  const sequences = Array.from({ length: 10 * BATCH }, () =>
    Int32Array.from({ length: 4 + Math.floor(random() * 8) }, () => 1 + Math.floor(random() * (words - 1))),
  );
  const inputs = encoder.config.hidden;
  const head = {
    inputs,
    classes: CLASSES,
    weights: new Float32Array(inputs * CLASSES),
    bias: new Float32Array(CLASSES),
  };
  const tuned = await tuneLora(
    encoder,
    { sequences, labels: Int32Array.from(sequences, (_, i) => i % CLASSES) },
    head,
    {
      epochs: steps / 10,
      batchSize: BATCH,
      rate: 2e-3,
      headRate: 1,
      decay: 0.01,
      clip: 1,
      contrastive: 0,
      augmentation: { ...NO_AUGMENTATION, drop: 0.1 },
      smoothing: 0,
      classWeights: "even",
      lora: { rank: 8, alpha: 16, targets: ["query", "value"], fromLayer: 0 },
      seed: SEED,
    },
    { signal: new AbortController().signal, onStep },
  );
  const hash = createHash("sha256").update(tuned.head.weights);
  for (const { a, b } of tuned.lora.pairs) hash.update(a).update(b);
  return hash.digest("hex");
}

async function smallEncoder(): Promise<Encoder> {
  const dir = join(tmpdir(), "graft-bench-stability");
  mkdirSync(dir, { recursive: true });
  await writeSmallBert(dir, 64);
  return openEncoder(dir);
}

async function watch(encoder: Encoder, words: number, steps: number) {
  const tensors = new Set<number>();
  const resident: number[] = [];
  await tuneSteps(encoder, words, steps, (step) => {
    if (step % (steps / 100) !== 0) return;
    tensors.add(memory().numTensors);
    resident.push(process.memoryUsage.rss());
  });
  return {
    steps,
    tensors: [...tensors],
    drift: drift(resident),
    megabytes: resident.map((b) => Math.round(b / 1e6)),
  };
}

const [backend] = process.argv.slice(2);
if (backend) {
  await openBackend({ only: backend as BackendId, threads: 2 });
  console.log(JSON.stringify({ hash: await tuneSteps(await smallEncoder(), 20, HASHED_STEPS, () => {}) }));
} else {
  if (!hasBase) skip(NAME, "the base is not installed; npm start fetches it");
  await openNative(NAME);
  await openBackend({ threads: 2 });
  const small = await watch(await smallEncoder(), 20, 50_000);
  const base = await watch(await openEncoder(baseDir), 20_000, 1000);
  const program = fileURLToPath(import.meta.url);
  const repeats = (["wasm", "native"] as const).map((id) => {
    const hashes = [1, 2].map(() => runOnBackend<{ hash: string }>(program, id));
    const [one, two] = hashes.map((found) => (typeof found === "string" ? found : found.hash));
    return { backend: id, hashes: [one, two], isSame: one === two };
  });
  const isConstant = small.tensors.length === 1 && base.tensors.length === 1;
  report(
    "engine stability",
    {
      claim:
        "T5: 50,000 steps of tuning a 2-layer, 64-wide encoder and 1,000 of the base; one seed twice on each backend",
      measured: `tensors ${isConstant ? "constant" : "NOT constant"}; memory drift ${percent(small.drift)} % and ${percent(base.drift)} % over the last two thirds; the same weights hash twice: ${repeats.map(({ backend: id, isSame }) => `${id} ${isSame ? "yes" : "NO"}`).join(", ")}`,
      target: "constant, drift <= 3 %, the same hash",
    },
    { small, base, repeats },
  );
}
