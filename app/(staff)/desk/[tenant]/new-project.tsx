"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

export function NewProject({ slug }: { slug: string }) {
  const t = useTranslations("projects.desk");
  return (
    <FormDialog
      size="sm"
      trigger={t("newProject")}
      title={t("newProject")}
      action={t("create")}
      done={t("newProject")}
      fields={["title"]}
      send={async ({ title }) =>
        void (await call(`/api/desk/customers/${slug}/projects`, { body: { title } }))
      }
    >
      {(errorOf) => (
        <Field label={t("projectName")} error={errorOf("title")} required>
          <Input name="title" maxLength={100} />
        </Field>
      )}
    </FormDialog>
  );
}
