"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { Select } from "@/components/field";

interface Props {
  line: number;
  given: string;
  suggested: string;
  labels: readonly string[];
  /** What was decided; undefined: nothing yet. */
  label: string | undefined;
  /** Null takes the decision back. */
  onDecide: (label: string | null) => void;
}

/** One doubted row: the suggestion with one press, any other label, or the given one as right. */
export function LabelDecision({ line, given, suggested, labels, label, onDecide }: Props) {
  const t = useTranslations("insight.labelIssues");
  if (label !== undefined)
    return (
      <span className="inline-flex flex-wrap items-center justify-end gap-2">
        <span className="font-medium break-words">{label === given ? t("isRight") : `→ ${label}`}</span>
        <Button
          variant="ghost"
          size="sm"
          onClick={() => onDecide(null)}
          aria-label={t("undoOf", { line: String(line) })}
        >
          {t("undo")}
        </Button>
      </span>
    );
  return (
    <span className="inline-flex flex-wrap items-center justify-end gap-2 lg:flex-nowrap">
      <Button
        variant="secondary"
        size="sm"
        onClick={() => onDecide(suggested)}
        aria-label={t("acceptOf", { line: String(line), label: suggested })}
      >
        {t("accept")}
      </Button>
      <Select
        aria-label={t("otherOf", { line: String(line) })}
        value=""
        onChange={(event) => onDecide(event.currentTarget.value)}
        className="w-28 [--control:1.75rem]"
      >
        <option value="" disabled>
          {t("other")}
        </option>
        <option value={given}>{t("right")}</option>
        {labels
          .filter((one) => one !== given && one !== suggested)
          .map((one) => (
            <option key={one}>{one}</option>
          ))}
      </Select>
    </span>
  );
}
