import { openFor, wholeBytes } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import type { ModelReport } from "../contract";
import type { TextModel } from "../recipes/text-recipe";
import type { BaseFiles, Run, Sequence } from "../task";
import { openTextModel } from "./text-classification.predict";
import { knownBase } from "./trials.based";

/** From a written model's files to its first answer, where it answers by weights of its own; of any other nothing. */
export async function measureOwnSession(
  dir: string,
  model: TextModel,
  base: BaseFiles | null,
  { threads, log }: Pick<Run, "threads" | "log">,
): Promise<ModelReport["ownSession"]> {
  if (!base || !("reading" in model) || model.reading.rank !== "whole") return undefined;
  const tokenize = await openTokenizer(base.dir, knownBase(base.id).maxTokens);
  const started = performance.now();
  const predictor = await openTextModel(dir, async () => tokenize);
  const request: Sequence = predictor.reads?.("") ?? tokenize("");
  const session = await openFor(base.dir, request, { threads });
  await session.embed([request]);
  const coldMs = Math.round(performance.now() - started);
  await session.close();
  const bytes = await wholeBytes(base.dir, request.precision ?? "float32");
  const size = `${(bytes / 1e6).toFixed(0)} MB`;
  log("info", `The model answers by weights of its own: ${size}, ${coldMs} ms to the first answer.`);
  return { bytes, coldMs };
}
