import { draws, report } from "../peer";
import { hasSplit, loadSplit } from "../sets";
import { ALL, draw, keptTrial, openTrials, runTrial, SHORT, withChoice } from "../trial";

/**
 * A3: how right the platform's models are on published sets with their own test rows. Sets that are not at hand say
 * so: `--data DIR` names a folder with `<set>/train.csv` and `<set>/test.csv`, a header, and the columns text and
 * label. Run: `npm run bench -- engine accuracy`.
 */
const NAME = "accuracy";
const WHOLE = Number.POSITIVE_INFINITY;
/**
 * Few rows: what `auto` reaches in the mean; all rows: once, after the others, for they take half an hour. Targets
 * are published figures or the torch reference.
 */
const CLAIMS = [
  { set: "banking77", shots: 10, target: 87.5, seeds: [1, 2, 3] },
  { set: "clinc150", shots: 10, target: 93, seeds: [1, 2, 3] },
  { set: "hwu64", shots: 10, target: 85.8, seeds: [1, 2, 3] },
  { set: "sst2", shots: 64, target: 80.3, seeds: [1, 2, 3] },
  { set: "trec6", shots: 64, target: 89.4, seeds: [1, 2, 3] },
  { set: "cr", shots: 64, target: 82.8, seeds: [1, 2, 3] },
  { set: "banking77", shots: WHOLE, target: 94.5, seeds: [1] },
];

await openTrials(NAME);
const here = CLAIMS.filter(({ set }) => hasSplit(set));
for (const { set, shots } of CLAIMS.filter((claim) => !here.includes(claim)))
  console.log(`${set}, ${shots} rows a class: not run, the set is not there`);
const trials: ({ set: string; shots: number; seed: number } & ReturnType<typeof withChoice>)[] = [];
for (const round of draws([0, 1, 2]))
  for (const { set, shots, seeds } of here) {
    const seed = seeds[round];
    if (!seed) continue;
    const { data, train, test } = loadSplit(set);
    const drawn = draw(data, shots, seed, { mostTest: 0, from: train });
    const trial = await keptTrial(`${set}-split-${shots}-${seed}`, () =>
      runTrial(shots === WHOLE ? SHORT : ALL, data, { ...drawn, test }, seed),
    );
    const measured = withChoice(trial);
    console.log(JSON.stringify({ set, shots, seed, ...measured }));
    trials.push({ set, shots, seed, ...measured });
  }
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
const measured = here.filter((claim) =>
  trials.some(({ set, shots }) => set === claim.set && shots === claim.shots),
);
const figures = measured.map(({ set, shots, target }) => {
  const mine = trials.filter((trial) => trial.set === set && trial.shots === shots);
  const of = (recipe: string) => mean(mine.map(({ right }) => right[recipe] ?? 0)).toFixed(1);
  const auto = mean(mine.map(({ right, chosen }) => right[chosen] ?? 0)).toFixed(1);
  const size = shots === WHOLE ? "all rows" : `${shots} a class`;
  const single = ["head", "wide", "lora", "full"]
    .filter((recipe) => mine.every(({ right }) => recipe in right))
    .map((recipe) => `${recipe} ${of(recipe)}`)
    .join(", ");
  return { target: `${set} ${size} ${target}`, measured: `${set} ${size}: auto ${auto} (${single})` };
});
report(
  "engine accuracy",
  {
    claim: "A3: percent right on published test rows, few rows in the mean of up to 3 draws",
    measured: figures.map(({ measured }) => measured).join("; "),
    target: `>= ${figures.map(({ target }) => target).join(", ")}`,
  },
  {
    trials,
    notRun: CLAIMS.filter((claim) => !measured.includes(claim)).map(({ set, shots }) =>
      shots === WHOLE ? `${set}, all rows` : `${set}, ${shots} a class`,
    ),
  },
);
