"use client";
import { UserPlus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Dialog } from "@/components/dialog";
import { Field, Input } from "@/components/field";
import { useSubmit } from "@/components/use-submit";
import { mayAssign, ROLE_NAMES, type Role } from "@/lib/permissions";

/** The least that lets somebody work with data; what is more or less is a choice. */
const USUAL: Role = "member";

export function InviteDialog({ slug, ownRole }: { slug: string; ownRole: Role }) {
  const t = useTranslations("settings.members");
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Dialog
      open={isOpen}
      onOpenChange={setIsOpen}
      title={t("inviteTitle")}
      description={t("inviteText")}
      trigger={
        <Button size="sm">
          <UserPlus aria-hidden />
          {t("invite")}
        </Button>
      }
    >
      <InviteForm slug={slug} ownRole={ownRole} onDone={() => setIsOpen(false)} />
    </Dialog>
  );
}

function InviteForm({ slug, ownRole, onDone }: { slug: string; ownRole: Role; onDone: () => void }) {
  const t = useTranslations("settings.members");
  const roleText = useTranslations("auth.roles");
  const router = useRouter();
  const { isBusy, onSubmit, formError, errorOf } = useSubmit(["email"], async ({ email, role }) => {
    await call("/api/invitations", { tenant: slug, body: { email, role } });
    toast.success(t("invited", { email: email ?? "" }));
    router.refresh();
    onDone();
  });
  return (
    <form onSubmit={onSubmit} className="grid gap-4">
      {formError && <Alert tone="bad">{formError}</Alert>}
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
      <div className="flex justify-end">
        <Button type="submit" isLoading={isBusy}>
          {t("send")}
        </Button>
      </div>
    </form>
  );
}
