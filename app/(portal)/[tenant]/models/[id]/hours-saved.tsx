"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Field, Input } from "@/components/field";
import type { Estimate } from "@/lib/ml/evaluation";

/** What the share answered alone is worth at the reader's own volume. Nothing leaves the browser. */
export function HoursSaved({ coverage }: { coverage: Estimate }) {
  const t = useTranslations("insight.hours");
  const format = useFormatter();
  const [rows, setRows] = useState("");
  const [minutes, setMinutes] = useState("");
  const hours = (Number(rows) * Number(minutes)) / 60;
  const shown = (share: number) =>
    format.number(share * hours, { maximumFractionDigits: hours < 20 ? 1 : 0 });
  return (
    <div className="mt-4 grid gap-3 border-t pt-4 sm:grid-cols-[9rem_9rem_1fr] sm:items-end sm:gap-4">
      <Field label={t("rows")}>
        <Input
          type="number"
          inputMode="numeric"
          min={0}
          value={rows}
          onChange={(event) => setRows(event.currentTarget.value)}
        />
      </Field>
      <Field label={t("minutes")}>
        <Input
          type="number"
          inputMode="decimal"
          min={0}
          step="any"
          value={minutes}
          onChange={(event) => setMinutes(event.currentTarget.value)}
        />
      </Field>
      <p className="text-ink-2 text-sm sm:pb-2" aria-live="polite">
        {hours > 0 && Number.isFinite(hours)
          ? t.rich("saved", {
              hours: shown(coverage.value),
              low: shown(coverage.low),
              high: shown(coverage.high),
              b: (chunks) => <strong className="text-ink font-semibold">{chunks}</strong>,
            })
          : t("ask")}
      </p>
    </div>
  );
}
