"use client";
import { CircleCheck } from "lucide-react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { Field, Input, Textarea } from "@/components/field";
import { useSubmit } from "@/components/use-submit";
import { WAYS, type Way } from "./ways";

const FIELDS = ["way", "name", "email", "company", "message"] as const;

export function InquiryForm({ way }: { way: Way }) {
  const t = useTranslations("front.inquiry");
  const [isSent, setIsSent] = useState(false);
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(FIELDS, async (values) => {
    await call("/api/inquiries", { body: Object.fromEntries(FIELDS.map((name) => [name, values[name]])) });
    setIsSent(true);
  });
  if (isSent)
    return (
      <Card className="self-start">
        <div role="status">
          <EmptyState icon={<CircleCheck />} title={t("sentTitle")} text={t("sentText")} />
        </div>
      </Card>
    );
  return (
    <Card className="self-start">
      <form onSubmit={onSubmit} method="post" className="flex flex-col gap-5">
        {formError && <Alert tone="bad">{formError}</Alert>}
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">{t("way")}</legend>
          <div className="grid gap-2">
            {WAYS.map((one) => (
              <label
                key={one}
                className="has-checked:border-accent has-checked:bg-accent-soft hover:bg-hover flex cursor-pointer items-start gap-2.5 rounded-md border px-3 py-2.5"
              >
                <input
                  type="radio"
                  name="way"
                  value={one}
                  defaultChecked={one === way}
                  className="accent-accent mt-1"
                />
                <span className="min-w-0">
                  <span className="block text-sm font-medium">{t(`ways.${one}.title`)}</span>
                  <span className="text-ink-2 block text-xs">{t(`ways.${one}.text`)}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label={t("name")} error={errorOf("name")} required>
            <Input name="name" autoComplete="name" maxLength={100} />
          </Field>
          <Field label={t("company")} error={errorOf("company")} required>
            <Input name="company" autoComplete="organization" maxLength={100} />
          </Field>
        </div>
        <Field label={t("email")} error={errorOf("email")} required>
          <Input name="email" type="email" autoComplete="email" maxLength={254} />
        </Field>
        <Field label={t("message")} hint={t("messageHint")} error={errorOf("message")} required>
          <Textarea name="message" rows={6} maxLength={5000} />
        </Field>
        <Button type="submit" isLoading={isBusy} className="self-start">
          {t("submit")}
        </Button>
      </form>
    </Card>
  );
}
