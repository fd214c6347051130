import { useFormatter, useTranslations } from "next-intl";
import type { Readings } from "@/lib/ml/contract";
import { useMetricText } from "../../models/use-metric-text";
import { SetStrength } from "./set-strength";

type Tried = Readings["tried"][number];
interface Props {
  slug: string;
  name: string;
  /** As set under this name; null: as chosen out of fold. */
  strength: number | null;
  strengths: Readings;
  mayDeploy: boolean;
  /** How many saved examples are asked before it changes. */
  examples: number;
}

/** The measured points around a strength, the lower one first: one where it was measured itself, or lies beyond them all. */
function nearest(points: readonly Tried[], strength: number): readonly Tried[] {
  const exact = points.filter((one) => one.strength === strength);
  const below = points.filter((one) => one.strength < strength).slice(-1);
  const above = points.filter((one) => one.strength > strength).slice(0, 1);
  return exact.length > 0 ? exact : [...below, ...above];
}

/** How much of what tuning changed counts under this name, and what was measured there. */
export function Strength({ slug, name, strength, strengths, mayDeploy, examples }: Props) {
  const t = useTranslations("serving.strength");
  const format = useFormatter();
  const { metric, rows, tried } = strengths;
  const { nameOf, textOf } = useMetricText();
  const points = tried.toSorted((a, b) => a.strength - b.strength);
  const chosen = points.find((one) => one.chosen)?.strength ?? 1;
  const now = strength ?? chosen;
  const say = (some: readonly Tried[]) =>
    format.list(some.map(({ strength, value }) => t("point", { strength, figure: textOf(metric, value) })));
  const measured = (some: readonly Tried[]) =>
    t("measured", { metric: nameOf(metric), rows, points: say(some) });
  const near = nearest(points, now);
  const isMeasured = near.some((one) => one.strength === now);
  return (
    <div className="mt-4 flex flex-wrap items-start justify-between gap-x-8 gap-y-3 border-t pt-4">
      <div className="max-w-prose min-w-0 text-sm">
        <p>
          {t.rich(strength === null ? "asChosen" : "setHere", {
            ...{ now, chosen },
            b: (words) => <b className="font-semibold">{words}</b>,
          })}
        </p>
        <p className="text-ink-3 mt-1 text-xs">
          {measured(near)} {!isMeasured && t("unmeasured", { now })}{" "}
          {now !== chosen && t("calibrated", { chosen })}
        </p>
      </div>
      {mayDeploy && (
        <SetStrength {...{ slug, name, now, examples }} isSet={strength !== null} hint={measured(points)} />
      )}
    </div>
  );
}
