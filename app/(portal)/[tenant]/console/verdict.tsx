"use client";
import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useTranslations } from "next-intl";
import { useId, useState } from "react";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { useAct } from "@/components/use-act";
import type { Task } from "@/lib/ml/task";
import type { Row } from "./row-fields";

interface Props {
  slug: string;
  predictionId: string;
  /** Its saved examples take this row too. */
  deployment: string | undefined;
  row: Row;
  view: Task["view"];
  output: { index: number };
}

/** Whether an answer is right, and what would have been. Saying so sends the row along, which is said too. */
export function Verdict({ slug, predictionId, deployment, row, view, output }: Props) {
  const t = useTranslations("insight.console.verdict");
  const { isBusy, act } = useAct();
  const [said, setSaid] = useState<boolean | null>(null);
  const [label, setLabel] = useState("");
  const options = useId();
  const { labels = [] } = output as { labels?: { label: string; assigned?: boolean }[] };
  const say = (correct: boolean, right?: string) =>
    act(async () => {
      await call(`/v1/predictions/${predictionId}/feedback`, {
        tenant: slug,
        body: { index: output.index, correct, input: row, ...(right ? { label: right } : {}) },
      });
      setSaid(correct);
    }, t("thanks"));
  const answer =
    view === "labels"
      ? labels[0]?.label
      : labels
          .filter(({ assigned }) => assigned)
          .map((one) => one.label)
          .join(", ");
  const save = (expected: string) =>
    act(
      () => call(`/v1/deployments/${deployment}/examples`, { tenant: slug, body: { input: row, expected } }),
      t("saved"),
    );
  const isOfLabels = view === "labels" || view === "several";
  return (
    <div className="grid gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          size="sm"
          variant={said === true ? "primary" : "ghost"}
          disabled={isBusy}
          onClick={() => say(true)}
        >
          <ThumbsUp aria-hidden />
          {t("right")}
        </Button>
        <Button
          size="sm"
          variant={said === false ? "primary" : "ghost"}
          disabled={isBusy}
          onClick={() => say(false)}
        >
          <ThumbsDown aria-hidden />
          {t("wrong")}
        </Button>
        {deployment !== undefined && isOfLabels && (
          <Button size="sm" variant="ghost" disabled={isBusy} onClick={() => save(label || (answer ?? ""))}>
            {t("save")}
          </Button>
        )}
        <span className="text-ink-3 text-xs">{t("consent")}</span>
      </div>
      {said === false && isOfLabels && (
        <form
          className="flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            void say(false, label);
          }}
        >
          <Field label={t("shouldBe")} className="w-full sm:w-64">
            <Input
              value={label}
              list={options}
              maxLength={1000}
              onChange={(event) => setLabel(event.currentTarget.value)}
            />
          </Field>
          <datalist id={options}>
            {labels.map((one) => (
              <option key={one.label} value={one.label} />
            ))}
          </datalist>
          <Button type="submit" size="sm" variant="secondary" isLoading={isBusy} disabled={label === ""}>
            {t("send")}
          </Button>
        </form>
      )}
    </div>
  );
}
