import { floatsOf, intsOf, type ReadFile, vocabularyOf } from "../arrays";
import { adapterOf, type Manifest, ngramsOf, readArtifact, wholeOf } from "../artifact";
import { countNgrams, countWords, vectorise } from "../data/features";
import { type Dense, fromRows } from "../linear/matrix";
import type { NgramBlock } from "../linear/ngram-block";
import { denseLogits, type LinearHead, toProbabilities } from "../linear/softmax-head";
import { sparseLogits } from "../linear/svm";
import { wideLogits } from "../recipes/wide-part";
import { leaveOutWords } from "../report/leave-out";
import { shareNgrams } from "../report/ngram-words";
import { sparseRow } from "../report/scope";
import { alignTokens } from "../report/words";
import type { Ask, ForwardResult, Predictor, Scoring, Tokenize, TokenizerSource } from "../task";
import { toldByLabel } from "./labels.told";
import type { LabelOutput } from "./text-classification";
import { createDescriber, denseTaught, sparseTaught, type Taught } from "./text-classification.answers";

/** A trained text classifier as it lies on disk, verified. */
export interface Opened {
  manifest: Manifest;
  head: LinearHead;
  file: ReadFile;
  sizeBytes: number;
}

/** Throws when a file was changed or is missing. */
export async function readTextModel(dir: string): Promise<Opened> {
  const { manifest, files, sizeBytes } = await readArtifact(dir);
  const file = (name: string) => {
    const bytes = files.get(name);
    if (!bytes) throw new Error(`the model in ${dir} lacks ${name}`);
    return bytes;
  };
  const weights = floatsOf(file("weights.f32"));
  const classes = manifest.labels.length;
  const head = { inputs: weights.length / classes, classes, weights, bias: floatsOf(file("bias.f32")) };
  return { manifest, head, file, sizeBytes };
}

/** Opens a trained text classifier. Throws when a file was changed or its base is not the one it was fitted on. */
export async function openTextModel(
  dir: string,
  tokenizers: TokenizerSource,
): Promise<Predictor<string, LabelOutput>> {
  const opened = await readTextModel(dir);
  const { base } = opened.manifest;
  return base ? openBased(opened, await tokenizers(base.id)) : openLexical(opened);
}

/** Line and text of each taught row. */
export const rowsOf = ({ file }: Opened) =>
  JSON.parse(file("rows.json").toString("utf8")) as [line: number, text: string][];

/** Answers from logits, in training's order of classes. */
function describerOf(opened: Opened, taught: Taught) {
  const { manifest, file } = opened;
  const describeRow = createDescriber(manifest, taught, intsOf(file("row-labels.i32")), rowsOf(opened));
  const classes = manifest.labels.length;
  return (logits: Float32Array, queryOf: (row: number) => Parameters<typeof describeRow>[1], ask: Ask) => {
    const probabilities = toProbabilities(logits, classes, manifest.temperature);
    return Array.from({ length: logits.length / classes }, (_, row) => {
      const [from, to] = [row * classes, (row + 1) * classes];
      const own = { logits: logits.subarray(from, to), probabilities: probabilities.subarray(from, to) };
      return describeRow(own, queryOf(row), ask);
    });
  };
}

/** The logits of embedded inputs: the head's, and those of the n-grams. */
function logitsOf(opened: Opened, ngrams: NgramBlock | null) {
  if (!ngrams) return (embedded: Dense) => denseLogits(opened.head, embedded);
  return (embedded: Dense, inputs: readonly string[]) =>
    wideLogits({ head: opened.head, ngrams }, embedded, inputs.map(countNgrams));
}

function firstOf([first]: readonly ForwardResult[]): ForwardResult {
  if (!first) throw new Error("the base gave no embedding");
  return first;
}

type TextScoring = Scoring<string, LabelOutput>;
const scoringOf = ({ manifest }: Opened, logits: TextScoring["scores"]): TextScoring => ({
  ...toldByLabel,
  leaveOut: leaveOutWords,
  labels: manifest.labels,
  scores: (inputs, outputs) => logits(inputs, outputs).map((z) => z / manifest.temperature),
});

function openBased(opened: Opened, tokenize: Tokenize): Predictor<string, LabelOutput> {
  const answersOf = describerOf(opened, denseTaught(opened.file));
  const base = opened.manifest.base?.id ?? "";
  const ngrams = ngramsOf(opened.manifest, opened.file);
  const logitsFor = logitsOf(opened, ngrams);
  const logits: TextScoring["scores"] = (inputs, outputs) =>
    logitsFor(fromRows(outputs.map(firstOf)), inputs);
  const adapter = adapterOf(opened.manifest, opened.file, opened.head.inputs);
  const whole = wholeOf(opened.manifest, opened.file);
  const { precision = "float32" } = opened.manifest;
  const requestOf = (ids: Int32Array) => ({
    ...{ base, ids, precision },
    ...(adapter && { adapter }),
    ...(whole && { whole }),
  });
  return {
    reads: (text) => requestOf(tokenize(text).ids),
    // The taught rows are unpacked from one byte a number to four; what was changed of the base stays as it is.
    sizeBytes:
      opened.sizeBytes * 2 - (whole?.change.byteLength ?? 0) + opened.file("row-embeddings.i8").length * 4,
    before(inputs) {
      const encoded = inputs.map(tokenize);
      return {
        requests: encoded.map(({ ids }) => [requestOf(ids)]),
        tokens: encoded.reduce((sum, { ids }) => sum + ids.length, 0),
        truncated: encoded.map(({ truncated }) => truncated),
      };
    },
    after: (inputs, outputs, ask) =>
      answersOf(logits(inputs, outputs), (i) => firstOf(outputs[i] ?? []), ask),
    scoring: scoringOf(opened, logits),
    differentiate(input) {
      const words = alignTokens(input, tokenize);
      const none = () => new Float32Array(opened.head.classes);
      return {
        request: requestOf(tokenize(input).ids),
        head: opened.head,
        temperature: opened.manifest.temperature,
        words,
        ngrams: ngrams ? shareNgrams(ngrams, input, words) : { words: words.map(none), rest: none() },
      };
    },
  };
}

function openLexical(opened: Opened): Predictor<string, LabelOutput> {
  const vocabulary = vocabularyOf(opened.file);
  const answersOf = describerOf(opened, sparseTaught(opened.file, vocabulary.hashes.length));
  return {
    sizeBytes: opened.sizeBytes * 3,
    before: (inputs) => ({
      requests: inputs.map(() => []),
      tokens: inputs.reduce((sum, text) => sum + countWords(text), 0),
      truncated: inputs.map(() => false),
    }),
    after(inputs, _outputs, ask) {
      const matrix = vectorise(vocabulary, inputs.map(countNgrams));
      return answersOf(sparseLogits(opened.head, matrix), (i) => sparseRow(matrix, i), ask);
    },
    scoring: scoringOf(opened, (inputs) =>
      sparseLogits(opened.head, vectorise(vocabulary, inputs.map(countNgrams))),
    ),
  };
}
