"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import type { Where } from "./where";

interface Props {
  /** Path of what is signed, and the hash of its document. */
  path: string;
  sha256: string | null;
  where: Where;
  size?: "sm";
  title: string;
  /** What the person says with it. */
  statement: string;
  done: string;
}

/** A name and a statement, over the hash of the document on the page. */
export function SignDialog({ path, sha256, where, size, title, statement, done }: Props) {
  const t = useTranslations("projects.quote");
  return (
    <FormDialog
      size={size}
      trigger={t("sign")}
      title={title}
      description={t("signText")}
      action={t("sign")}
      done={done}
      fields={["name"]}
      send={async ({ name }) =>
        void (await call(`${path}/signature`, { tenant: where.tenant, body: { name, sha256 } }))
      }
    >
      {(errorOf) => (
        <>
          <Field label={t("yourName")} error={errorOf("name")} required>
            <Input name="name" autoComplete="name" maxLength={100} />
          </Field>
          <label className="flex items-start gap-2 text-sm">
            <input type="checkbox" required className="accent-accent mt-1" />
            {statement}
          </label>
        </>
      )}
    </FormDialog>
  );
}
