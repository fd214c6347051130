"use client";
import Link from "next/link";
import { signIn } from "next-auth/react";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { ApiError, call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { PasswordInput } from "@/components/password-input";
import { useSubmit } from "@/components/use-submit";

interface Props {
  next: string;
  email: string;
  hasIssuer: boolean;
  /** A code that the sign-in protocol came back with. */
  failure: string;
}

/** What the answer's code means here: the catalogue's sentence for `unauthenticated` is for API callers. */
const FAILURES = ["unauthenticated", "email_not_confirmed", "rate_limit_exceeded"] as const;
type Failure = (typeof FAILURES)[number];
const failureOf = (code: string): Failure | null => FAILURES.find((one) => one === code) ?? null;

export function SignInForm({ next, email, hasIssuer, failure }: Props) {
  const t = useTranslations("auth");
  const [typed, setTyped] = useState<{ email: string; password: string } | null>(null);
  const { isBusy, onSubmit, formError, error } = useSubmit([], async (values) => {
    const given = { email: values.email ?? "", password: values.password ?? "" };
    setTyped(given);
    const answer = await signIn("credentials", { ...given, redirect: false });
    if (!answer?.ok || answer.error)
      throw new ApiError(answer?.status ?? 0, answer?.error ?? "network", "", null);
    // A whole page load: the pages in the router's memory are those of a stranger.
    window.location.assign(next);
    await new Promise(() => {});
  });
  const known = error instanceof ApiError ? failureOf(error.code) : null;
  return (
    <form onSubmit={onSubmit} method="post" className="flex flex-col gap-4">
      {known && <Alert tone="bad">{t(`signIn.failures.${known}`)}</Alert>}
      {!known && formError && <Alert tone="bad">{t("signIn.failures.other")}</Alert>}
      {!error && failure !== "" && <Alert tone="bad">{t("signIn.failures.issuer")}</Alert>}
      {known === "email_not_confirmed" && typed && <Resend {...typed} />}
      <Field label={t("email")} required>
        <Input name="email" type="email" autoComplete="username" defaultValue={email} />
      </Field>
      <div>
        <Field label={t("password")} required>
          <PasswordInput name="password" autoComplete="current-password" maxLength={200} />
        </Field>
        <p className="mt-1.5 text-right text-xs">
          <Link href="/reset" className="link">
            {t("signIn.forgot")}
          </Link>
        </p>
      </div>
      <Button type="submit" isLoading={isBusy} className="w-full">
        {t("signIn.submit")}
      </Button>
      {hasIssuer && (
        <Button variant="secondary" className="w-full" onClick={() => signIn("oidc", { callbackUrl: next })}>
          {t("signIn.issuer")}
        </Button>
      )}
    </form>
  );
}

function Resend({ email, password }: { email: string; password: string }) {
  const t = useTranslations("auth");
  const [state, setState] = useState<"idle" | "busy" | "sent" | "failed">("idle");
  const resend = async () => {
    setState("busy");
    await call("/api/sign-up/resend", { body: { email, password } }).then(
      () => setState("sent"),
      () => setState("failed"),
    );
  };
  if (state === "sent") return <Alert tone="good">{t("signIn.resent")}</Alert>;
  return (
    <Button
      variant="secondary"
      size="sm"
      isLoading={state === "busy"}
      onClick={resend}
      className="self-start"
    >
      {state === "failed" ? t("signIn.resendFailed") : t("signIn.resend")}
    </Button>
  );
}
