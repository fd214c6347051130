import { tidy } from "@tensorflow/tfjs-core";
import { createBatch, type Encoder, pool, type RunOptions } from "./encoder";
import { lengthBatches } from "./length-batches";
import { holdLora } from "./lora";
import type { Lora } from "./lora-shape";
import { holdChanged } from "./whole";
import type { Change } from "./whole-shape";

/** Padded tokens of one forward pass that only answers. */
const BATCH_TOKENS = 2048;

/** Unit-length vectors [hidden] of sequences under an adapter, in their order. */
export function embedTuned(encoder: Encoder, sequences: readonly Int32Array[], lora: Lora): Float32Array[] {
  const held = holdLora(lora, encoder.config);
  const vectors = embedWith(encoder, sequences, { difference: held.difference });
  held.dispose();
  return vectors;
}

/** The same by the encoder as it was tuned whole. */
export function embedChanged(
  encoder: Encoder,
  sequences: readonly Int32Array[],
  change: Change,
): Float32Array[] {
  const held = holdChanged(encoder, change);
  const vectors = embedWith(encoder, sequences, { layers: held.layers });
  held.dispose();
  return vectors;
}

/** The same with the encoder run as the options say; like lengths are computed together. */
export function embedWith(
  encoder: Encoder,
  sequences: readonly Int32Array[],
  options: RunOptions,
): Float32Array[] {
  const lengths = sequences.map((ids) => ids.length);
  const out: Float32Array[] = new Array(sequences.length);
  for (const rows of lengthBatches(lengths, BATCH_TOKENS)) {
    let values = new Float32Array(0);
    tidy(() => {
      const batch = createBatch(rows.map((row) => sequences[row] as Int32Array));
      values = pool(
        encoder.run(encoder.embed(batch), batch, options),
        batch,
      ).dataSync() as Float32Array<ArrayBuffer>;
    });
    const { hidden } = encoder.config;
    for (const [i, row] of rows.entries()) out[row] = values.slice(i * hidden, (i + 1) * hidden);
  }
  return out;
}
