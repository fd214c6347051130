"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { ConfirmButton } from "@/components/confirm-button";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

export function AddTime({ slug, projectId }: { slug: string; projectId: string }) {
  const t = useTranslations("projects.margin");
  const send = async ({ day, hours, note, isBillable }: Record<string, string>) => {
    const body = { day, minutes: Math.round(Number(hours) * 60), note, isBillable: isBillable === "on" };
    await call(`/api/desk/customers/${slug}/projects/${projectId}/time`, { body });
  };
  return (
    <FormDialog
      size="sm"
      variant="secondary"
      trigger={t("add")}
      title={t("add")}
      action={t("add")}
      done={t("added")}
      fields={["day", "minutes", "note"]}
      send={send}
    >
      {(errorOf) => (
        <>
          <div className="grid grid-cols-2 gap-4">
            <Field label={t("day")} error={errorOf("day")} required>
              <Input name="day" type="date" defaultValue={new Date().toISOString().slice(0, 10)} />
            </Field>
            <Field label={t("spent")} error={errorOf("minutes")} required>
              <Input name="hours" type="number" min={0.05} max={24} step={0.05} defaultValue={1} />
            </Field>
          </div>
          <Field label={t("note")} error={errorOf("note")}>
            <Input name="note" maxLength={500} />
          </Field>
          <label className="flex items-center gap-2 text-sm">
            <input type="checkbox" name="isBillable" defaultChecked className="accent-accent" />
            {t("billable")}
          </label>
        </>
      )}
    </FormDialog>
  );
}

export function RemoveTime({ slug, id, day }: { slug: string; id: string; day: string }) {
  const t = useTranslations("projects.margin");
  const router = useRouter();
  return (
    <ConfirmButton
      size="sm"
      variant="ghost"
      label={t("removeOf", { day })}
      title={t("remove")}
      text={t("removeOf", { day })}
      action={t("remove")}
      onConfirm={async () => {
        await call(`/api/desk/customers/${slug}/time/${id}`, { method: "DELETE" });
        router.refresh();
      }}
    >
      {t("remove")}
    </ConfirmButton>
  );
}
