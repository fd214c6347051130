"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Textarea } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import type { Where } from "./where";

interface Props {
  path: string;
  where: Where;
  size?: "sm";
  title: string;
  done: string;
}

/** No, and why. */
export function DeclineDialog({ path, where, size, title, done }: Props) {
  const t = useTranslations("projects.quote");
  return (
    <FormDialog
      size={size}
      trigger={t("decline")}
      variant="secondary"
      title={title}
      action={t("decline")}
      done={done}
      fields={["because"]}
      send={async ({ because }) => {
        const body = { state: "declined", because };
        await call(path, { method: "PATCH", tenant: where.tenant, body });
      }}
    >
      {(errorOf) => (
        <Field label={t("because")} error={errorOf("because")} required>
          <Textarea name="because" rows={3} maxLength={2000} />
        </Field>
      )}
    </FormDialog>
  );
}
