"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Input, Select } from "@/components/field";
import { pathsOf, type SheetDraft, sheetOf } from "@/components/sheet-drafts";
import { SheetFields } from "@/components/sheet-fields";
import { SheetTable } from "@/components/sheet-table";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";
import type { PriceSheet } from "@/lib/price-sheet";

interface Props {
  slug: string;
  currency: string;
  /** What the customer pays otherwise today: it would end with their plan. */
  before: SheetDraft;
  currentPlan: string | null;
  /** `sheet`: what the plan costs today; null where its prices are yet to begin. */
  plans: readonly { id: string; name: string; sheet: PriceSheet | null }[];
  /** Of UTC, as billing periods are. */
  today: string;
}

export function SubscriptionEditor({ slug, currency, before, currentPlan, plans, today }: Props) {
  const t = useTranslations("billing.subscription");
  const router = useRouter();
  const [planId, setPlanId] = useState(currentPlan ?? plans[0]?.id ?? "");
  const [draft, setDraft] = useState(before);
  const fields = ["planId", "startsOn", ...pathsOf(draft).map((path) => `overrides.${path}`)];
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(fields, async ({ startsOn }) => {
    const body = { planId, startsOn, overrides: sheetOf(draft) };
    await call(`/api/desk/customers/${slug}/subscriptions`, { body });
    toast.success(t("changed"));
    router.push(`/desk/${slug}/billing`);
    router.refresh();
  });
  const listed = plans.find(({ id }) => id === planId)?.sheet ?? null;
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <Card>
        <div className="grid gap-4 sm:grid-cols-2">
          <Field label={t("plan")} error={errorOf("planId")} required>
            <Select value={planId} onChange={({ target }) => setPlanId(target.value)}>
              {plans.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("startsOn")} hint={t("dayHint")} error={errorOf("startsOn")} required>
            <Input name="startsOn" type="date" defaultValue={today} />
          </Field>
        </div>
      </Card>
      <Card title={t("listPrices")} description={t("listPricesText")} isFlush>
        {listed ? (
          <SheetTable sheet={listed} currency={currency} />
        ) : (
          <p className="text-ink-2 px-4 py-3 text-sm sm:px-5">{t("notBegun")}</p>
        )}
      </Card>
      <Card title={t("ownPrices")} description={t("ownPricesText")}>
        <SheetFields
          draft={draft}
          onChange={setDraft}
          currency={currency}
          errorOf={(path) => errorOf(`overrides.${path}`)}
          isPartial
        />
      </Card>
      <SubmitButton isLoading={isBusy} className="justify-self-start">
        {t("start")}
      </SubmitButton>
    </form>
  );
}
