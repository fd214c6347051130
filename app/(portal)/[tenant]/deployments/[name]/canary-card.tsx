"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Input } from "@/components/field";
import { Progress } from "@/components/progress";
import { TrialCard, type TrialOf } from "./trial-card";

interface Props extends TrialOf {
  running: { model: string; percent: number } | undefined;
}

export function CanaryCard({ running, ...of }: Props) {
  const t = useTranslations("serving.canary");
  const promote = () =>
    call(`/v1/deployments/${of.name}/promote`, {
      tenant: of.slug,
      body: running ? { model: running.model } : {},
    });
  return (
    <TrialCard
      {...of}
      kind="canary"
      model={running?.model}
      trialOf={({ model = "", percent }) => ({ model, percent: Number(percent) })}
      extra={{
        fields: ["percent"],
        inputs: (errorOf) => (
          <Field label={t("percent")} error={errorOf("percent")} required>
            <Input name="percent" type="number" min={1} max={99} step={1} defaultValue={10} />
          </Field>
        ),
      }}
      actions={({ isBusy, act }) => (
        <Button size="sm" isLoading={isBusy} onClick={() => act(promote, t("promoted"))}>
          {t("promote")}
        </Button>
      )}
    >
      <Progress value={(running?.percent ?? 0) / 100} label={t("share")} />
    </TrialCard>
  );
}
