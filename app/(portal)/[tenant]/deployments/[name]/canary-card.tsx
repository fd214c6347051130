"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Input } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { Progress } from "@/components/progress";
import { useAct } from "@/components/use-act";
import { type Version, VersionSelect } from "../version-select";

interface Props {
  slug: string;
  name: string;
  versions: readonly Version[];
  running: { model: string; percent: number } | undefined;
  mayDeploy: boolean;
}

export function CanaryCard({ slug, name, versions, running, mayDeploy }: Props) {
  const t = useTranslations("serving.canary");
  const { isBusy, act } = useAct();
  const patch = (canary: { model: string; percent: number } | null) =>
    call(`/v1/deployments/${name}`, { tenant: slug, method: "PATCH", body: { canary } });
  const promote = () =>
    call(`/v1/deployments/${name}/promote`, { tenant: slug, body: running ? { model: running.model } : {} });
  return (
    <Card title={t("title")} description={t("text")}>
      {running ? (
        <div className="grid gap-3">
          <p className="font-mono text-xs break-all">{running.model}</p>
          <Progress value={running.percent / 100} label={t("share")} />
          {mayDeploy && (
            <div className="flex flex-wrap gap-2">
              <Button size="sm" isLoading={isBusy} onClick={() => act(promote, t("promoted"))}>
                {t("promote")}
              </Button>
              <Button
                size="sm"
                variant="secondary"
                isLoading={isBusy}
                onClick={() => act(() => patch(null), t("ended"))}
              >
                {t("end")}
              </Button>
            </div>
          )}
        </div>
      ) : mayDeploy && versions.length > 0 ? (
        <FormDialog
          variant="secondary"
          size="sm"
          trigger={t("begin")}
          title={t("begin")}
          description={t("beginText")}
          action={t("begin")}
          done={t("begun")}
          fields={["percent"]}
          send={async ({ model = "", percent }) => {
            await patch({ model, percent: Number(percent) });
          }}
        >
          {(errorOf) => (
            <>
              <VersionSelect versions={versions} />
              <Field label={t("percent")} error={errorOf("percent")} required>
                <Input name="percent" type="number" min={1} max={99} step={1} defaultValue={10} />
              </Field>
            </>
          )}
        </FormDialog>
      ) : (
        <p className="text-ink-3 text-sm">{t("none")}</p>
      )}
    </Card>
  );
}
