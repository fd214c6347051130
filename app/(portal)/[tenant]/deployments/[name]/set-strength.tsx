"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useAct } from "@/components/use-act";

interface Props {
  slug: string;
  name: string;
  now: number;
  isSet: boolean;
  /** What was measured. */
  hint: string;
}

export function SetStrength({ slug, name, now, isSet, hint }: Props) {
  const t = useTranslations("serving.strength");
  const { isBusy, act } = useAct();
  const patch = (strength: number | null) =>
    call(`/v1/deployments/${name}`, { tenant: slug, method: "PATCH", body: { strength } });
  return (
    <div className="flex flex-wrap gap-2">
      {isSet && (
        <Button
          size="sm"
          variant="ghost"
          isLoading={isBusy}
          onClick={() => act(() => patch(null), t("done"))}
        >
          {t("reset")}
        </Button>
      )}
      <FormDialog
        variant="secondary"
        size="sm"
        trigger={t("set")}
        title={t("set")}
        description={t("text")}
        action={t("confirm")}
        done={t("done")}
        fields={["strength"]}
        send={async ({ strength }) => {
          await patch(Number(strength));
        }}
      >
        {(errorOf) => (
          <Field label={t("label")} hint={hint} error={errorOf("strength")} required>
            <Input name="strength" type="number" min={0} max={1} step="any" defaultValue={now} />
          </Field>
        )}
      </FormDialog>
    </div>
  );
}
