"use client";
import { useTranslations } from "next-intl";
import { call } from "@/components/call";
import { Field, Select } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { ProposeRemedy } from "./propose-remedy";
import type { Where } from "./where";

interface Props {
  milestone: { id: string; state: string; isMeasured: boolean; isProposed: boolean };
  models: readonly { id: string; name: string }[];
  where: Where;
  may: { sign: boolean; submit: boolean };
}

const OPEN = ["planned", "in_progress", "missed"];

export function MilestoneActions({ milestone, models, where, may }: Props) {
  const t = useTranslations("projects.milestones");
  const path = `${where.root}/milestones/${milestone.id}`;
  const decide = (state: "accepted" | "waived") => async () =>
    void (await call(path, { method: "PATCH", tenant: where.tenant, body: { state } }));
  const mayWaive = may.sign && OPEN.includes(milestone.state);
  const maySubmit = may.submit && OPEN.includes(milestone.state);
  if (!mayWaive && !maySubmit && !(may.sign && milestone.state === "passed")) return null;
  return (
    <div className="flex flex-wrap gap-2 pt-1">
      {may.sign && milestone.state === "passed" && (
        <FormDialog
          size="sm"
          trigger={t("accept")}
          title={t("accept")}
          description={t("acceptText")}
          action={t("accept")}
          done={t("accepted")}
          fields={[]}
          send={decide("accepted")}
        />
      )}
      {mayWaive && (
        <FormDialog
          size="sm"
          variant="secondary"
          trigger={t("waive")}
          title={t("waive")}
          description={t("waiveText")}
          action={t("waive")}
          done={t("waived")}
          fields={[]}
          send={decide("waived")}
        />
      )}
      {maySubmit && milestone.isMeasured && (
        <FormDialog
          size="sm"
          trigger={t("handIn")}
          title={t("handIn")}
          description={t("handInText")}
          action={t("handIn")}
          done={t("handedIn")}
          fields={["model"]}
          send={async ({ model }) => void (await call(`${path}/runs`, { body: { modelId: model } }))}
        >
          {(errorOf) => (
            <Field label={t("model")} error={errorOf("model")} required>
              <Select name="model">
                {models.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
              </Select>
            </Field>
          )}
        </FormDialog>
      )}
      {maySubmit && !milestone.isMeasured && (
        <FormDialog
          size="sm"
          trigger={t("done")}
          title={t("done")}
          description={t("doneText")}
          action={t("done")}
          done={t("doneSaid")}
          fields={[]}
          send={async () => void (await call(`${path}/runs`, { body: {} }))}
        />
      )}
      {may.submit && milestone.state === "missed" && !milestone.isProposed && (
        <>
          <ProposeRemedy path={path} kind="reduction" />
          <ProposeRemedy path={path} kind="ending" />
        </>
      )}
    </div>
  );
}
