import { cpus } from "node:os";
import { openBase } from "../../lib/ml/base/forward";
import { createLora } from "../../lib/ml/base/lora-shape";
import type { Sequence } from "../../lib/ml/task";
import { baseDir, hasBase, median, report, skip } from "../peer";

/**
 * S1: 32 rows of 32 different adapters in one batch beside the base alone, and beside one adapter after the other. The first
 * two run in int8 as well. All take turns; ratios are medians over the rounds.
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
const inInt8 = (rows: readonly Sequence[]) => rows.map((row): Sequence => ({ ...row, precision: "int8" }));
/** `int8Mixed`: beside its own base alone; `int8Gain`: beside the same batch in float32. */
type Ratios = Record<"mixed" | "loop" | "int8Mixed" | "int8Gain", number>;
const results: (Ratios & { tokens: number })[] = [];
for (const tokens of LENGTHS) {
  const plain: Sequence[] = Array.from({ length: ROWS }, (_, row) => ({ ids: idsOf(row, tokens) }));
  const mixed = plain.map((sequence, row): Sequence => {
    const adapter = adapters[row];
    return adapter ? { ...sequence, adapter } : sequence;
  });
  const [plainInt8, mixedInt8] = [inInt8(plain), inInt8(mixed)];
  const rounds: Ratios[] = [];
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    const alone = await timed(() => base.embed(plain));
    const together = await timed(() => base.embed(mixed));
    const one = await timed(async () => {
      for (const sequence of mixed) await base.embed([sequence]);
    });
    const aloneInt8 = await timed(() => base.embed(plainInt8));
    const togetherInt8 = await timed(() => base.embed(mixedInt8));
    if (round >= WARM_UP)
      rounds.push({
        mixed: alone / together,
        loop: one / together,
        int8Mixed: aloneInt8 / togetherInt8,
        int8Gain: together / togetherInt8,
      });
  }
  const medianOf = (ratio: keyof Ratios) => median(rounds.map((one) => one[ratio]));
  const row = {
    tokens,
    mixed: medianOf("mixed"),
    loop: medianOf("loop"),
    int8Mixed: medianOf("int8Mixed"),
    int8Gain: medianOf("int8Gain"),
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
    measured: `base alone: ${said((row) => row.mixed)}; one after the other: ${said((row) => row.loop)}; in int8 beside its own base alone: ${said((row) => row.int8Mixed)}, beside the same batch in float32: ${said((row) => row.int8Gain)}`,
    target: ">= 0.95x of the base alone in float32, >= 0.85x of it in int8; >= 6x of one after the other",
  },
  { results },
);
