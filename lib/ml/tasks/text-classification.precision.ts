import { rm } from "node:fs/promises";
import { openFor } from "../base/forward";
import { lengthBatches } from "../base/length-batches";
import { openTokenizer } from "../base/tokenizer";
import type { Precision, PrecisionReport } from "../contract";
import type { TextModel } from "../recipes/text-recipe";
import { decide, pairedDifference } from "../report/metrics";
import type { BaseFiles, ForwardRequest, ForwardResult, Predictor, Run, TrainOrder } from "../task";
import { labelsOf, type Plan } from "./labels.rows";
import { openTextModel } from "./text-classification.predict";
import { knownBase } from "./trials.based";

/** What a model's accuracy may drop by in int8, even where so many rows cannot tell a drop from chance. */
const MOST_DROP = 0.01;
const BATCH_TOKENS = 2048;
const BATCH_ROWS = 64;

/**
 * Whether the base may answer for a model in int8. The model that was measured is written as serving reads it, and its
 * test rows are asked again in both precisions.
 */
export async function choosePrecision(
  /** Null without test rows. */
  model: TextModel | null,
  plan: Plan,
  order: TrainOrder,
  run: Run,
  to: { dir: string; writeMeasured(dir: string, model: TextModel): Promise<void> },
): Promise<PrecisionReport> {
  const { base } = order;
  const stay = (reason: "no_base" | "no_test_rows", why: string): PrecisionReport => {
    run.log("info", `The base answers in float32: ${why}.`);
    return { answers: "float32", reason, measured: null };
  };
  if (!model) return stay("no_test_rows", "without test rows, what int8 costs cannot be measured");
  if (model.kind === "lexical" || !base) return stay("no_base", "the model reads without a base");
  await to.writeMeasured(to.dir, model);
  const tokenize = await openTokenizer(base.dir, knownBase(base.id).maxTokens);
  const predictor = await openTextModel(to.dir, async () => tokenize);
  try {
    const rightIn = (precision: Precision) => rightRows(predictor, base, precision, plan, run);
    const [float32, int8] = [await rightIn("float32"), await rightIn("int8")];
    const { holds, difference } = judgeInt8(int8, float32);
    const measured = {
      rows: plan.test.length,
      ...{ float32: shareOf(float32), int8: shareOf(int8) },
      difference,
    };
    const answers = holds ? "int8" : "float32";
    run.log(
      "info",
      `The base answers in ${answers}: accuracy on ${measured.rows} test rows is ${percent(measured.int8)} in int8 and ${percent(measured.float32)} in float32.`,
    );
    return { answers, reason: holds ? "holds" : "drops", measured };
  } finally {
    await rm(to.dir, { recursive: true, force: true });
  }
}

/**
 * From which rows are right in each. It holds when the 95 % interval of int8 minus float32, paired, reaches zero and the
 * drop itself is at most one point: with few rows an interval alone would let any drop pass.
 */
export function judgeInt8(int8: readonly boolean[], float32: readonly boolean[]) {
  const { value, low, high } = pairedDifference(int8, float32);
  return { holds: high >= 0 && value >= -MOST_DROP, difference: { value, low, high } };
}

const shareOf = (isRight: readonly boolean[]) => isRight.filter(Boolean).length / isRight.length;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

/** For each test row whether it is answered rightly, the base computing as told. */
async function rightRows(
  predictor: Predictor<string>,
  { dir }: BaseFiles,
  precision: Precision,
  plan: Plan,
  { threads, signal }: Pick<Run, "threads" | "signal">,
): Promise<boolean[]> {
  const texts = plan.test.map((row) => plan.rows.texts[row] ?? "");
  const asked = predictor
    .before(texts)
    .requests.map(([request]): ForwardRequest => ({ ...(request as ForwardRequest), precision }));
  const vectors: ForwardResult[][] = new Array(texts.length);
  const lengths = asked.map(({ ids }) => ids.length);
  const session = await openFor(dir, asked[0] ?? {}, { threads });
  try {
    for (const rows of lengthBatches(lengths, BATCH_TOKENS, BATCH_ROWS)) {
      signal.throwIfAborted();
      const found = await session.embed(rows.map((row) => asked[row] as ForwardRequest));
      for (const [i, row] of rows.entries()) vectors[row] = found.slice(i, i + 1);
    }
  } finally {
    await session.close();
  }
  const logits = predictor.scoring?.scores(texts, vectors) ?? new Float32Array();
  const { predicted } = decide(logits, plan.names.length);
  return [...labelsOf(plan, plan.test)].map((label, row) => label === predicted[row]);
}
