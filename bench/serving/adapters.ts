import { cpus } from "node:os";
import { openBase } from "../../lib/ml/base/forward";
import { createLora } from "../../lib/ml/base/lora-shape";
import type { Sequence } from "../../lib/ml/task";
import { baseDir, hasBase, median, report, skip } from "../peer";

/**
 * S1: 32 rows of 32 different adapters in one batch beside the base alone, and beside one adapter after the other. The three
 * take turns; ratios are medians over the rounds. int8 is not built, so its target is not run.
 * Run: `npm run bench -- serving adapters`.
 */
const ROWS = 32;
const RANK = 8;
const LENGTHS = [16, 64, 128];
const WARM_UP = 3;
const ROUNDS = process.env.GRAFT_BENCH_QUICK === "1" ? 5 : 25;
const SHAPE = { layers: 6, hidden: 384, wide: 1536 };

if (!hasBase) skip("adapters", "the base is not installed; npm start fetches it");
const base = await openBase(baseDir, { threads: cpus().length });
const adapters = Array.from({ length: ROWS }, (_, n) => {
  const shape = { rank: RANK, alpha: RANK, targets: ["query", "value"] as const, fromLayer: 0 };
  return { key: `adapter-${n}`, lora: createLora(SHAPE as Parameters<typeof createLora>[0], shape, n + 1) };
});
const idsOf = (row: number, tokens: number) =>
  Int32Array.from({ length: tokens }, (_, t) => (((row * tokens + t) * 37) % 20_000) + 1000);
const timed = async (work: () => Promise<unknown>) => {
  const started = performance.now();
  await work();
  return performance.now() - started;
};
const results: { tokens: number; mixed: number; loop: number }[] = [];
for (const tokens of LENGTHS) {
  const plain: Sequence[] = Array.from({ length: ROWS }, (_, row) => ({ ids: idsOf(row, tokens) }));
  const mixed = plain.map((sequence, row): Sequence => {
    const adapter = adapters[row];
    return adapter ? { ...sequence, adapter } : sequence;
  });
  const pairs: { mixed: number; loop: number }[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const alone = await timed(() => base.embed(plain));
    const together = await timed(() => base.embed(mixed));
    const one = await timed(async () => {
      for (const sequence of mixed) await base.embed([sequence]);
    });
    if (round >= WARM_UP) pairs.push({ mixed: alone / together, loop: one / together });
  }
  const row = {
    tokens,
    mixed: median(pairs.map((pair) => pair.mixed)),
    loop: median(pairs.map((pair) => pair.loop)),
  };
  console.log(row);
  results.push(row);
}
await base.close();
const said = (pick: (row: (typeof results)[number]) => number) =>
  results.map((row) => `${row.tokens} tokens ${pick(row).toFixed(2)}x`).join(", ");
report(
  "serving adapters",
  {
    claim:
      "S1: 32 rows of 32 different adapters in one batch, throughput beside the base alone, and beside one after the other",
    measured: `base alone: ${said((row) => row.mixed)}; one after the other: ${said((row) => row.loop)}`,
    target: ">= 0.95x of the base alone (fp32; int8 is not built), >= 6x of one after the other",
  },
  { results },
);
