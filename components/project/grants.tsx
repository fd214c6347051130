"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Input, Select, Textarea } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { Time } from "@/components/time";
import { useAct } from "@/components/use-act";
import type { ProjectView } from "@/lib/project-view";
import type { Where } from "./where";

interface Props {
  grants: ProjectView["grants"];
  sets: readonly { id: string; name: string }[];
  where: Where;
  may: { decide: boolean; ask: boolean };
  /** Where staff see the rows of a version. */
  rows?: string;
}

export function Grants({ grants, sets, where, may, rows }: Props) {
  const t = useTranslations("projects.grants");
  const { act } = useAct();
  const decide = (id: string, state: "allowed" | "ended") =>
    act(() => call(`${where.root}/grants/${id}`, { method: "PATCH", tenant: where.tenant, body: { state } }));
  return (
    <Card
      title={t("title")}
      description={t(where.tenant ? "text" : "staffText")}
      actions={may.ask && sets.length > 0 && <AskRows sets={sets} where={where} />}
    >
      {grants.length === 0 ? (
        <p className="text-ink-3 text-sm">{t("none")}</p>
      ) : (
        <ul className="grid gap-3 text-sm">
          {grants.map((grant) => {
            const words = { who: grant.staff ?? "", set: grant.set, days: grant.days };
            const isAsked = grant.grantedBy === null && grant.endedAt === null;
            return (
              <li key={grant.id} className="grid gap-1.5">
                <p>
                  {isAsked ? (
                    t("wants", words)
                  ) : grant.isLive && grant.expiresAt ? (
                    <>
                      {t("may", words)} <Time at={grant.expiresAt} form="datetime" />
                    </>
                  ) : (
                    <span className="text-ink-3">{t("was", words)}</span>
                  )}
                </p>
                {isAsked && <p className="text-ink-2 break-words">{grant.reason}</p>}
                {may.decide && (isAsked || grant.isLive) && (
                  <div className="flex gap-2">
                    {isAsked && (
                      <Button size="sm" onClick={() => decide(grant.id, "allowed")}>
                        {t("allow")}
                      </Button>
                    )}
                    <Button size="sm" variant="secondary" onClick={() => decide(grant.id, "ended")}>
                      {t(isAsked ? "deny" : "end")}
                    </Button>
                  </div>
                )}
                {rows && grant.isLive && (
                  <Link className="link" href={`${rows}/${grant.versionId}`}>
                    {t("see")}
                  </Link>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}

function AskRows({ sets, where }: { sets: readonly { id: string; name: string }[]; where: Where }) {
  const t = useTranslations("projects.grants");
  return (
    <FormDialog
      size="sm"
      variant="secondary"
      trigger={t("ask")}
      title={t("ask")}
      description={t("askText")}
      action={t("ask")}
      done={t("asked")}
      fields={["versionId", "reason", "days"]}
      send={async ({ versionId, reason, days }) =>
        void (await call(`${where.base}/grants`, { body: { versionId, reason, days: Number(days) } }))
      }
    >
      {(errorOf) => (
        <>
          <Field label={t("set")} error={errorOf("versionId")} required>
            <Select name="versionId">
              {sets.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("reason")} error={errorOf("reason")} required>
            <Textarea name="reason" rows={2} maxLength={500} />
          </Field>
          <Field label={t("days")} error={errorOf("days")} required>
            <Input name="days" type="number" min={1} max={7} defaultValue={3} />
          </Field>
        </>
      )}
    </FormDialog>
  );
}
