"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input, Select } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

interface Props {
  slug: string;
  currency: string;
  /** What is still to be paid. */
  invoices: readonly { id: string; number: string }[];
}

export function RecordPayment({ slug, currency, invoices }: Props) {
  const t = useTranslations("billing.desk");
  return (
    <FormDialog
      trigger={t("pay")}
      title={t("pay")}
      description={t("payText")}
      action={t("pay")}
      done={t("paid")}
      fields={["amount", "receivedOn", "reference", "invoiceId"]}
      send={async ({ amount, receivedOn, reference, invoiceId }) => {
        const body = { amount, receivedOn, reference, ...(invoiceId ? { invoiceId } : {}) };
        await call(`/api/desk/customers/${slug}/payments`, { body });
      }}
    >
      {(errorOf) => (
        <>
          <Field label={t("amount", { currency })} error={errorOf("amount")} required>
            <Input name="amount" inputMode="decimal" />
          </Field>
          <Field label={t("receivedOn")} error={errorOf("receivedOn")} required>
            <Input name="receivedOn" type="date" defaultValue={new Date().toISOString().slice(0, 10)} />
          </Field>
          <Field label={t("reference")} hint={t("referenceHint")} error={errorOf("reference")} required>
            <Input name="reference" maxLength={100} />
          </Field>
          <Field label={t("for")} error={errorOf("invoiceId")}>
            <Select name="invoiceId">
              <option value="">{t("oldest")}</option>
              {invoices.map(({ id, number }) => (
                <option key={id} value={id}>
                  {number}
                </option>
              ))}
            </Select>
          </Field>
        </>
      )}
    </FormDialog>
  );
}
