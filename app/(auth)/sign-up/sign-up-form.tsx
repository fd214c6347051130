"use client";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { PasswordInput } from "@/components/password-input";
import { useSubmit } from "@/components/use-submit";
import { OutboxLink } from "../outbox-link";
import { Panel } from "../panel";

const FIELDS = ["name", "email", "organisation", "password"] as const;

export function SignUpForm({ footer, hasOutbox }: { footer: ReactNode; hasOutbox: boolean }) {
  const t = useTranslations("auth");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(FIELDS, async (values) => {
    await call("/api/sign-up", { body: Object.fromEntries(FIELDS.map((name) => [name, values[name]])) });
    setSentTo(values.email ?? "");
  });
  if (sentTo !== null)
    return (
      <Panel
        title={t("signUp.sentTitle")}
        text={t("signUp.sentText", { email: sentTo })}
        footer={hasOutbox ? <OutboxLink /> : undefined}
      />
    );
  return (
    <Panel title={t("signUp.title")} text={t("signUp.text")} footer={footer}>
      <form onSubmit={onSubmit} method="post" className="flex flex-col gap-4">
        {formError && <Alert tone="bad">{formError}</Alert>}
        <Field label={t("name")} error={errorOf("name")} required>
          <Input name="name" autoComplete="name" maxLength={100} />
        </Field>
        <Field label={t("email")} error={errorOf("email")} required>
          <Input name="email" type="email" autoComplete="username" maxLength={254} />
        </Field>
        <Field
          label={t("organisation")}
          hint={t("signUp.organisationHint")}
          error={errorOf("organisation")}
          required
        >
          <Input name="organisation" autoComplete="organization" maxLength={100} />
        </Field>
        <Field label={t("password")} hint={t("passwordHint")} error={errorOf("password")} required>
          <PasswordInput name="password" autoComplete="new-password" minLength={10} maxLength={200} />
        </Field>
        <Button type="submit" isLoading={isBusy} className="w-full">
          {t("signUp.submit")}
        </Button>
      </form>
    </Panel>
  );
}
