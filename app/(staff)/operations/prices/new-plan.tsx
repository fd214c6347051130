"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

/** Hidden until somebody shows it: at first it has no prices. */
export function NewPlan() {
  const t = useTranslations("operations.prices");
  return (
    <FormDialog
      trigger={t("newPlan")}
      title={t("newPlan")}
      description={t("newPlanText")}
      action={t("create")}
      done={t("created")}
      fields={["id", "name"]}
      send={async ({ id = "", name }) => {
        await call("/api/operations/plans", { body: { id: id.trim(), name, isPublic: false } });
      }}
    >
      {(errorOf) => (
        <>
          <Field label={t("name")} error={errorOf("name")} required>
            <Input name="name" maxLength={100} />
          </Field>
          <Field label={t("id")} hint={t("idHint")} error={errorOf("id")} required>
            <Input name="id" maxLength={60} />
          </Field>
        </>
      )}
    </FormDialog>
  );
}
