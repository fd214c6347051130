import { failMeasurement, modelToMeasure } from "@/lib/acceptance";
import { keepAnswers } from "@/lib/acceptance-answers";
import { acceptanceFigures, type Judged } from "@/lib/acceptance-figures";
import { askModel } from "@/lib/ask-model";
import { AppError } from "@/lib/errors";
import { createId } from "@/lib/id";
import { recordAcceptanceRun } from "@/lib/milestones";
import { ndjsonOf } from "@/lib/ndjson";
import { MAX_INPUTS } from "@/lib/prediction-wire";
import type { Payload } from "@/lib/queue";
import { readBlob, versionKey } from "@/lib/storage";

/** `acceptance.measure`: asks a model the signed rows through everybody's door, and writes down what it reached. */
type Wanted = NonNullable<Awaited<ReturnType<typeof modelToMeasure>>>;
interface Row {
  line: number;
  input: unknown;
  target: string;
}

const OURS = "The measurement stopped for a reason of ours; hand the model in again. No run is used up.";

export async function runAcceptance(
  { tenantId, id }: Payload<"acceptance.measure">,
  attempt: { isLast: boolean },
  signal: AbortSignal,
): Promise<void> {
  try {
    const wanted = await modelToMeasure(tenantId, id);
    if (!wanted) return;
    const measured = await measure(tenantId, wanted, signal);
    await recordAcceptanceRun(tenantId, id, measured, wanted.submittedBy);
  } catch (error) {
    signal.throwIfAborted();
    // What was agreed cannot be met by asking again; everything else may pass with time.
    if (error instanceof AppError) await failMeasurement(tenantId, id, error.message);
    else if (attempt.isLast) await failMeasurement(tenantId, id, OURS);
    else throw error;
  }
}

async function measure(tenantId: string, wanted: Wanted, signal: AbortSignal) {
  const { acceptance, model, setId, taughtIds } = wanted;
  const taught = new Set<string>();
  for (const versionId of taughtIds)
    for await (const { input } of rowsOf(tenantId, versionId)) taught.add(JSON.stringify(input));
  const rows: Row[] = [];
  let excluded = 0;
  for await (const row of rowsOf(tenantId, setId))
    if (taught.has(JSON.stringify(row.input))) excluded += 1;
    else rows.push(row);
  const judged: Judged[] = [];
  for (let at = 0; at < rows.length; at += MAX_INPUTS)
    judged.push(...(await answers(tenantId, model.name, rows.slice(at, at + MAX_INPUTS), signal)));
  const figures = acceptanceFigures(acceptance, judged);
  const runId = createId("acceptance");
  await keepAnswers(tenantId, runId, judged);
  const { setSha256 } = acceptance;
  return { runId, modelId: model.id, setSha256, rows: rows.length, excluded, ...figures };
}

async function* rowsOf(tenantId: string, versionId: string): AsyncGenerator<Row> {
  yield* ndjsonOf<Row>(await readBlob(versionKey(tenantId, versionId, "rows.ndjson")));
}

async function answers(
  tenantId: string,
  model: string,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<Judged[]> {
  const inputs = rows.map(({ input }) => input);
  const data = (await askModel(tenantId, model, inputs, { signal })) as {
    label: string;
    confidence: number;
  }[];
  return rows.map(({ line, input, target }, i) => {
    const { label: answer = "", confidence = 0 } = data[i] ?? {};
    return { line, input, label: target, answer, confidence };
  });
}
