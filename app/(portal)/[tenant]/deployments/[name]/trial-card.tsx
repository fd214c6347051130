"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { FormDialog } from "@/components/form-dialog";
import { useAct } from "@/components/use-act";
import { type Version, VersionSelect } from "../version-select";

/** The name that a version is tried under, and what could be. */
export interface TrialOf {
  slug: string;
  name: string;
  versions: readonly Version[];
  mayDeploy: boolean;
}

interface Props extends TrialOf {
  kind: "canary" | "shadow";
  /** What is tried; undefined while nothing is. */
  model: string | undefined;
  /** What is asked beside the version, by the names of its fields. */
  extra?: { fields: readonly string[]; inputs(errorOf: (field: string) => string | undefined): ReactNode };
  /** What is begun with, by what the dialog's fields hold. */
  trialOf(values: Record<string, string>): object;
  /** What may be done with it beside ending it. */
  actions?(acting: ReturnType<typeof useAct>): ReactNode;
  /** What is shown of it. */
  children: ReactNode;
}

/** A version beside the one that answers: while it is tried what comes of it, else the dialog that begins it. */
export function TrialCard(props: Props) {
  const { slug, name, versions, mayDeploy, kind, model, extra, trialOf, actions, children } = props;
  const t = useTranslations(`serving.${kind}`);
  const acting = useAct();
  const patch = (trial: object | null) =>
    call(`/v1/deployments/${name}`, { tenant: slug, method: "PATCH", body: { [kind]: trial } });
  return (
    <Card title={t("title")} description={t("text")}>
      {model ? (
        <div className="grid gap-3">
          <p className="font-mono text-xs break-all">{model}</p>
          {children}
          {mayDeploy && (
            <div className="flex flex-wrap gap-2">
              {actions?.(acting)}
              <Button
                size="sm"
                variant="secondary"
                isLoading={acting.isBusy}
                onClick={() => acting.act(() => patch(null), t("ended"))}
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
          fields={extra?.fields ?? []}
          send={async (values) => {
            await patch(trialOf(values));
          }}
        >
          {(errorOf) => (
            <>
              <VersionSelect versions={versions} />
              {extra?.inputs(errorOf)}
            </>
          )}
        </FormDialog>
      ) : (
        <p className="text-ink-3 text-sm">{t("none")}</p>
      )}
    </Card>
  );
}
