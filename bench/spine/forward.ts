import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { openBase } from "../../lib/ml/base/forward";
import { baseDir, embedBanking, python, report, skip } from "../peer";

/**
 * The frozen forward of the base in ONNX Runtime beside the same model in PyTorch, same token ids, same threads,
 * in the same run. The peer computes mean pooling and unit length too, and both answers are compared.
 * Run: `npm run bench -- spine forward`.
 */
const PEER = `
import sys, json, time, torch
from transformers import AutoModel
d, threads = sys.argv[1], int(sys.argv[2]); torch.set_num_threads(threads)
m = AutoModel.from_pretrained(d).eval()
for line in open(sys.argv[3]):
    b, t = json.loads(line)
    ids = (torch.arange(b * t).reshape(b, t) * 37 % 20000 + 1000)
    best = []
    with torch.inference_mode():
        for i in range(12):
            s = time.perf_counter()
            h = m(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state.mean(1)
            e = torch.nn.functional.normalize(h, dim=1)
            best.append(time.perf_counter() - s)
    print(json.dumps({"median": sorted(best[2:])[5], "first": e[0].tolist()}), flush=True)
`;
const peer = python("torch transformers") ?? skip("forward", "pip cannot supply torch");
const { dir } = await embedBanking("forward");
const shapes = [
  [1, 16],
  [32, 16],
  [32, 64],
  [32, 128],
] as const;
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, "peer.py"), PEER);
writeFileSync(join(dir, "shapes"), shapes.map((shape) => JSON.stringify(shape)).join("\n"));
const theirs = peer([join(dir, "peer.py"), baseDir, String(cpus().length), join(dir, "shapes")])
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { median: number; first: number[] });
const base = await openBase(baseDir, { threads: cpus().length });
const rows = [];
for (const [at, [batch, tokens]] of shapes.entries()) {
  const sequences = Array.from({ length: batch }, (_, b) =>
    Int32Array.from({ length: tokens }, (_v, t) => (((b * tokens + t) * 37) % 20_000) + 1000),
  );
  const times: number[] = [];
  let first = new Float32Array();
  for (let i = 0; i < 12; i++) {
    const started = performance.now();
    first = new Float32Array((await base.embed(sequences.map((ids) => ({ ids }))))[0] ?? []);
    times.push((performance.now() - started) / 1000);
  }
  const median = times.slice(2).sort((a, b) => a - b)[5] ?? 0;
  const other = theirs[at] ?? { median: 0, first: [] };
  rows.push({
    shape: `${batch} x ${tokens}`,
    throughputRatio: other.median / median,
    maxDifference: Math.max(...other.first.map((value, i) => Math.abs(value - (first[i] ?? 9)))),
    own: median,
    peer: other.median,
  });
}
await base.close();
for (const row of rows) console.log(row);
const ratioOf = (row: { throughputRatio: number }) => `${row.throughputRatio.toFixed(2)}x`;
const maxDifference = Math.max(...rows.map((row) => row.maxDifference));
report(
  "spine forward",
  {
    claim: "frozen forward of the base in ONNX Runtime beside PyTorch, same ids and threads (rows x tokens)",
    measured: `${rows.map((row) => `${row.shape}: ${ratioOf(row)}`).join(", ")}; differs by ${maxDifference.toExponential(0)}`,
    target: ">= 1x its throughput, differs by <= 1e-4",
  },
  { rows },
);
