"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { useSubmit } from "@/components/use-submit";
import { OutboxLink } from "../outbox-link";
import { Panel } from "../panel";

export function ResetForm({ hasOutbox }: { hasOutbox: boolean }) {
  const t = useTranslations("auth");
  const [sentTo, setSentTo] = useState<string | null>(null);
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(["email"], async ({ email = "" }) => {
    await call("/api/password-reset", { body: { email } });
    setSentTo(email);
  });
  const back = (
    <Link href="/sign-in" className="link">
      {t("backToSignIn")}
    </Link>
  );
  // The same words whether the address is known or not: the page must not tell who has an account.
  if (sentTo !== null)
    return (
      <Panel
        title={t("reset.sentTitle")}
        text={t("reset.sentText", { email: sentTo })}
        footer={hasOutbox ? <OutboxLink /> : back}
      />
    );
  return (
    <Panel title={t("reset.title")} text={t("reset.text")} footer={back}>
      <form onSubmit={onSubmit} method="post" className="flex flex-col gap-4">
        {formError && <Alert tone="bad">{formError}</Alert>}
        <Field label={t("email")} error={errorOf("email")} required>
          <Input name="email" type="email" autoComplete="username" />
        </Field>
        <Button type="submit" isLoading={isBusy} className="w-full">
          {t("reset.submit")}
        </Button>
      </form>
    </Panel>
  );
}
