import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { openBase } from "../../lib/ml/base/forward";
import { baseDir, hasBase, median, report, skip, startPython } from "../peer";

/**
 * The frozen forward of the base in ONNX Runtime beside the same model in PyTorch, same token ids, same threads. The
 * two take turns, so that a machine whose speed drifts slows both; the ratio is the median over the pairs. The peer
 * computes mean pooling and unit length too, and both answers are compared.
 * Run: `npm run bench -- spine forward`.
 */
const PEER = `
import sys, json, time, torch
from transformers import AutoModel
torch.set_num_threads(int(sys.argv[2])); m = AutoModel.from_pretrained(sys.argv[1]).eval()
for line in sys.stdin:
    b, t = json.loads(line)
    ids = (torch.arange(b * t).reshape(b, t) * 37 % 20000 + 1000)
    with torch.inference_mode():
        s = time.perf_counter()
        h = m(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(1)
        e = torch.nn.functional.normalize(h, dim=1)
        s = time.perf_counter() - s
    print(json.dumps({"seconds": s, "first": e[0].tolist()}), flush=True)
`;
const SHAPES = [
  [1, 16],
  [32, 16],
  [32, 64],
  [32, 128],
] as const;
const WARM_UP = 3;
const ROUNDS = 15;

if (!hasBase) skip("forward", "the base is not installed; npm start fetches it");
const folder = join(process.env.TMPDIR ?? "/tmp", "graft-bench-forward");
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "peer.py"), PEER);
const threads = String(cpus().length);
const peer = startPython("torch transformers", [join(folder, "peer.py"), baseDir, threads]);
if (!peer) skip("forward", "pip cannot supply torch");
const base = await openBase(baseDir, { threads: cpus().length });
const rows = [];
for (const [batch, tokens] of SHAPES) {
  const sequences = Array.from({ length: batch }, (_, b) =>
    Int32Array.from({ length: tokens }, (_v, t) => (((b * tokens + t) * 37) % 20_000) + 1000),
  );
  const pairs: { own: number; theirs: number }[] = [];
  let difference = 0;
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const started = performance.now();
    const [first] = await base.embed(sequences.map((ids) => ({ ids })));
    const own = (performance.now() - started) / 1000;
    const answer = (await peer.ask([batch, tokens])) as { seconds: number; first: number[] };
    difference = Math.max(...answer.first.map((value, i) => Math.abs(value - (first?.[i] ?? 9))));
    if (round >= WARM_UP) pairs.push({ own, theirs: answer.seconds });
  }
  const row = {
    shape: `${batch} x ${tokens}`,
    throughputRatio: median(pairs.map(({ own, theirs }) => theirs / own)),
    maxDifference: difference,
    pairs,
  };
  console.log(row.shape, row.throughputRatio.toFixed(2));
  rows.push(row);
}
await base.close();
peer.stop();
const maxDifference = Math.max(...rows.map((row) => row.maxDifference));
report(
  "spine forward",
  {
    claim: "frozen forward of the base in ONNX Runtime beside PyTorch, same ids and threads (rows x tokens)",
    measured: `${rows.map((row) => `${row.shape}: ${row.throughputRatio.toFixed(2)}x`).join(", ")}; differs by ${maxDifference.toExponential(0)}`,
    target: ">= 1x its throughput, differs by <= 1e-4",
  },
  { rows },
);
