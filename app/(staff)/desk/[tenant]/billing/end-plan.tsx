"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

export function EndPlan({ slug, id, name }: { slug: string; id: string; name: string }) {
  const t = useTranslations("billing.subscription");
  return (
    <FormDialog
      trigger={t("end")}
      title={t("endOf", { name })}
      description={t("endText")}
      action={t("end")}
      done={t("ended", { name })}
      variant="ghost"
      fields={["endsOn"]}
      send={async ({ endsOn }) => {
        const path = `/api/desk/customers/${slug}/subscriptions/${id}`;
        await call(path, { method: "PATCH", body: { endsOn } });
      }}
    >
      {(errorOf) => (
        <Field label={t("endsOn")} hint={t("dayHint")} error={errorOf("endsOn")} required>
          <Input name="endsOn" type="date" />
        </Field>
      )}
    </FormDialog>
  );
}
