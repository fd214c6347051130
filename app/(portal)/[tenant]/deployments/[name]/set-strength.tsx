"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useAct } from "@/components/use-act";
import { Force } from "./force";

interface Props {
  slug: string;
  name: string;
  now: number;
  isSet: boolean;
  /** What was measured. */
  hint: string;
  /** How many saved examples are asked first. */
  examples: number;
}

export function SetStrength({ slug, name, now, isSet, hint, examples }: Props) {
  const t = useTranslations("serving.strength");
  const { isBusy, act } = useAct();
  const patch = (body: { strength: number | null; force?: boolean }) =>
    call(`/v1/deployments/${name}`, { tenant: slug, method: "PATCH", body });
  return (
    <div className="flex flex-wrap gap-2">
      {isSet && (
        <Button
          size="sm"
          variant="ghost"
          isLoading={isBusy}
          onClick={() => act(() => patch({ strength: null }), t("done"))}
        >
          {t("reset")}
        </Button>
      )}
      <FormDialog
        variant="secondary"
        size="sm"
        trigger={t("set")}
        title={t("set")}
        description={t("text", { count: examples })}
        action={t("confirm")}
        done={t("done")}
        fields={["strength"]}
        send={async ({ strength, force }) => {
          await patch({ strength: Number(strength), force: force === "on" });
        }}
      >
        {(errorOf) => (
          <>
            <Field label={t("label")} hint={hint} error={errorOf("strength")} required>
              <Input name="strength" type="number" min={0} max={1} step="any" defaultValue={now} />
            </Field>
            <Force examples={examples} />
          </>
        )}
      </FormDialog>
    </div>
  );
}
