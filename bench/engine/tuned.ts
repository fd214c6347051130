import { draws, hasTime, report } from "../peer";
import { loadRows } from "../sets";
import { CHOOSING, draw, keptTrial, openTrials, runTrial, SHORT, withChoice } from "../trial";

/**
 * A2: what tuning is worth over the frozen head, and whether `auto` picks the best recipe. Every trial goes the way
 * of a training: recipes with their own choices compared out of fold, one chosen, each refitted on all training rows
 * and measured on rows that took no part. Run: `npm run bench -- engine tuned`.
 */
const NAME = "tuned";
const SEEDS = [1, 2, 3, 4, 5];
const SIZES = [8, 64];
const SETS = ["sms_spam", "goemotions_polarity", "goemotions_ekman", "zh_thucnews", "banking77"];
const [MOST_ROWS, MOST_TEST] = [15_000, 2000];

await openTrials(NAME);
const sets = new Map(SETS.map((set) => [set, loadRows(NAME, set, MOST_ROWS)]));
const trials: ({ set: string; shots: number; seed: number } & ReturnType<typeof withChoice>)[] = [];
type Trial = (typeof trials)[number];
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
const gainOf = ({ right }: Trial) => (right.lora ?? 0) - (right.head ?? 0);
const belowBest = ({ right, chosen }: Trial) => Math.max(...Object.values(right)) - (right[chosen] ?? 0);
/** What was measured until now; a bench that is interrupted has that to say too. */
function conclude() {
  const bySet = SIZES.flatMap((shots) =>
    SETS.flatMap((set) => {
      const mine = trials.filter((trial) => trial.set === set && trial.shots === shots);
      if (mine.length === 0) return [];
      const of = (recipe: string) => Number(mean(mine.map(({ right }) => right[recipe] ?? 0)).toFixed(1));
      return {
        shots,
        set,
        lexical: of("lexical"),
        head: of("head"),
        wide: of("wide"),
        lora: of("lora"),
        gain: Number(mean(mine.map(gainOf)).toFixed(1)),
        auto: mine.map(({ chosen }) => chosen).join(", "),
        autoBelowBest: Number(mean(mine.map(belowBest)).toFixed(1)),
      };
    }),
  );
  console.table(bySet);
  const countAt = (shots: number) => trials.filter((trial) => trial.shots === shots).length;
  const gainAt = (shots: number) =>
    mean(trials.filter((trial) => trial.shots === shots).map(gainOf)).toFixed(1);
  report(
    "engine tuned",
    {
      claim: `A2: the tuned encoder over the frozen head, points of accuracy, mean of ${SIZES.map((shots) => `${countAt(shots)} trials at ${shots} rows a class`).join(", ")} over ${SETS.length} sets`,
      measured: `+${gainAt(8)} at 8 rows a class, +${gainAt(64)} at 64; what auto chose is ${mean(trials.map(belowBest)).toFixed(1)} points below the best of four recipes on the test rows`,
      target: ">= +5 at 8, >= +7 at 64",
    },
    { bySet, trials },
  );
}
process.once("SIGINT", () => {
  conclude();
  process.exit();
});

let longest = 0;
for (const seed of draws(SEEDS))
  for (const shots of SIZES)
    for (const [set, data] of sets) {
      if (!hasTime(longest)) continue;
      const started = performance.now();
      const drawn = draw(data, shots, seed, { mostTest: MOST_TEST });
      const trial = await keptTrial(
        `${set}-${shots}-${seed}`,
        () => runTrial(SHORT, data, drawn, seed),
        CHOOSING,
      );
      const measured = withChoice(trial);
      longest = Math.max(longest, performance.now() - started);
      console.log(JSON.stringify({ set, shots, seed, ...measured }));
      trials.push({ set, shots, seed, ...measured });
    }
conclude();
