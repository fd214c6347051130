"use client";
import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import { Progress } from "@/components/progress";
import type { LabellingWire } from "@/lib/labelling";

/** How far the labels are, how good a model on them would be, and what more would bring. */
export function LabellingState({ set }: { set: LabellingWire }) {
  const t = useTranslations("labelling.state");
  const format = useFormatter();
  const { counts, progress } = set;
  const answered = counts.labelled + counts.none;
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 0 });
  const most = Math.max(1, ...set.classes.map(({ labelled }) => labelled));
  return (
    <Card title={t("title")}>
      <div className="grid gap-4">
        <Progress
          value={answered / Math.max(1, counts.texts)}
          label={t("answered")}
          hint={t("of", { answered, texts: counts.texts })}
        />
        <div className="grid gap-1 text-sm" data-testid="accuracy">
          <p className="font-medium">{t("accuracy")}</p>
          {progress?.accuracy ? (
            <p>
              {t("about", {
                value: percent(progress.accuracy.value),
                low: percent(progress.accuracy.low),
                high: percent(progress.accuracy.high),
              })}
            </p>
          ) : (
            <p>
              {t("notEnough", { measured: progress?.measuredOn ?? 0, least: progress?.leastMeasured ?? 0 })}
            </p>
          )}
          <p className="text-ink-3 text-xs">
            {progress?.accuracy
              ? t("how", { labels: progress.labels, measured: progress.measuredOn })
              : t("why")}
          </p>
          {progress?.more.map((one) => (
            <p key={one.labels} className="text-ink-2 text-xs">
              {t("more", {
                labels: Math.max(0, one.labels - progress.labels),
                value: percent(one.value),
                low: percent(one.low),
                high: percent(one.high),
              })}
            </p>
          ))}
        </div>
        <ul className="grid gap-1.5 text-xs" aria-label={t("perClass")}>
          {set.classes.map(({ name, labelled }) => (
            <li key={name} className="grid grid-cols-[minmax(0,1fr)_4rem_2.5rem] items-center gap-2">
              <span className="truncate" title={name}>
                {name}
              </span>
              <span aria-hidden className="bg-hover h-1.5 overflow-hidden rounded-full">
                <span className="bg-accent block h-full" style={{ width: `${(labelled / most) * 100}%` }} />
              </span>
              <span className="figures text-right">{format.number(labelled)}</span>
            </li>
          ))}
        </ul>
        <p className="text-ink-3 text-xs">{t("others", { none: counts.none, skipped: counts.skipped })}</p>
      </div>
    </Card>
  );
}
