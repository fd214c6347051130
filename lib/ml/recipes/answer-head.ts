import { ANSWER_COLUMNS } from "../data/answer-features";
import { concatenate, joinColumns } from "../linear/matrix";
import { fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import { generator } from "../linear/svm";
import { type AnswerData, type AnswerRecipe, scoreAnswers, type WordSpan } from "./answerer";

/** How strongly a vector counts beside a column of ones. */
const VECTOR_SCALE = 0.1;
const SETTINGS = { c: 1, maxIterations: 100 };
/** Share of the words that are no edge of an answer which are learnt from: all of them would not say more. */
const OTHER_WORDS = 0.2;

/**
 * A start and an end head, each the logistic regression of being that edge of an answer over words. Which words are left
 * out moves the intercepts alone, and those cancel among the words of one context.
 */
export async function fitEdges(
  data: AnswerData,
  readsBase: boolean,
  rows: readonly number[],
  answers: readonly WordSpan[],
  options: { seed: number; signal: AbortSignal; onProgress(share: number): void },
): Promise<LinearHead> {
  const random = generator(options.seed);
  const hidden = readsBase ? data.hidden : 0;
  const width = hidden + ANSWER_COLUMNS;
  const parts: Float32Array[] = [];
  const edges: { isStart: number[]; isEnd: number[] } = { isStart: [], isEnd: [] };
  for (const [i, row] of rows.entries()) {
    const { columns } = data.texts[row] as AnswerData["texts"][number];
    const vectors = readsBase ? (data.vectors?.[row] ?? new Float32Array(0)) : new Float32Array(0);
    const joined = joinColumns(
      vectors.map((value) => value * VECTOR_SCALE),
      hidden,
      columns,
      ANSWER_COLUMNS,
    );
    const { first, last } = answers[i] as WordSpan;
    for (let word = 0; word < joined.length / width; word++) {
      const isEdge = word === first || word === last;
      if (!isEdge && random() > OTHER_WORDS) continue;
      parts.push(joined.subarray(word * width, (word + 1) * width));
      edges.isStart.push(Number(word === first));
      edges.isEnd.push(Number(word === last));
    }
  }
  const matrix = { rows: parts.length, columns: width, values: concatenate(parts) };
  const fitOne = (isEdge: readonly number[], from: number) =>
    fitSoftmaxHead(matrix, Int32Array.from(isEdge), 2, {
      ...SETTINGS,
      signal: options.signal,
      onIteration: (done) => options.onProgress(from + done / SETTINGS.maxIterations / 2),
    });
  const [start, end] = [await fitOne(edges.isStart, 0), await fitOne(edges.isEnd, 0.5)];
  const weights = new Float32Array(width * 2);
  // The logit of being an edge is the difference of the two classes.
  const logitOf = ({ weights: own }: LinearHead, input: number) =>
    (own[input * 2 + 1] as number) - (own[input * 2] as number);
  for (let input = 0; input < width; input++) {
    const scale = input < hidden ? VECTOR_SCALE : 1;
    weights[input * 2] = scale * logitOf(start, input);
    weights[input * 2 + 1] = scale * logitOf(end, input);
  }
  return { inputs: width, classes: 2, weights, bias: new Float32Array(2) };
}

function headRecipe(id: "lexical" | "head", readsBase: boolean): AnswerRecipe {
  return {
    id,
    needs: { base: readsBase, tuning: false },
    estimate: ({ rows, meanTokens }) => ({
      seconds: 3 + (rows * meanTokens * (readsBase ? 500 : 100)) / 2e6,
      bytes: 500e6 + rows * meanTokens * (readsBase ? 2500 : 600),
    }),
    prepare: (data) => ({
      async fit(rows, answers, options) {
        const head = await fitEdges(data, readsBase, rows, answers, options);
        return { kind: id, head, temperature: 1, lora: null };
      },
      logits: ({ head }, rows) =>
        rows.flatMap((row) => {
          const one = data.texts[row];
          return one ? [scoreAnswers(head, one, readsBase ? (data.vectors?.[row] ?? null) : null)] : [];
        }),
    }),
  };
}

/** What question and context have in common, and nothing else: needs no base, and is the floor. */
export const lexicalAnswerer = headRecipe("lexical", false);
/** The same beside the frozen base's vector of each word, read behind the question. */
export const headAnswerer = headRecipe("head", true);
