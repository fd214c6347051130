"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { call } from "@/components/call";
import { Field, Input, Select, Textarea } from "@/components/field";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";

interface Profile {
  legalName: string;
  address: { lines: string[]; postcode: string; city: string };
  country: string;
  taxId: string | null;
  taxStatus: string;
  isTaxIdVerified: boolean;
  currency: string;
  poNumber: string | null;
  isPoRequired: boolean;
  termsDays: number;
  emails: string[];
  locale: string;
}

const NAMES = [
  "legalName",
  "lines",
  "postcode",
  "city",
  "country",
  "taxId",
  "poNumber",
  "emails",
  "currency",
] as const;
const TAX = ["standard", "reverse_charge", "exempt", "out_of_scope"] as const;
const list = (text = "") =>
  text
    .split(/[\n,;]+/)
    .map((one) => one.trim())
    .filter(Boolean);
/** The refusal names the part of the body; the field that holds it is shown beside. */
const FIELDS = [...NAMES, "address.lines", "address.postcode", "address.city", "taxStatus"];

export function ProfileForm({ slug, profile }: { slug: string; profile: Profile | null }) {
  const t = useTranslations("billing.profile");
  const router = useRouter();
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(FIELDS, async (values) => {
    await call("/api/billing/profile", {
      method: "PUT",
      tenant: slug,
      body: {
        legalName: values.legalName,
        address: { lines: list(values.lines), postcode: values.postcode, city: values.city },
        country: values.country?.toUpperCase(),
        taxId: values.taxId?.replaceAll(/\s/g, "").toUpperCase() || null,
        taxStatus: values.taxStatus,
        currency: values.currency?.toUpperCase(),
        poNumber: values.poNumber?.trim() || null,
        isPoRequired: values.isPoRequired === "on",
        termsDays: profile?.termsDays ?? 14,
        emails: list(values.emails),
        locale: values.locale,
      },
    });
    toast.success(t("saved"));
    router.refresh();
  });
  const input = (name: (typeof NAMES)[number], value: string | null | undefined, width = 160) => (
    <Input name={name} defaultValue={value ?? ""} maxLength={width} />
  );
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("legalName")} error={errorOf("legalName")} required>
          {input("legalName", profile?.legalName)}
        </Field>
        <Field label={t("emails")} hint={t("emailsHint")} error={errorOf("emails")} required>
          {input("emails", profile?.emails.join(", "), 600)}
        </Field>
        <Field label={t("lines")} error={errorOf("address.lines")} required>
          <Textarea name="lines" rows={2} defaultValue={profile?.address.lines.join("\n")} />
        </Field>
        <div className="grid grid-cols-[1fr_2fr] gap-4">
          <Field label={t("postcode")} error={errorOf("address.postcode")}>
            {input("postcode", profile?.address.postcode, 20)}
          </Field>
          <Field label={t("city")} error={errorOf("address.city")} required>
            {input("city", profile?.address.city, 80)}
          </Field>
        </div>
        <Field label={t("country")} hint={t("countryHint")} error={errorOf("country")} required>
          {input("country", profile?.country, 2)}
        </Field>
        <Field label={t("currency")} hint={t("currencyHint")} error={errorOf("currency")} required>
          {input("currency", profile?.currency ?? "EUR", 3)}
        </Field>
        <Field label={t("taxId")} hint={t("taxIdHint")} error={errorOf("taxId")}>
          {input("taxId", profile?.taxId, 40)}
        </Field>
        <Field
          label={t("taxStatus")}
          hint={
            profile?.taxStatus === "reverse_charge" && !profile.isTaxIdVerified ? t("unverified") : undefined
          }
          error={errorOf("taxStatus")}
        >
          <Select name="taxStatus" defaultValue={profile?.taxStatus ?? "standard"}>
            {TAX.map((one) => (
              <option key={one} value={one}>
                {t(`tax.${one}`)}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("poNumber")} error={errorOf("poNumber")}>
          {input("poNumber", profile?.poNumber, 60)}
        </Field>
        <Field label={t("locale")}>
          <Select name="locale" defaultValue={profile?.locale ?? "en"}>
            <option value="en">English</option>
            <option value="zh">中文</option>
          </Select>
        </Field>
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          name="isPoRequired"
          defaultChecked={profile?.isPoRequired}
          className="accent-accent"
        />
        {t("isPoRequired")}
      </label>
      <SubmitButton isLoading={isBusy} className="justify-self-start">
        {t("save")}
      </SubmitButton>
    </form>
  );
}
