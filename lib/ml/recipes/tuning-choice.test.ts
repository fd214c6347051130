import { expect, test } from "vitest";
import { fromRows } from "../linear/matrix";
import type { TextModel } from "./text-recipe";
import { type Choice, chooseTuning } from "./tuning-choice";

/** What a fit with these settings is right on, of every hundred rows, and how sure it is. */
interface Skill {
  right: number;
  sure?: number;
  /** Whether rows of the rare class are those that it is right on. */
  rare?: boolean;
}

/** A trial over rows of which every tenth or every second is of class 1; its fits know what the test says. */
async function chooseAmong(skill: (choice: Choice) => Skill, rows: number, every = 2) {
  const texts = Array.from({ length: rows }, (_, i) => `row ${i}`);
  const labels = Int32Array.from(texts, (_, i) => Number(i % every === 0));
  const matrix = fromRows([...texts, "no", "yes"].map((_, i) => Float32Array.of(1, i % 3)));
  const fits: { choice: Choice; rows: number }[] = [];
  const judged: number[] = [];
  const { choice, effect } = await chooseTuning(
    {
      data: { texts, names: ["no", "yes"], embeddings: null, tuning: null },
      matrix,
      async teach(own, _labels, _classes, _options, choice) {
        fits.push({ choice, rows: own.length });
        return { choice } as unknown as TextModel;
      },
      logits(model, held) {
        const { right, sure = 2, rare = false } = skill((model as unknown as { choice: Choice }).choice);
        judged.push(held.length);
        return Float32Array.from(
          held.flatMap((row, at) => {
            const label = labels[row] as number;
            const isRight = rare
              ? label === 1 || (at % 10) * 10 < right
              : label === 0 || (at % 10) * 10 < right;
            const said = isRight ? label : 1 - label;
            return said === 1 ? [0, sure] : [sure, 0];
          }),
        );
      },
    },
    texts.map((_, i) => i),
    labels,
    2,
    { seed: 1, signal: new AbortController().signal, onProgress: () => {} },
  );
  return { choice, effect, fits, judged };
}

test("words stay as they are where changing them is no better, and the figures say so", async () => {
  const { choice, effect } = await chooseAmong(() => ({ right: 80 }), 400);
  expect(choice.augmentation).toEqual({ kind: "none", share: 0 });
  expect(effect).toMatchObject({ kind: "none", measured: { rows: 80 } });
  expect(effect.measured?.with).toBe(effect.measured?.without);
});

test("words are changed where that is right more often, or as often and surer", async () => {
  const swapping = ({ augmentation: { kind } }: Choice) => ({ right: kind === "swap" ? 90 : 80 });
  const better = await chooseAmong(swapping, 400);
  expect(better.choice.augmentation).toEqual({ kind: "swap", share: 0.15 });
  expect(better.effect.measured?.with).toBeGreaterThan(better.effect.measured?.without ?? 1);
  const surer = await chooseAmong(
    ({ augmentation: { kind } }) => ({ right: 100, sure: kind === "drop" ? 4 : 2 }),
    400,
  );
  expect(surer.choice.augmentation).toEqual({ kind: "drop", share: 0.25 });
});

test("another change of words takes the place of leaving some out only where it is surely better", async () => {
  const ofKind = (drop: number, synonym: number) => (choice: Choice) => {
    const { kind } = choice.augmentation;
    return { right: kind === "drop" ? drop : kind === "synonym" ? synonym : 30 };
  };
  // One row more of ten is chance.
  expect((await chooseAmong(ofKind(70, 80), 50)).choice.augmentation.kind).toBe("drop");
  expect((await chooseAmong(ofKind(40, 100), 100)).choice.augmentation.kind).toBe("synonym");
});

test("of many rows a part is taught and another judges, so words are never changed by habit", async () => {
  const { effect, fits, judged } = await chooseAmong(() => ({ right: 80 }), 8000);
  expect(effect).toMatchObject({ kind: "none", measured: { rows: 1000 } });
  expect(Math.max(...fits.map(({ rows }) => rows))).toBe(1500);
  expect(new Set(judged)).toEqual(new Set([1000]));
});

test("rare classes count as much as others where that is better for them and no worse for all", async () => {
  const helps = ({ classWeights }: Choice) =>
    classWeights === "balanced" ? { right: 98, rare: true } : { right: 30 };
  expect((await chooseAmong(helps, 400, 10)).choice.classWeights).toBe("balanced");
  const hurts = ({ classWeights }: Choice) =>
    classWeights === "balanced" ? { right: 40, rare: true } : { right: 30 };
  expect((await chooseAmong(hurts, 400, 10)).choice.classWeights).toBe("even");
});

test("half of the epochs are taken where they do as well", async () => {
  const early = ({ effort }: Choice) => ({ right: 100, sure: effort < 1 ? 4 : 2 });
  expect((await chooseAmong(early, 400)).choice.effort).toBe(0.5);
  const late = ({ effort }: Choice) => ({ right: effort < 1 ? 70 : 80 });
  expect((await chooseAmong(late, 400)).choice.effort).toBe(1);
});
