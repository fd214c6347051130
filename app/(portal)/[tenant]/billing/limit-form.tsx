"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";

interface Props {
  slug: string;
  currency: string;
  /** After the point, in this currency. */
  digits: number;
  /** Major units; empty for none. */
  limit: string;
}

/** Minor units; null for an empty text, undefined for what is no amount. */
function minorOf(text: string, digits: number): number | null | undefined {
  if (text === "") return null;
  const [, whole, part = ""] = /^(\d{1,12})(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined || part.length > digits) return undefined;
  return Number(whole + part.padEnd(digits, "0"));
}

export function LimitForm({ slug, currency, digits, limit }: Props) {
  const t = useTranslations("billing.limit");
  const router = useRouter();
  const [isInvalid, setIsInvalid] = useState(false);
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(["hardMinor"], async ({ amount = "" }) => {
    const hardMinor = minorOf(amount.trim(), digits);
    setIsInvalid(hardMinor === undefined);
    if (hardMinor === undefined) return;
    await call("/api/billing/limit", { method: "PUT", tenant: slug, body: { hardMinor } });
    toast.success(t("saved"));
    router.refresh();
  });
  return (
    <form onSubmit={onSubmit} className="grid gap-3">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <Field
        label={t("amount", { currency })}
        hint={t("amountHint")}
        error={isInvalid ? t("invalid") : errorOf("hardMinor")}
      >
        <Input name="amount" inputMode="decimal" defaultValue={limit} maxLength={16} />
      </Field>
      <SubmitButton isLoading={isBusy} className="justify-self-start">
        {t("save")}
      </SubmitButton>
    </form>
  );
}
