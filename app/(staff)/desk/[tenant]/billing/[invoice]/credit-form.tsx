"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";

interface Props {
  slug: string;
  invoiceId: string;
  back: string;
  /** `left`: what may still be credited of the line, null for one that takes something off itself. */
  lines: readonly { key: string; text: string; amount: string; left: string | null }[];
  mayCredit: boolean;
}

export function CreditForm({ slug, invoiceId, back, lines, mayCredit }: Props) {
  const t = useTranslations("billing.desk");
  const router = useRouter();
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(["reason"], async (values) => {
    const credited = lines.flatMap(({ key }) => {
      const amount = values[`line ${key}`]?.trim() ?? "";
      return amount === "" ? [] : [{ key, amount: amount.replace(",", ".") }];
    });
    const path = `/api/desk/customers/${slug}/invoices/${invoiceId}/credit-notes`;
    const { number } = await call<{ number: string }>(path, {
      body: { reason: values.reason, lines: credited },
    });
    toast.success(t("credited", { number }));
    router.push(back);
    router.refresh();
  });
  return (
    <form onSubmit={onSubmit}>
      <ul className="divide-y">
        {lines.map(({ key, text, amount, left }) => (
          <li key={key} className="flex flex-wrap items-center gap-3 px-4 py-3 text-sm sm:px-5">
            <span className="min-w-0 flex-1 break-words">{text}</span>
            <span className="figures shrink-0">{amount}</span>
            {mayCredit && left !== null && (
              <Field label={t("creditOf", { text })} isLabelHidden className="w-32">
                <Input name={`line ${key}`} inputMode="decimal" placeholder={t("upTo", { left })} />
              </Field>
            )}
          </li>
        ))}
      </ul>
      {mayCredit && (
        <div className="grid gap-3 border-t px-4 py-4 sm:px-5">
          {formError && <Alert tone="bad">{formError}</Alert>}
          <Field label={t("reason")} hint={t("reasonHint")} error={errorOf("reason")} required>
            <Input name="reason" maxLength={300} />
          </Field>
          <SubmitButton isLoading={isBusy} className="justify-self-start">
            {t("credit")}
          </SubmitButton>
        </div>
      )}
    </form>
  );
}
