import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { openBackend } from "../../lib/ml/backend";
import { embedTuned } from "../../lib/ml/base/tuned-vectors";
import { countNgrams } from "../../lib/ml/data/features";
import { nearest } from "../../lib/ml/linear/losses";
import { sideBySide } from "../../lib/ml/recipes/dense-parts";
import {
  type LinearRecipe,
  PAIR_RECIPES,
  prepareLinear,
  type ReadTexts,
} from "../../lib/ml/recipes/linear-text";
import { prepareTunedLinear } from "../../lib/ml/recipes/tuned-linear";
import {
  absoluteErrors,
  COVERAGE,
  halfWidth,
  meanAbsolute,
  moments,
  pearson,
  ranksOf,
} from "../../lib/ml/report/numbers";
import { scoreOf } from "../../lib/ml/report/resample";
import { embedOnDisk, openNative, openTunable, python, report, skip } from "../peer";
import { pairRows } from "../sets";

/**
 * A number for two texts: STS-B (English), ridge on |u - v|, u · v and the cosine of frozen embeddings, beside
 * scikit-learn's Ridge on the same features with its alpha by five folds; and how often the conformal interval holds the
 * truth on the published test rows. Then the same with the base tuned on the pairs, and what that does to the cosine
 * alone, by which texts are searched. Run: `npm run bench -- engine number`.
 */
const PEER = `
import sys, json, numpy as np
from sklearn.linear_model import RidgeCV
d, n, nt = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
x = np.fromfile(d + "/x.f32", dtype=np.float32).reshape(n, -1); xt = np.fromfile(d + "/xt.f32", dtype=np.float32).reshape(nt, -1)
y = np.fromfile(d + "/y.f64")
model = RidgeCV(alphas=[10, 1, 0.1, 0.01], cv=5).fit(x, y)
print(json.dumps({"values": model.predict(xt).tolist(), "alpha": float(model.alpha_)}))
`;
const NAME = "number";
const FOLDS = 5;
const peer = python("scikit-learn numpy") ?? skip(NAME, "pip cannot supply scikit-learn");
const dir = join(homedir(), ".cache", "graft", "bench", NAME);
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, "peer.py"), PEER);

const [train, test] = [pairRows(NAME, "train"), pairRows(NAME, "test")];
const all = [...train, ...test];
const embedded = await embedOnDisk(
  NAME,
  all.flatMap(({ texts }) => texts),
);
const rows = all.map(
  ({ texts }, i): ReadTexts => ({
    counted: texts.map(countNgrams),
    vectors: embedded.slice(2 * i, 2 * i + 2),
  }),
);
const scores = Float64Array.from(all, ({ score }) => score);
const truth = scores.subarray(train.length);
await openNative(NAME);
await openBackend();

const options = { seed: 1, signal: new AbortController().signal, onProgress: () => {} };
const places = train.map((_, row) => row);
const asked = test.map((_, i) => train.length + i);
const figures = (values: Float64Array) => ({
  pearson: scoreOf(moments(truth, values), pearson),
  spearman: scoreOf(moments(ranksOf(truth), ranksOf(values)), pearson),
  mae: meanAbsolute(truth, values),
});

/** Figures on the test rows, and the share of them inside of the interval that out-of-fold errors gave. */
async function judge(recipe: LinearRecipe) {
  const mean = scores.subarray(0, train.length).reduce((a, b) => a + b, 0) / train.length;
  const prepared = prepareLinear(recipe, rows, nearest(scores.map((score) => score - mean)));
  const values = (outputs: Float32Array) =>
    Float64Array.from(outputs, (one) => Math.min(5, Math.max(0, mean + one)));
  const unseen = new Float64Array(train.length);
  for (let fold = 0; fold < FOLDS; fold++) {
    const held = places.filter((row) => row % FOLDS === fold);
    const model = await prepared.fit(
      places.filter((row) => row % FOLDS !== fold),
      options,
    );
    for (const [at, value] of values(prepared.outputs(model, held)).entries()) unseen[held[at] ?? 0] = value;
  }
  const half = halfWidth(absoluteErrors(scores.subarray(0, train.length), unseen));
  const answered = values(prepared.outputs(await prepared.fit(places, options), asked));
  const covered = absoluteErrors(truth, answered).filter((error) => error <= half).length / test.length;
  return { ...figures(answered), half, covered, settings: prepared.effective() };
}
const [lexicalRecipe, headRecipe, wideRecipe, loraRecipe] = PAIR_RECIPES;
const graft: Record<string, Awaited<ReturnType<typeof judge>>> = {};
for (const recipe of [lexicalRecipe, headRecipe, wideRecipe]) graft[recipe.id] = await judge(recipe);

/** Once: a fit takes minutes. The cosine of frozen and tuned vectors of the test pairs beside. */
async function judgeTuned() {
  const { encoder, tokenize } = await openTunable();
  const sequences = all.map(({ texts }) => texts.map((text) => tokenize(text).ids));
  const mean = scores.subarray(0, train.length).reduce((a, b) => a + b, 0) / train.length;
  const prepared = prepareTunedLinear(loraRecipe, rows, nearest(scores.map((score) => score - mean)), {
    encoder,
    sequences,
    ordered: {},
    checkpoint: () => ({ save: async () => {}, load: async () => null }),
  });
  const started = performance.now();
  const model = await prepared.fit(places, options);
  const seconds = (performance.now() - started) / 1000;
  const answered = Float64Array.from(prepared.outputs(model, asked), (one) =>
    Math.min(5, Math.max(0, mean + one)),
  );
  if (!model.lora) throw new Error("nothing was tuned");
  const tuned = embedTuned(
    encoder,
    asked.flatMap((row) => sequences[row] ?? []),
    model.lora,
  );
  const cosineOf = (vectors: readonly Float32Array[]) =>
    Float64Array.from(asked, (_, i) =>
      (vectors[2 * i] as Float32Array).reduce((sum, x, at) => sum + x * (vectors[2 * i + 1]?.[at] ?? 0), 0),
    );
  const frozen = asked.flatMap((row) => rows[row]?.vectors ?? []);
  const spearman = (values: Float64Array) => figures(values).spearman;
  return {
    ...figures(answered),
    seconds,
    cosine: { frozen: spearman(cosineOf(frozen)), tuned: spearman(cosineOf(tuned)) },
  };
}
const lora = await judgeTuned();

const features = (part: readonly ReadTexts[]) =>
  Float32Array.from(part.flatMap((row) => [...sideBySide(row)]));
writeFileSync(join(dir, "x.f32"), features(rows.slice(0, train.length)));
writeFileSync(join(dir, "xt.f32"), features(rows.slice(train.length)));
writeFileSync(join(dir, "y.f64"), scores.subarray(0, train.length));
const answer = JSON.parse(peer([join(dir, "peer.py"), dir, String(train.length), String(test.length)])) as {
  values: number[];
  alpha: number;
};
const scikit = { ...figures(Float64Array.from(answer.values)), alpha: answer.alpha };
const { head, lexical, wide } = graft;
if (!head || !lexical || !wide) throw new Error("a recipe is missing");
report(
  `engine ${NAME}`,
  {
    claim: `a number for two texts: STS-B, ${train.length} pairs, ${test.length} others, beside scikit-learn's Ridge on the same features; conformal intervals on the same rows`,
    measured: `Pearson ${head.pearson.toFixed(3)} beside ${scikit.pearson.toFixed(3)} (words alone ${lexical.pearson.toFixed(3)}, both ${wide.pearson.toFixed(3)}), tuned ${lora.pearson.toFixed(3)}; Spearman of the cosine alone ${lora.cosine.frozen.toFixed(3)} frozen, ${lora.cosine.tuned.toFixed(3)} tuned; ${(100 * head.covered).toFixed(1)} % of rows inside of the ${100 * COVERAGE} % interval`,
    target: "Pearson >= peer - 0.005, tuned above frozen; coverage 88 to 92 %",
  },
  {
    graft: { ...graft, lora },
    scikit,
    isMet:
      head.pearson >= scikit.pearson - 0.005 &&
      lora.pearson > head.pearson &&
      Math.abs(head.covered - COVERAGE) <= 0.02,
  },
);
