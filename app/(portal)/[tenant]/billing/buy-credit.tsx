"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

export function BuyCredit({ slug, currency }: { slug: string; currency: string }) {
  const t = useTranslations("billing.prepaid");
  return (
    <FormDialog
      variant="secondary"
      size="sm"
      trigger={t("buy")}
      title={t("buy")}
      description={t("buyText")}
      action={t("order")}
      done={t("ordered")}
      fields={["amount"]}
      send={async ({ amount }) => {
        await call("/api/billing/credits", { tenant: slug, body: { amount } });
      }}
    >
      {(errorOf) => (
        <Field label={t("net", { currency })} error={errorOf("amount")} required>
          <Input name="amount" inputMode="decimal" autoComplete="off" />
        </Field>
      )}
    </FormDialog>
  );
}
