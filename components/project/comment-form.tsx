"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useRef } from "react";
import { Alert } from "@/components/alert";
import { call } from "@/components/call";
import { Checkbox, Field, Textarea } from "@/components/field";
import { SubmitButton } from "@/components/submit-button";
import { useSubmit } from "@/components/use-submit";
import type { Where } from "./where";

export function CommentForm({ where }: { where: Where }) {
  const t = useTranslations("projects.timeline");
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const isStaff = where.tenant === undefined;
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(["text"], async ({ text, isInternal }) => {
    const note = isStaff ? { isInternal: isInternal === "on" } : {};
    await call(`${where.base}/comments`, { tenant: where.tenant, body: { text, ...note } });
    form.current?.reset();
    router.refresh();
  });
  return (
    <form ref={form} onSubmit={onSubmit} className="grid gap-3 border-b px-4 py-4 sm:px-5">
      {formError && <Alert tone="bad">{formError}</Alert>}
      <Field label={t("write")} error={errorOf("text")} isLabelHidden>
        <Textarea name="text" rows={2} maxLength={5000} placeholder={t("write")} required />
      </Field>
      <div className="flex flex-wrap items-start justify-between gap-3">
        {isStaff ? <Checkbox name="isInternal" label={t("internal")} hint={t("internalHint")} /> : <span />}
        <SubmitButton isLoading={isBusy}>{t("send")}</SubmitButton>
      </div>
    </form>
  );
}
