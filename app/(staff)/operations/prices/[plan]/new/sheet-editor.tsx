"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Input } from "@/components/field";
import { pathsOf, type SheetDraft, sheetOf } from "@/components/sheet-drafts";
import { SheetFields } from "@/components/sheet-fields";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";

interface Props {
  planId: string;
  before: SheetDraft;
  currency: string;
  /** Of UTC, as the days of prices are. */
  today: string;
}

export function SheetEditor({ planId, before, currency: usual, today }: Props) {
  const t = useTranslations("operations.prices");
  const router = useRouter();
  const [draft, setDraft] = useState(before);
  const [currency, setCurrency] = useState(usual);
  const fields = ["effectiveFrom", "currency", ...pathsOf(draft).map((path) => `sheet.${path}`)];
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(fields, async ({ effectiveFrom }) => {
    // A sheet names its meters even where it prices none.
    const body = { currency, effectiveFrom, sheet: { meters: {}, ...sheetOf(draft) } };
    await call(`/api/operations/plans/${planId}/sheets`, { body });
    toast.success(t("sheetAdded"));
    router.push(`/operations/prices/${planId}`);
    router.refresh();
  });
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <Card>
        <div className="grid gap-5">
          <div className="grid gap-4 sm:grid-cols-3">
            <Field label={t("from")} hint={t("fromHint")} error={errorOf("effectiveFrom")} required>
              <Input name="effectiveFrom" type="date" defaultValue={today} />
            </Field>
            <Field label={t("currency")} error={errorOf("currency")} required>
              <Input
                value={currency}
                maxLength={3}
                onChange={({ target }) => setCurrency(target.value.toUpperCase())}
              />
            </Field>
          </div>
          <SheetFields
            draft={draft}
            onChange={setDraft}
            currency={currency}
            errorOf={(path) => errorOf(`sheet.${path}`)}
          />
        </div>
      </Card>
      <SubmitButton isLoading={isBusy} className="justify-self-start">
        {t("saveSheet")}
      </SubmitButton>
    </form>
  );
}
