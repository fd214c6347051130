"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useSubmit } from "@/components/use-submit";
import { Panel } from "../panel";

/** A press of a button, not the visit: mail scanners visit links and would spend them. */
export function ConfirmForm({ token }: { token: string }) {
  const t = useTranslations("auth");
  const [done, setDone] = useState<{ email: string } | null>(null);
  const { isBusy, onSubmit, formError } = useSubmit([], async () => {
    setDone(await call<{ email: string }>("/api/confirm", { body: { token } }));
  });
  if (done)
    return (
      <Panel title={t("confirm.doneTitle")} text={t("confirm.doneText")}>
        <Button asChild className="w-full">
          <Link href={`/sign-in?email=${encodeURIComponent(done.email)}`}>{t("signIn.submit")}</Link>
        </Button>
      </Panel>
    );
  return (
    <Panel title={t("confirm.title")} text={t("confirm.text")}>
      <form onSubmit={onSubmit} className="flex flex-col gap-4">
        {formError && <Alert tone="bad">{formError}</Alert>}
        <Button type="submit" isLoading={isBusy} className="w-full">
          {t("confirm.submit")}
        </Button>
      </form>
    </Panel>
  );
}
