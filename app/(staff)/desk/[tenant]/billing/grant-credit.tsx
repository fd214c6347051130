"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

export function GrantCredit({ slug, currency }: { slug: string; currency: string }) {
  const t = useTranslations("billing.prepaid");
  return (
    <FormDialog
      variant="secondary"
      size="sm"
      trigger={t("grant")}
      title={t("grant")}
      description={t("grantText")}
      action={t("grant")}
      done={t("granted")}
      fields={["amount", "reason", "throughMonth"]}
      send={async ({ amount, reason, throughMonth }) => {
        const body = { amount, reason, throughMonth: throughMonth || null };
        await call(`/api/desk/customers/${slug}/credits`, { body });
      }}
    >
      {(errorOf) => (
        <>
          <Field label={t("net", { currency })} error={errorOf("amount")} required>
            <Input name="amount" inputMode="decimal" autoComplete="off" />
          </Field>
          <Field label={t("reason")} hint={t("reasonHint")} error={errorOf("reason")} required>
            <Input name="reason" maxLength={100} autoComplete="off" />
          </Field>
          <Field label={t("through")} hint={t("throughHint")} error={errorOf("throughMonth")}>
            <Input name="throughMonth" placeholder="2026-12" maxLength={7} autoComplete="off" />
          </Field>
        </>
      )}
    </FormDialog>
  );
}
