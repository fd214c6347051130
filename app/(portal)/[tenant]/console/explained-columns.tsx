"use client";
import { useTranslations } from "next-intl";
import { useId } from "react";
import type { Explanation } from "@/lib/ml/contract";
import { speakingOf, useEffectText } from "./speaking";

const MOST_LISTED = 10;

interface Props {
  columns: NonNullable<Explanation["columns"]>;
  label: string;
  addsTo: Explanation["adds_to"];
}

/** A row's columns by what they do, most first: for the label to the right, against it to the left, each with its figure. */
export function ExplainedColumns({ columns, label, addsTo }: Props) {
  const t = useTranslations("insight.explanation");
  const cell = useTranslations("insight.console");
  const effect = useEffectText(addsTo);
  const id = useId();
  const { speaking, most } = speakingOf(columns);
  const listed = speaking.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, MOST_LISTED);
  if (listed.length === 0) return <p className="text-ink-3 text-sm">{t("noColumn")}</p>;
  const others = columns.length - listed.length;
  return (
    <div className="min-w-0 text-sm">
      <p id={id} className="text-ink-3 mb-2 text-xs font-medium break-words">
        {t("columns", { label })}
      </p>
      <ol aria-labelledby={id} className="grid gap-2">
        {listed.map(({ name, value, usual, weight }) => (
          <li key={name}>
            <p className="flex justify-between gap-3">
              <span className="min-w-0 break-words">
                {name}: {value ?? cell("emptyCell")}
                <span className="text-ink-3 ml-2 text-xs">
                  {usual === null ? t("usuallyEmpty") : t("usually", { usual: String(usual) })}
                </span>
              </span>
              <span className="figures text-ink-2 shrink-0">{effect(weight)}</span>
            </p>
            <Bar share={weight / most} />
          </li>
        ))}
      </ol>
      {others > 0 && <p className="text-ink-3 mt-2 text-xs">{t("otherColumns", { count: others })}</p>}
    </div>
  );
}

/** From the middle to its side. */
function Bar({ share }: { share: number }) {
  return (
    <span aria-hidden className="bg-hover relative mt-1 block h-1.5 overflow-hidden rounded-full">
      <span
        className={`absolute inset-y-0 ${share > 0 ? "bg-good left-1/2" : "bg-bad right-1/2"}`}
        style={{ width: `${50 * Math.abs(share)}%` }}
      />
    </span>
  );
}
