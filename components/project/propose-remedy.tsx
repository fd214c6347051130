"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input, Select, Textarea } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import type { RemedyDocument } from "@/lib/scope";

const UNITS = ["percent", "amount"] as const;

/** How a missed milestone could end, for the customer to sign. */
export function ProposeRemedy({ path, kind }: { path: string; kind: RemedyDocument["kind"] }) {
  const t = useTranslations("projects.remedies");
  return (
    <FormDialog
      size="sm"
      variant="secondary"
      trigger={t(`propose.${kind}`)}
      title={t(`propose.${kind}`)}
      description={t(`proposeText.${kind}`)}
      action={t("send")}
      done={t("sent")}
      fields={["off", "words"]}
      send={async ({ off = "", unit, words }) => {
        const figure = off.trim().replace(",", ".");
        const taken = unit === "percent" ? { shareBp: Math.round(Number(figure) * 100) } : { amount: figure };
        await call(`${path}/remedies`, { body: { kind, words, ...taken } });
      }}
    >
      {(errorOf) => (
        <>
          <div className="grid grid-cols-2 gap-3">
            <Field label={t(`off.${kind}`)} error={errorOf("off")} required>
              <Input name="off" inputMode="decimal" maxLength={30} />
            </Field>
            <Field label={t("unit")}>
              <Select name="unit">
                {UNITS.map((unit) => (
                  <option key={unit} value={unit}>
                    {t(`units.${unit}`)}
                  </option>
                ))}
              </Select>
            </Field>
          </div>
          <Field label={t("words")} hint={t("wordsHint")} error={errorOf("words")} required>
            <Textarea name="words" rows={3} maxLength={2000} />
          </Field>
        </>
      )}
    </FormDialog>
  );
}
