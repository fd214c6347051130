import { div, gather, matMul, norm, type Tensor2D, tensor1d, tidy, topk } from "@tensorflow/tfjs-core";
import type { Neighbours } from "../data/augment";

/** Words further away mean something else more often than not; on this kind of table, a cosine of unit vectors. */
const LEAST_COSINE = 0.55;
const MOST = 5;
const ROWS_AT_ONCE = 512;

/**
 * The nearest words of each word by the cosine of their embeddings.
 * @param table word embeddings [vocabulary, hidden]. @param words ids that may stand for others.
 * @param wanted ids to look up; those that are no words are left out.
 */
export function findNeighbours(
  table: Tensor2D,
  words: readonly number[],
  wanted: ReadonlySet<number>,
): Neighbours {
  const found = new Map<number, number[]>();
  const asked = words.filter((id) => wanted.has(id));
  tidy(() => {
    const unit = (ids: readonly number[]) => {
      const rows = gather(table, tensor1d(Int32Array.from(ids), "int32")) as Tensor2D;
      return div(rows, norm(rows, "euclidean", 1, true)) as Tensor2D;
    };
    const all = unit(words);
    for (let at = 0; at < asked.length; at += ROWS_AT_ONCE) {
      const some = asked.slice(at, at + ROWS_AT_ONCE);
      // The nearest one is the word itself.
      const { values, indices } = tidy(() =>
        topk(matMul(unit(some), all, false, true), Math.min(MOST + 1, words.length)),
      );
      const [cosines, places] = [values.dataSync(), indices.dataSync()];
      const width = values.shape[1] as number;
      for (const [row, id] of some.entries()) {
        const near: number[] = [];
        for (let i = row * width; i < (row + 1) * width; i++) {
          const other = words[places[i] as number] as number;
          if (other !== id && (cosines[i] as number) >= LEAST_COSINE) near.push(other);
        }
        if (near.length > 0) found.set(id, near);
      }
    }
  });
  return found;
}
