"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input, Select } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useAct } from "@/components/use-act";

interface Part {
  scope: "key" | "model";
  subject: string;
}

const put = (slug: string, body: object) =>
  call("/api/billing/row-limits", { method: "PUT", tenant: slug, body });
const rowsOf = (text = "") => (text.trim() === "" ? null : Number(text));

export function SetRowLimit({
  slug,
  choices,
}: {
  slug: string;
  choices: readonly (Part & { name: string })[];
}) {
  const t = useTranslations("billing.rowLimits");
  return (
    <FormDialog
      variant="secondary"
      size="sm"
      trigger={t("set")}
      title={t("set")}
      description={t("setText")}
      action={t("save")}
      done={t("saved")}
      fields={["subject", "softRows", "hardRows"]}
      send={async ({ part, softRows, hardRows }) => {
        const { scope, subject } = choices[Number(part)] ?? {};
        await put(slug, { scope, subject, softRows: rowsOf(softRows), hardRows: rowsOf(hardRows) });
      }}
    >
      {(errorOf) => (
        <>
          <Field label={t("of")} error={errorOf("subject")} required>
            <Select name="part">
              {choices.map(({ scope, subject, name }, at) => (
                <option key={subject} value={at}>
                  {`${t(`scopes.${scope}`)}: ${name}`}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("soft")} hint={t("softHint")} error={errorOf("softRows")}>
            <Input name="softRows" type="number" min={0} step={1} />
          </Field>
          <Field label={t("hard")} hint={t("hardHint")} error={errorOf("hardRows")}>
            <Input name="hardRows" type="number" min={0} step={1} />
          </Field>
        </>
      )}
    </FormDialog>
  );
}

export function RemoveRowLimit({ slug, scope, subject, name }: Part & { slug: string; name: string }) {
  const t = useTranslations("billing.rowLimits");
  const { isBusy, act } = useAct();
  const remove = () => put(slug, { scope, subject, softRows: null, hardRows: null });
  return (
    <Button
      size="sm"
      variant="ghost"
      isLoading={isBusy}
      aria-label={t("removeOf", { name })}
      onClick={() => act(remove, t("removed"))}
    >
      {t("remove")}
    </Button>
  );
}
