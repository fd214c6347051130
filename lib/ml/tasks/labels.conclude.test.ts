import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { lexical } from "../recipes/lexical";
import type { Prepared, TextModel, TextRecipe } from "../recipes/text-recipe";
import { DivergedError } from "../train/diverged";
import { crossValidate } from "./labels.compare";
import { concludeLabels } from "./labels.conclude";
import { planRows } from "./labels.rows";
import { trainingFolder } from "./order.fixture";
import { choose } from "./text-classification.choose";
import type { TextCandidate } from "./text-classification.comparison";

const folder = trainingFolder();
afterAll(folder.remove);
const ROWS = Array.from({ length: 300 }, (_, i) => ({
  input: `${["refund the money", "a parcel is late", "forgot the password"][i % 3]} ${i}`,
  target: `class_${i % 3}`,
}));
const UNSTABLE = { ...lexical, id: "unstable", usualGain: 0.5 };

/** The end of a training where one recipe settles in its folds, and not on so many rows as `of` says. */
async function conclude(recipe: string, of: "measured" | "served") {
  const order = folder.order(ROWS, { recipe });
  const run = folder.run();
  const plan = await planRows<string>(order, (text) => text);
  const data = { texts: plan.rows.texts, names: [], embeddings: null, tuning: null };
  const limit = of === "measured" ? plan.train.length : plan.train.length + plan.test.length;
  const compare = async (one: TextRecipe): Promise<TextCandidate> => {
    const prepared: Prepared = await lexical.prepare(data);
    const fit: Prepared["fit"] = async (rows, ...rest) => {
      if (one === UNSTABLE && rows.length === limit) throw new DivergedError("the loss became NaN at step 2");
      return prepared.fit(rows, ...rest);
    };
    return crossValidate(one, { ...prepared, fit }, plan, order.seed, run, () => {});
  };
  const [floor, unstable] = [await compare(lexical), await compare(UNSTABLE)];
  const candidates = recipe === "auto" ? [floor, unstable] : [unstable];
  const { report } = await concludeLabels<TextModel, TextCandidate>(
    { candidates, floor, frozen: null, leftOut: [] },
    plan,
    order,
    run,
    {
      dir: run.dir,
      task: "text-classification",
      seconds: {},
      choose: (left) => choose(left, false),
      async write(dir, { recipe }) {
        await mkdir(dir);
        await writeFile(join(dir, recipe.id), "");
        return { sha256: "", own: { base: null, backend: "", trainedTokens: 1 } };
      },
    },
  );
  const isWritten = (id: string) => existsSync(join(run.dir, "artifact", id));
  return { report, said: run.said, isWritten };
}

test.each(["measured", "served"] as const)(
  "under auto a %s fit that diverges costs the job its best recipe and not its end",
  async (of) => {
    const { report, said, isWritten } = await conclude("auto", of);
    expect([report.recipe, isWritten("lexical"), isWritten("unstable")]).toEqual(["lexical", true, false]);
    expect(report.compared.map(({ recipe, chosen }) => [recipe, chosen])).toEqual([
      ["lexical", true],
      ["unstable", false],
    ]);
    expect(report.choice).toBe(
      "lexical was chosen because the last fit of unstable does not settle on these rows.",
    );
    expect(said).toContain("unstable was dropped: its last fit does not settle on these rows");
  },
);

test("a recipe that was asked for by name fails with its reason", async () => {
  await expect(conclude("unstable", "served")).rejects.toMatchObject({ code: "training_diverged" });
});
