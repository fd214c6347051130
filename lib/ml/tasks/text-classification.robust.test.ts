import { afterAll, expect, test } from "vitest";
import { toProbabilities } from "../linear/softmax-head";
import { generator } from "../linear/svm";
import { wordsOf } from "../recipes/class-names";
import { head } from "../recipes/head";
import { lexical } from "../recipes/lexical";
import { wide } from "../recipes/wide";
import { HARD_INPUTS, HARD_SETS, type LabelledText, rowsOf } from "./hard-sets.fixture";
import { crossValidate } from "./labels.compare";
import { fitModel, measure } from "./labels.measure";
import { planRows } from "./labels.rows";
import { trainingFolder } from "./order.fixture";
import { writeTextArtifact } from "./text-classification.artifact";
import { openTextModel } from "./text-classification.predict";

/**
 * The whole of a training and the answers of its model for rows that customers really send, under every recipe. The
 * embedding here is a random projection of words: arithmetic is what is tested, not the base.
 */
const folder = trainingFolder();
afterAll(folder.remove);
const RECIPES = { lexical, head, wide };
const WIDTH = 48;

function project(text: string): Float32Array {
  const out = new Float32Array(WIDTH);
  for (const word of text.slice(0, 1500).toLowerCase().split(/\s+/)) {
    const random = generator([...word].reduce((h, c) => Math.imul(h ^ (c.codePointAt(0) ?? 0), 16777619), 7));
    for (let i = 0; i < WIDTH; i++) out[i] = (out[i] as number) + random() - 0.5;
  }
  const norm = Math.hypot(...out) || 1;
  return out.map((x) => x / norm);
}

async function train(id: keyof typeof RECIPES, rows: LabelledText[]) {
  const order = folder.order(rows, { recipe: id, base: { id: "a", dir: "", sha256: "0" }, seed: 1 });
  const run = { ...folder.run(), threads: 1 };
  const plan = await planRows<string>(order, (text) => text);
  const names = plan.names.map(wordsOf);
  const embeddings = [...plan.rows.texts, ...names].map(project);
  const prepared = await RECIPES[id].prepare({ texts: plan.rows.texts, names, embeddings, tuning: null });
  const candidate = await crossValidate(RECIPES[id], prepared, plan, 1, run, () => {});
  const { evaluation } = await measure(candidate, plan, order, run);
  const all = [...plan.train, ...plan.test];
  const model = await fitModel(candidate, plan, all, order, run);
  const { temperature } = candidate;
  const facts = {
    base: order.base,
    temperature,
    seed: 1,
    task: "text-classification",
    validateScope: async () => null,
  };
  await writeTextArtifact(run.dir, model, plan, all, embeddings, facts);
  const predictor = await openTextModel(run.dir, async () => () => ({
    ids: Int32Array.of(1),
    truncated: false,
  }));
  const ask = (inputs: string[]) =>
    predictor.after(
      inputs,
      inputs.map((text) => (id === "lexical" ? [] : [project(text)])),
      { topK: plan.names.length, nearest: 2 },
    );
  const known = (count: number) => {
    const rows = all.slice(0, count);
    const logits = prepared.logits(model, rows);
    return {
      texts: rows.map((row) => plan.rows.texts[row] ?? ""),
      probabilities: toProbabilities(logits, plan.names.length, temperature),
    };
  };
  return { evaluation, candidate, ask, known, names: plan.names, effective: prepared.effective() };
}

for (const id of Object.keys(RECIPES) as (keyof typeof RECIPES)[])
  test.each(Object.keys(HARD_SETS))(
    `${id}: %s are trained on and answered, all in numbers`,
    async (name) => {
      const { evaluation, candidate, ask, names } = await train(id, HARD_SETS[name] ?? []);
      for (const value of candidate.logits) expect(Number.isFinite(value)).toBe(true);
      for (const { value, low, high } of [evaluation.accuracy, evaluation.macroF1])
        expect([value, low, high].every(Number.isFinite)).toBe(true);
      const answers = ask(HARD_INPUTS);
      expect(answers).toHaveLength(HARD_INPUTS.length);
      for (const { label, labels } of answers) {
        expect(names).toContain(label);
        expect(labels.reduce((sum, one) => sum + one.probability, 0)).toBeCloseTo(1, 4);
      }
    },
    300_000,
  );

test.each(["head", "wide"] as const)("%s answers in serving exactly as it did in training", async (id) => {
  const { ask, known, names } = await train(
    id,
    rowsOf(200, (i) => i % 4),
  );
  const { texts, probabilities } = known(50);
  for (const [i, { labels }] of ask(texts).entries())
    for (const { label, probability } of labels)
      expect(probability).toBe(probabilities[i * names.length + names.indexOf(label)]);
});

test("names of classes are examples where they help, and only there", async () => {
  const telling = Array.from({ length: 60 }, (_, i) => {
    const name = [
      "refundMoney",
      "late_parcel",
      "forgotten-password",
      "new_card",
      "close_account",
      "say hello",
    ][i % 6];
    return { input: `${wordsOf(name ?? "")} ${i}`, target: name ?? "" };
  });
  expect(wordsOf("refundMoney")).toBe("refund Money");
  const { effective } = await train("wide", telling);
  expect(Object.keys(effective).sort()).toEqual(["a", "c", "classNames"]);
  const numbered = await train(
    "wide",
    rowsOf(300, (i) => i % 3),
  );
  expect(numbered.effective.classNames).toBe(false);
});
