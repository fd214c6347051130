"use client";
import { signIn, signOut } from "next-auth/react";
import { useTranslations } from "next-intl";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { PasswordInput } from "@/components/password-input";
import { useSubmit } from "@/components/use-submit";

interface Props {
  token: string;
  /** Nobody with this address is known yet: the form asks for a name and a password. */
  isNew: boolean;
  role: string;
}

export function AcceptForm({ token, isNew, role }: Props) {
  const t = useTranslations("auth");
  const fields = ["name", "password"];
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(fields, async ({ name, password }) => {
    const body = isNew ? { token, name, password } : { token };
    const joined = await call<{ slug: string; email: string }>("/api/invitations/accept", { body });
    const home = role === "tester" ? `/${joined.slug}/console` : `/${joined.slug}`;
    if (isNew) await signIn("credentials", { email: joined.email, password, redirect: false });
    window.location.assign(home);
    await new Promise(() => {});
  });
  return (
    <form onSubmit={onSubmit} method="post" className="flex flex-col gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
      {isNew && (
        <>
          <Field label={t("name")} error={errorOf("name")} required>
            <Input name="name" autoComplete="name" maxLength={100} />
          </Field>
          <Field label={t("password")} hint={t("passwordHint")} error={errorOf("password")} required>
            <PasswordInput name="password" autoComplete="new-password" minLength={10} maxLength={200} />
          </Field>
        </>
      )}
      <Button type="submit" isLoading={isBusy} className="w-full">
        {t("invitation.submit")}
      </Button>
    </form>
  );
}

/** Signs out and comes back to the same link. */
export function SignOutButton() {
  const t = useTranslations("shell");
  return (
    <Button
      variant="secondary"
      className="w-full"
      onClick={async () => {
        await signOut({ redirect: false });
        window.location.reload();
      }}
    >
      {t("signOut")}
    </Button>
  );
}
