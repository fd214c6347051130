"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Select, Textarea } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import type { Where } from "@/components/project/where";
import type { Project } from "@/lib/projects";

export function MoveProject({ where, to }: { where: Where; to: readonly Project["state"][] }) {
  const t = useTranslations("projects.desk");
  const states = useTranslations("projects.states");
  return (
    <FormDialog
      variant="secondary"
      trigger={t("move")}
      title={t("move")}
      action={t("move")}
      done={t("moved")}
      fields={["state", "because"]}
      send={async ({ state, because }) =>
        void (await call(where.base, { method: "PATCH", body: { state, ...(because ? { because } : {}) } }))
      }
    >
      {(errorOf) => (
        <>
          <Field label={t("to")} error={errorOf("state")} required>
            <Select name="state">
              {to.map((state) => (
                <option key={state} value={state}>
                  {states(state)}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("because")} error={errorOf("because")}>
            <Textarea name="because" rows={2} maxLength={500} />
          </Field>
        </>
      )}
    </FormDialog>
  );
}
