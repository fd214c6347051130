import { join } from "node:path";
import { openBackend } from "../backend";
import type { ModelReport } from "../contract";
import { countWords } from "../data/features";
import type { TextModel } from "../recipes/text-recipe";
import type { Run, ServedAdapter, TrainOrder } from "../task";
import { askOne } from "./in-parts";
import { type Compared, concludeLabels, type LabelsResult } from "./labels.conclude";
import { type Plan, taughtRows } from "./labels.rows";
import { writeTextArtifact } from "./text-classification.artifact";
import { choose, isForeignScript } from "./text-classification.choose";
import type { TextCandidate } from "./text-classification.comparison";
import { measureOwnSession } from "./text-classification.own-session";
import { choosePrecision } from "./text-classification.precision";
import { validateScope } from "./text-classification.scope";

/** The end of a training of texts: `concludeLabels` with scope, base and adapter. */
export async function conclude(
  compared: Compared<TextCandidate>,
  plan: Plan,
  order: TrainOrder,
  run: Run,
  to: { dir: string; task: string; adapter: ServedAdapter | null; seconds: ModelReport["seconds"] },
): Promise<LabelsResult> {
  const { texts } = plan.rows;
  return concludeLabels<TextModel, TextCandidate>(compared, plan, order, run, {
    ...to,
    choose: (candidates) => choose(candidates, isForeignScript(texts)),
    async write(dir, chosen, model, taught, measured) {
      const facts = {
        base: order.base,
        adapter: to.adapter,
        temperature: chosen.temperature,
        seed: order.seed,
        task: to.task,
      };
      const vectorsOf = async (one: TextModel, rows: readonly number[]) =>
        joined(await askOne(one, rows, run.signal, chosen.prepared.vectors));
      const writeMeasured = async (into: string, one: TextModel) => {
        const rows = taughtRows(plan);
        const vectors = await vectorsOf(one, rows);
        const validateScope = async () => null;
        await writeTextArtifact(into, one, plan, rows, vectors, { ...facts, validateScope });
      };
      const precision =
        order.precision === "int8"
          ? await choosePrecision(measured, plan, order, run, {
              dir: join(to.dir, "measured"),
              writeMeasured,
            })
          : undefined;
      const vectors = await vectorsOf(model, taught);
      const { sha256, scope } = await writeTextArtifact(dir, model, plan, taught, vectors, {
        ...facts,
        ...(precision ? { precision: precision.answers } : {}),
        validateScope: (references) => validateScope(chosen, plan, references, order.seed, run),
      });
      const isLexical = model.kind === "lexical";
      const base = order.base && !isLexical ? { id: order.base.id, sha256: order.base.sha256 } : null;
      const ownSession = await measureOwnSession(dir, model, order.base, run);
      const own = {
        base,
        ...(to.adapter ? { importedAdapter: describeAdapter(to.adapter) } : {}),
        scope,
        ...(precision ? { precision } : {}),
        ...(ownSession ? { ownSession } : {}),
        backend: isLexical ? "typed arrays" : (await openBackend()).label,
        trainedTokens: taught.reduce((sum, row) => sum + countWords(texts[row] ?? ""), 0),
      };
      return { sha256, own };
    },
  });
}

/** Null where the model has no vectors, whatever it is asked for. */
const joined = (parts: readonly (readonly Float32Array[] | null)[]) =>
  parts.some((part) => part === null) ? null : parts.flatMap((part) => part ?? []);

const describeAdapter = ({ key, lora }: ServedAdapter) => ({
  rank: lora.shape.rank,
  targets: [...lora.shape.targets],
  sha256: key,
});
