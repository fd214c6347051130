"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { ApiError, call } from "@/components/call";
import { Field } from "@/components/field";
import { PasswordInput } from "@/components/password-input";
import { useSubmit } from "@/components/use-submit";
import { Panel } from "../../panel";

export function NewPasswordForm({ token }: { token: string }) {
  const t = useTranslations("auth");
  const [isDone, setIsDone] = useState(false);
  const { isBusy, onSubmit, formError, errorOf, error } = useSubmit(["password"], async ({ password }) => {
    await call("/api/password-reset/confirm", { body: { token, password } });
    setIsDone(true);
  });
  if (isDone)
    return (
      <Panel title={t("newPassword.doneTitle")} text={t("newPassword.doneText")}>
        <Button asChild className="w-full">
          <Link href="/sign-in">{t("signIn.submit")}</Link>
        </Button>
      </Panel>
    );
  const isSpent = error instanceof ApiError && error.code === "token_invalid";
  return (
    <Panel
      title={t("newPassword.title")}
      text={t("newPassword.text")}
      footer={
        isSpent ? (
          <Link href="/reset" className="link">
            {t("newPassword.again")}
          </Link>
        ) : undefined
      }
    >
      <form onSubmit={onSubmit} method="post" className="flex flex-col gap-4">
        {formError && <Alert tone="bad">{formError}</Alert>}
        <Field
          label={t("newPassword.password")}
          hint={t("passwordHint")}
          error={errorOf("password")}
          required
        >
          <PasswordInput name="password" autoComplete="new-password" minLength={10} maxLength={200} />
        </Field>
        <Button type="submit" isLoading={isBusy} className="w-full">
          {t("newPassword.submit")}
        </Button>
      </form>
    </Panel>
  );
}
