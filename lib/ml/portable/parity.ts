import { openFor } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import { BASES } from "../catalogue";
import type { Engine, ExportOrder, ForwardResult, Parity } from "../task";
import { writeJson } from "./text-export";

/** What figures of the platform and of the exported graph may differ by, at most: probabilities, or shares of a range. */
const LIMIT = 1e-4;

/** Asked of every model that leaves, beside texts that it was taught or measured on. */
export const ODD_TEXTS = [
  "",
  " ",
  "🙂🙃👩‍👩‍👧‍👦",
  "请问我的包裹到哪里了？",
  "ﬁancé ＡＢＣ १२३",
  "Good morning, my order has not arrived yet; can I have my money back?",
  "word ".repeat(4000),
];

/** How far the probability of each label is from what is found for it. */
export function labelDifferences(
  own: readonly { label: string; probability: number }[],
  found: readonly { label: string; probability: number }[] = [],
): number[] {
  const there = new Map(found.map(({ label, probability }) => [label, probability]));
  return own.map(({ label, probability }) => probability - (there.get(label) ?? Number.NaN));
}

/** Writes `parity.json`. Throws when a difference is above the limit, or is no number. */
export async function writeParity(
  dir: string,
  rows: number,
  differences: readonly number[],
): Promise<Parity> {
  // A NaN on either side must not pass for equal.
  const most = differences.reduce(
    (worst, one) => (Number.isNaN(one) ? Number.POSITIVE_INFINITY : Math.max(worst, Math.abs(one))),
    0,
  );
  const parity: Parity = { rows, max_difference: most, limit: LIMIT };
  if (!(most <= LIMIT)) throw new Error(`the exported graph differs by ${most} from the platform's answers`);
  await writeJson(dir, "parity.json", parity);
  return parity;
}

/** The platform's own answers, the way that serving finds them. */
export async function answerHere<Input, Output>(
  open: Engine<Input, unknown, Output>["open"],
  inputs: readonly Input[],
  { base, artifactDir, threads }: Pick<ExportOrder, "base" | "artifactDir" | "threads">,
): Promise<Output[]> {
  const predictor = await open(artifactDir, async (id) => {
    const known = Object.values(BASES).find((one) => one.id === id);
    if (!base || !known) throw new Error(`the base ${id} is not here`);
    return openTokenizer(base.dir, known.maxTokens);
  });
  // What leaves is float32, whatever answers here.
  const read = { ...predictor.reads?.(""), precision: "float32" as const };
  const session = base && (await openFor(base.dir, read, { threads }));
  const ask = { topK: Number.MAX_SAFE_INTEGER, nearest: 0 };
  const outputs: Output[] = [];
  for (const input of inputs) {
    const asked = predictor.before([input]).requests[0] ?? [];
    const requests = asked.map((one) => ({ ...one, precision: "float32" as const }));
    const vectors: ForwardResult[] = session ? await session.embed(requests) : [];
    outputs.push(...predictor.after([input], [vectors], ask));
  }
  await session?.close();
  return outputs;
}
