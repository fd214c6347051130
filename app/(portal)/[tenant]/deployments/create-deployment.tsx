"use client";
import { Signpost } from "lucide-react";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { type Version, VersionSelect } from "./version-select";

export function CreateDeployment({ slug, versions }: { slug: string; versions: readonly Version[] }) {
  const t = useTranslations("serving.create");
  return (
    <FormDialog
      trigger={
        <>
          <Signpost aria-hidden />
          {t("action")}
        </>
      }
      title={t("action")}
      description={t("text")}
      action={t("confirm")}
      done={t("done")}
      fields={["name", "model"]}
      send={async ({ name, model }) => {
        await call("/v1/deployments", { tenant: slug, body: { name, model } });
      }}
    >
      {(errorOf) => (
        <>
          <Field label={t("name")} hint={t("nameHint")} error={errorOf("name")} required>
            <Input name="name" maxLength={64} autoComplete="off" placeholder="support-router" />
          </Field>
          <VersionSelect versions={versions} error={errorOf("model")} />
        </>
      )}
    </FormDialog>
  );
}
