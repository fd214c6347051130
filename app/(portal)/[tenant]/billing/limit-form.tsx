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
  soft: string;
  hard: string;
}

/** Minor units; null for an empty text, undefined for what is no amount. */
function minorOf(text: string, digits: number): number | null | undefined {
  if (text === "") return null;
  const [, whole, part = ""] = /^(\d{1,12})(?:\.(\d*))?$/.exec(text) ?? [];
  if (whole === undefined || part.length > digits) return undefined;
  return Number(whole + part.padEnd(digits, "0"));
}

export function LimitForm({ slug, currency, digits, soft, hard }: Props) {
  const t = useTranslations("billing.limit");
  const router = useRouter();
  const [invalid, setInvalid] = useState<string | null>(null);
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(["softMinor", "hardMinor"], async (values) => {
    const [softMinor, hardMinor] = [values.soft, values.hard].map((text = "") =>
      minorOf(text.trim(), digits),
    );
    setInvalid(softMinor === undefined ? "soft" : hardMinor === undefined ? "hard" : null);
    if (softMinor === undefined || hardMinor === undefined) return;
    await call("/api/billing/limit", { method: "PUT", tenant: slug, body: { softMinor, hardMinor } });
    toast.success(t("saved"));
    router.refresh();
  });
  const fields = [
    { name: "soft", param: "softMinor", value: soft },
    { name: "hard", param: "hardMinor", value: hard },
  ] as const;
  return (
    <form onSubmit={onSubmit} className="grid gap-3">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <div className="grid gap-3 sm:grid-cols-2">
        {fields.map(({ name, param, value }) => (
          <Field
            key={name}
            label={t(name, { currency })}
            hint={t(`${name}Hint`)}
            error={invalid === name ? t("invalid") : errorOf(param)}
          >
            <Input name={name} inputMode="decimal" defaultValue={value} maxLength={16} />
          </Field>
        ))}
      </div>
      <SubmitButton isLoading={isBusy} className="justify-self-start">
        {t("save")}
      </SubmitButton>
    </form>
  );
}
