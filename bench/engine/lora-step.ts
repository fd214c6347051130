import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { type Encoder, openEncoder } from "../../lib/ml/base/encoder";
import { NO_AUGMENTATION } from "../../lib/ml/data/augment";
import type { LinearHead } from "../../lib/ml/linear/softmax-head";
import { generator } from "../../lib/ml/linear/svm";
import { tuneLora } from "../../lib/ml/train/tune-encoder";
import { baseDir, hasBase, median, openNative, report, skip, startPython } from "../peer";

/**
 * T2: one step of tuning a rank-8 adapter on query and value of every layer, batch 16 of 32 tokens, 77 classes, beside
 * torch + peft with AdamW on the same base. The two take turns; the ratio is the median over pairs of ten steps. In the
 * same turns a step of the top two layers, over what is kept of those below and run from the words.
 * Run: `npm run bench -- engine lora-step`.
 */
const PEER = `
import sys, json, time, torch
from transformers import AutoModel
from peft import LoraConfig, get_peft_model
torch.set_num_threads(int(sys.argv[2])); torch.manual_seed(1)
m = get_peft_model(AutoModel.from_pretrained(sys.argv[1]), LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"]))
head = torch.nn.Linear(384, 77); m.train()
params = [p for p in m.parameters() if p.requires_grad] + list(head.parameters())
o = torch.optim.AdamW(params, lr=1e-3)
for line in sys.stdin:
    steps, b, t = json.loads(line); s = time.perf_counter()
    for i in range(steps):
        ids = torch.randint(1000, 20000, (b, t)); y = torch.randint(0, 77, (b,))
        h = m(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(1)
        loss = torch.nn.functional.cross_entropy(head(torch.nn.functional.normalize(h, dim=1)) , y)
        o.zero_grad(); loss.backward(); torch.nn.utils.clip_grad_norm_(params, 1.0); o.step()
    print(json.dumps({"seconds": time.perf_counter() - s}), flush=True)
`;
const [BATCH, TOKENS, STEPS, ROUNDS, TOP] = [16, 32, 10, 7, 2];

if (!hasBase) skip("lora-step", "the base is not installed; npm start fetches it");
await openNative("lora-step");
const folder = join(process.env.TMPDIR ?? "/tmp", "graft-bench-lora-step");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "peer.py"), PEER);
const args = [join(folder, "peer.py"), baseDir, String(cpus().length)];
const peer = startPython("torch peft sentence-transformers", args);
if (!peer) skip("lora-step", "pip cannot supply torch and peft");

const encoder = await openEncoder(baseDir);
const random = generator(1);
const sequences = Array.from({ length: BATCH * STEPS }, () =>
  Int32Array.from({ length: TOKENS }, () => 1000 + Math.floor(random() * 19_000)),
);
const labels = Int32Array.from(sequences, () => Math.floor(random() * 77));
const head: LinearHead = {
  inputs: 384,
  classes: 77,
  weights: new Float32Array(384 * 77),
  bias: new Float32Array(77),
};
/** Of the last epoch: by then all that is kept of the layers below has been computed. */
async function ownSeconds(own: Encoder, fromLayer = 0, epochs = 1): Promise<number> {
  let started = performance.now();
  await tuneLora(
    own,
    { sequences, labels },
    head,
    {
      epochs,
      batchSize: BATCH,
      rate: 1e-3,
      headRate: 1,
      decay: 0.01,
      clip: 1,
      contrastive: 0,
      augmentation: NO_AUGMENTATION,
      smoothing: 0,
      classWeights: "even",
      lora: { rank: 8, alpha: 16, targets: ["query", "value"], fromLayer },
      seed: 1,
    },
    {
      signal: new AbortController().signal,
      onStep(step) {
        if (step === STEPS * (epochs - 1)) started = performance.now();
      },
    },
  );
  return (performance.now() - started) / 1000;
}
/** Keeps nothing below: it runs from the words in every step. */
const forgetful: Encoder = {
  ...encoder,
  run: (x, batch, { from, ...options } = {}) =>
    from === undefined ? x : encoder.run(encoder.embed(batch), batch, options),
};
const fromLayer = encoder.config.layers - TOP;
const pairs: { own: number; theirs: number; top: number; topFromWords: number }[] = [];
for (let round = -1; round < ROUNDS; round++) {
  const own = await ownSeconds(encoder);
  const { seconds: theirs } = (await peer.ask([STEPS, BATCH, TOKENS])) as { seconds: number };
  const top = await ownSeconds(encoder, fromLayer, 2);
  const topFromWords = await ownSeconds(forgetful, fromLayer);
  if (round >= 0) pairs.push({ own, theirs, top, topFromWords });
}
peer.stop();
const ratio = median(pairs.map(({ own, theirs }) => own / theirs));
const topRatio = median(pairs.map(({ top, topFromWords }) => top / topFromWords));
const stepOf = (seconds: readonly number[]) => `${Math.round((1000 * median(seconds)) / STEPS)} ms a step`;
report(
  "engine lora-step",
  {
    claim:
      "T2: one LoRA step (16 x 32 tokens, rank 8 on query and value) in TensorFlow.js beside torch + peft",
    measured: `${ratio.toFixed(2)}x its time (${stepOf(pairs.map(({ own }) => own))}); the top ${TOP} of ${encoder.config.layers} layers over what is kept below ${topRatio.toFixed(2)}x theirs from the words (${stepOf(pairs.map(({ top }) => top))})`,
    target: "<= 1.6x",
  },
  { ratio, topRatio, pairs },
);
