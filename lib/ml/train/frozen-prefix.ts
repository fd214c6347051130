import { type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { type Batch, createBatch, type Encoder } from "../base/encoder";
import { lengthBatches } from "../base/length-batches";

/** What one fit keeps at most: of a base 384 wide 350,000 tokens, which are 2,700 texts of 128 or 29,000 of 12. */
const MOST_BYTES = 512 * 2 ** 20;
/**
 * Padded tokens of one pass. Every row of a fit's first step may ask for another pass, and heartbeats come in between
 * steps only, so it is no more than a step has itself.
 */
const PASS_TOKENS = 512;

/**
 * Reads what the layers below the first adapted one make of a batch: [rows·tokens, hidden], zero where it is padded.
 * Called inside a tidy, and outside of what is differentiated: nothing below is learnt.
 */
export type Prefix = (sequences: readonly Int32Array[], batch: Batch) => Tensor2D;

/**
 * The encoder below layer `from`, kept on the host for each sequence that is taught. Which of them are computed in one
 * pass, and which are kept, follows from all that are taught and never from what was read before: in other company a
 * sequence may differ in its last bits, and a fit that was interrupted must go on with the same. What is not kept is
 * computed each time: sequences that augmentation changed, and beyond the bound the longest ones. None gives way to
 * another, as every epoch reads all of them.
 */
export function createPrefix(
  encoder: Encoder,
  from: number,
  taught: readonly Int32Array[],
  mostBytes = MOST_BYTES,
): Prefix {
  if (from === 0) return (_, batch) => encoder.embed(batch);
  const { hidden } = encoder.config;
  const passes = passesOf(taught, mostBytes / (4 * hidden));
  const kept = new Map<string, Float32Array>();
  const recall = (key: string): Float32Array | undefined => {
    const pass = passes.get(key);
    if (pass && !kept.has(key))
      for (const [i, states] of runBelow(encoder, from, pass).entries())
        kept.set(keyOf(pass[i] as Int32Array), states);
    return kept.get(key);
  };
  return (sequences, { rows, tokens }) => {
    const out = new Float32Array(rows * tokens * hidden);
    const missed: number[] = [];
    for (const [row, ids] of sequences.entries()) {
      const states = recall(keyOf(ids));
      if (states) out.set(states, row * tokens * hidden);
      else missed.push(row);
    }
    const others = missed.map((row) => sequences[row] as Int32Array);
    for (const [i, states] of runBelow(encoder, from, others).entries())
      out.set(states, (missed[i] as number) * tokens * hidden);
    return tensor2d(out, [rows * tokens, hidden]);
  };
}

/** Beside each sequence that is kept those of its pass; together they have at most so many tokens. */
function passesOf(taught: readonly Int32Array[], mostTokens: number): Map<string, readonly Int32Array[]> {
  const distinct = [...new Map(taught.map((ids) => [keyOf(ids), ids])).values()];
  const passes = new Map<string, readonly Int32Array[]>();
  const lengths = distinct.map((ids) => ids.length);
  let tokens = 0;
  for (const rows of lengthBatches(lengths, PASS_TOKENS)) {
    const pass = rows.map((row) => distinct[row] as Int32Array);
    for (const { length } of pass) tokens += length;
    if (tokens > mostTokens) break;
    for (const ids of pass) passes.set(keyOf(ids), pass);
  }
  return passes;
}

const keyOf = ({ buffer, byteOffset, byteLength }: Int32Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString("latin1");

/** Hidden states [tokens, hidden] of each sequence, without its padding. */
function runBelow(encoder: Encoder, from: number, sequences: readonly Int32Array[]): Float32Array[] {
  if (sequences.length === 0) return [];
  let values = new Float32Array(0);
  let width = 0;
  tidy(() => {
    const batch = createBatch(sequences);
    width = batch.tokens * encoder.config.hidden;
    values = encoder.run(encoder.embed(batch), batch, { to: from }).dataSync() as Float32Array<ArrayBuffer>;
  });
  return sequences.map(({ length }, row) =>
    values.slice(row * width, row * width + length * encoder.config.hidden),
  );
}
