"use client";
import { UserPlus } from "lucide-react";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { mayAssign, ROLE_NAMES, type Role } from "@/lib/permissions";

/** The least that lets somebody work with data; what is more or less is a choice. */
const USUAL: Role = "member";

export function InviteDialog({ slug, ownRole }: { slug: string; ownRole: Role }) {
  const t = useTranslations("settings.members");
  const roleText = useTranslations("auth.roles");
  return (
    <FormDialog
      size="sm"
      trigger={
        <>
          <UserPlus aria-hidden />
          {t("invite")}
        </>
      }
      title={t("inviteTitle")}
      description={t("inviteText")}
      action={t("send")}
      done={({ email = "" }) => t("invited", { email })}
      fields={["email"]}
      send={async ({ email, role }) => {
        await call("/api/invitations", { tenant: slug, body: { email, role } });
      }}
    >
      {(errorOf) => (
        <>
          <Field label={t("email")} error={errorOf("email")} required>
            <Input name="email" type="email" autoComplete="off" />
          </Field>
          <fieldset>
            <legend className="mb-1.5 text-sm font-medium">{t("role")}</legend>
            <div className="divide-y rounded-lg border">
              {ROLE_NAMES.filter((role) => mayAssign(ownRole, role)).map((role) => (
                <label key={role} className="hover:bg-hover flex cursor-pointer items-start gap-3 px-3 py-2">
                  <input
                    type="radio"
                    name="role"
                    value={role}
                    defaultChecked={role === USUAL}
                    className="accent-accent mt-1"
                  />
                  <span>
                    <span className="block text-sm font-medium">{roleText(`${role}.name`)}</span>
                    <span className="text-ink-3 block text-xs">{roleText(`${role}.text`)}</span>
                  </span>
                </label>
              ))}
            </div>
          </fieldset>
        </>
      )}
    </FormDialog>
  );
}
