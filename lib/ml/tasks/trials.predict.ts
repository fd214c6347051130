import { gatherWords, type Window } from "../base/windows";
import type { Words } from "../base/words";
import type { ForwardRequest, Predictor } from "../task";
import type { OpenedTrial } from "./trials.artifact";

/** A text as its model reads it. */
interface Read {
  words: Words;
  windows: readonly Window[];
}
interface OfWords<Input, One extends Read, Output> {
  opened: Pick<OpenedTrial, "baseId" | "adapter">;
  sizeBytes: number;
  /** Of the base's vectors. */
  hidden: number;
  read(input: Input): One;
  /** `vectors` [words, hidden]; null without a base. */
  answer(one: One, vectors: Float32Array | null): Output;
}

/** The two halves of an answer that is a piece of its text: every word's vector through windows, then the answer. */
export function predictByWords<Input, One extends Read, Output>({
  opened: { baseId, adapter },
  sizeBytes,
  hidden,
  read,
  answer,
}: OfWords<Input, One, Output>): Predictor<Input, Output> {
  const requestOf = (base: string, { ids }: Window): ForwardRequest => ({
    base,
    ids,
    isPerToken: true,
    ...(adapter && { adapter }),
  });
  return {
    sizeBytes,
    before(inputs) {
      const texts = inputs.map(read);
      const requests = texts.map(({ windows }) =>
        baseId === null ? [] : windows.map((window) => requestOf(baseId, window)),
      );
      // Without a base there are no word pieces: words are what is counted.
      const counted =
        baseId === null ? texts.map(({ words }) => words.spans) : requests.flat().map(({ ids }) => ids);
      return {
        requests,
        tokens: counted.reduce((sum, { length }) => sum + length, 0),
        // Windows cover a text of any length.
        truncated: inputs.map(() => false),
      };
    },
    after: (inputs, outputs) =>
      inputs.map((input, i) => {
        const one = read(input);
        return answer(one, baseId === null ? null : gatherWords(one.windows, outputs[i] ?? [], hidden));
      }),
  };
}
