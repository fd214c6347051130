import { gatherWords, type Window } from "../base/windows";
import type { Texts } from "../portable/text-folder";
import type { ForwardRequest, Predictor, TokenizerSource } from "../task";
import { type ReadWords, tokensOf, type WordAnswers } from "./trials.answers";
import { type OpenedTrial, readTrialArtifact } from "./trials.artifact";
import { knownBase } from "./trials.based";

/** What a task brings that answers with pieces of its texts, to serve its models. */
export interface WordTask<Input, One extends ReadWords, Output, Settings>
  extends WordAnswers<One, Output, Settings> {
  texts(input: Input): Texts;
  settingsOf(opened: OpenedTrial): Settings;
  /** Scores [words, outputs], given the words' vectors [words, hidden] where the model reads any. */
  score(opened: OpenedTrial, one: One, vectors: Float32Array | null): Float32Array;
}

/** Opens a trained model. Throws when a file was changed. */
export async function openByWords<Input, One extends ReadWords, Output, Settings>(
  task: WordTask<Input, One, Output, Settings>,
  dir: string,
  tokenizers: TokenizerSource,
): Promise<Predictor<Input, Output>> {
  const opened = await readTrialArtifact(dir);
  const answer = task.answering(task.settingsOf(opened), opened.manifest.labels);
  return predictByWords(task, opened, tokenizers, answer);
}

/**
 * The two halves of an answer that is a piece of its text: every word's vector through windows, then its scores, then
 * what is said of them.
 */
export async function predictByWords<Input, One extends ReadWords, Output>(
  { reader, texts, score }: Pick<WordTask<Input, One, unknown, never>, "reader" | "texts" | "score">,
  opened: OpenedTrial,
  tokenizers: TokenizerSource,
  say: (one: One, scores: Float32Array) => Output,
): Promise<Predictor<Input, Output>> {
  const { manifest, adapter } = opened;
  const base = manifest.base && { id: manifest.base.id, ...knownBase(manifest.base.id) };
  const readTexts = reader(base && { ...base, tokenize: await tokenizers(base.id) });
  const read = (input: Input) => readTexts(texts(input));
  const requestOf = ({ ids }: Window): ForwardRequest => ({
    base: base?.id ?? "",
    ids,
    isPerToken: true,
    ...(adapter && { adapter }),
  });
  return {
    sizeBytes: opened.sizeBytes * 3,
    before(inputs) {
      const rows = inputs.map(read);
      return {
        requests: rows.map(({ windows }) => windows.map(requestOf)),
        tokens: rows.reduce((sum, one) => sum + tokensOf(one), 0),
        // Windows cover a text of any length.
        truncated: inputs.map(() => false),
      };
    },
    after: (inputs, outputs) =>
      inputs.map((input, i) => {
        const one = read(input);
        const vectors = base && gatherWords(one.windows, outputs[i] ?? [], base.hidden);
        return say(one, score(opened, one, vectors));
      }),
  };
}
