"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { call } from "@/components/call";
import { Field, Input, Textarea } from "@/components/field";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";
import type { LegalEntity } from "@/lib/seller";

interface Props {
  seller: LegalEntity | null;
  series: readonly { kind: string; prefix: string }[];
}

/** As the route names them in a refusal. */
const FIELDS = [
  "name",
  "address.lines",
  "address.postcode",
  "address.city",
  "country",
  "taxId",
  "iban",
  "email",
  "timeZone",
  "taxRates.standard",
  "termsVersion",
  "prefixes.invoice",
  "prefixes.credit_note",
] as const;
type FieldName = (typeof FIELDS)[number];

/** `19` or `19.5` percent as hundredths of one; null for what is no such figure, which the route refuses. */
function basisPointsOf(percent = ""): number | null {
  const [, whole, part = ""] = /^(\d{1,3})(?:[.,](\d{1,2}))?$/.exec(percent.trim()) ?? [];
  return whole === undefined ? null : Number(whole + part.padEnd(2, "0"));
}

export function SellerForm({ seller, series }: Props) {
  const t = useTranslations("operations.seller");
  const router = useRouter();
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(FIELDS, async (values) => {
    const text = (name: FieldName) => values[name] ?? "";
    await call("/api/operations/seller", {
      method: "PUT",
      body: {
        name: text("name"),
        address: {
          lines: text("address.lines")
            .split("\n")
            .map((line) => line.trim())
            .filter(Boolean),
          postcode: text("address.postcode"),
          city: text("address.city"),
        },
        country: text("country").trim().toUpperCase(),
        taxId: text("taxId"),
        iban: text("iban"),
        email: text("email").trim(),
        timeZone: text("timeZone").trim(),
        taxRates: { ...seller?.taxRates, standard: basisPointsOf(text("taxRates.standard")) },
        termsVersion: text("termsVersion"),
        prefixes: { invoice: text("prefixes.invoice"), credit_note: text("prefixes.credit_note") },
      },
    });
    toast.success(t("saved"));
    router.refresh();
  });
  const prefixOf = (kind: string) => series.find((one) => one.kind === kind)?.prefix;
  const input = (name: FieldName, value: string | undefined, maxLength: number) => (
    <Input name={name} defaultValue={value ?? ""} maxLength={maxLength} />
  );
  const standard = seller?.taxRates.standard;
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("name")} error={errorOf("name")} required>
          {input("name", seller?.name, 120)}
        </Field>
        <Field label={t("email")} hint={t("where.email")} error={errorOf("email")} required>
          {input("email", seller?.email, 254)}
        </Field>
        <Field label={t("lines")} error={errorOf("address.lines")} required>
          <Textarea name="address.lines" rows={2} defaultValue={seller?.address.lines.join("\n")} />
        </Field>
        <div className="grid grid-cols-[1fr_2fr] content-start gap-4">
          <Field label={t("postcode")} error={errorOf("address.postcode")}>
            {input("address.postcode", seller?.address.postcode, 20)}
          </Field>
          <Field label={t("city")} error={errorOf("address.city")} required>
            {input("address.city", seller?.address.city, 80)}
          </Field>
        </div>
        <Field label={t("country")} hint={t("countryHint")} error={errorOf("country")} required>
          {input("country", seller?.country, 2)}
        </Field>
        <Field label={t("parts.timeZone")} hint={t("timeZoneHint")} error={errorOf("timeZone")} required>
          {input("timeZone", seller?.timeZone, 60)}
        </Field>
        <Field label={t("parts.taxId")} error={errorOf("taxId")} required>
          {input("taxId", seller?.taxId, 40)}
        </Field>
        <Field label={t("parts.iban")} hint={t("ibanHint")} error={errorOf("iban")} required>
          {input("iban", seller?.iban, 60)}
        </Field>
        <Field label={t("standard")} hint={t("standardHint")} error={errorOf("taxRates.standard")} required>
          <Input
            name="taxRates.standard"
            inputMode="decimal"
            defaultValue={standard === undefined ? "" : String(standard / 100)}
            maxLength={6}
          />
        </Field>
        <Field label={t("parts.termsVersion")} hint={t("termsHint")} error={errorOf("termsVersion")} required>
          {input("termsVersion", seller?.termsVersion, 40)}
        </Field>
        <Field label={t("invoicePrefix")} hint={t("prefixHint")} error={errorOf("prefixes.invoice")}>
          {input("prefixes.invoice", prefixOf("invoice") ?? "INV-", 12)}
        </Field>
        <Field label={t("creditPrefix")} error={errorOf("prefixes.credit_note")}>
          {input("prefixes.credit_note", prefixOf("credit_note") ?? "CN-", 12)}
        </Field>
      </div>
      <SubmitButton isLoading={isBusy} className="justify-self-start">
        {t("save")}
      </SubmitButton>
    </form>
  );
}
