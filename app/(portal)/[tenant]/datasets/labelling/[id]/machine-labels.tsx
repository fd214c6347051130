"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Checkbox, Field, Select } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";

interface Suggestions {
  data: { place: number; text: string; label: string; confidence: number }[];
  has_more: boolean;
  steps: { at_least: number; texts: number }[];
}
interface Props {
  slug: string;
  id: string;
  mayWrite: boolean;
  isBusy: boolean;
  onAccept: (from: number) => void;
}

const PAGE = 50;
const USUAL = 0.95;

/** What the model would say about the rest, by confidence; it becomes rows only when somebody accepts it. */
export function MachineLabels({ slug, id, mayWrite, isBusy, onAccept }: Props) {
  const t = useTranslations("labelling.machine");
  const format = useFormatter();
  const errorText = useErrorText();
  const [from, setFrom] = useState<number>(USUAL);
  const [found, setFound] = useState<Suggestions | null>(null);
  const [isAccepted, setIsAccepted] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
  const look = async (atLeast: number, before: Suggestions["data"] = []) => {
    setFrom(atLeast);
    setIsAccepted(false);
    setError(null);
    try {
      const query = `at_least=${atLeast}&limit=${PAGE}&offset=${before.length}`;
      const page = await call<Suggestions>(`/api/labelling/${id}/suggestions?${query}`, { tenant: slug });
      setFound({ ...page, data: [...before, ...page.data] });
    } catch (caught) {
      setError(caught);
    }
  };
  const count = found?.steps.find((step) => step.at_least === from)?.texts ?? 0;
  return (
    <Card
      title={t("title")}
      description={t("text")}
      actions={
        <Button variant="secondary" onClick={() => look(from)}>
          {found ? t("again") : t("preview")}
        </Button>
      }
    >
      {found === null ? (
        error === null ? undefined : (
          <Alert tone="bad">{errorText(error)}</Alert>
        )
      ) : (
        <div className="grid gap-4">
          {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
          <Field label={t("from")} className="max-w-xs">
            <Select value={String(from)} onChange={(event) => look(Number(event.currentTarget.value))}>
              {found.steps.map((step) => (
                <option key={step.at_least} value={String(step.at_least)}>
                  {t("step", { from: percent(step.at_least), texts: step.texts })}
                </option>
              ))}
            </Select>
          </Field>
          <section
            className="max-h-96 overflow-auto rounded-lg border"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
            tabIndex={0}
            aria-label={t("title")}
          >
            <table className="w-full text-sm">
              <thead className="text-ink-3 text-left text-xs">
                <tr>
                  <th className="px-3 py-2 font-medium">{t("label")}</th>
                  <th className="px-3 py-2 font-medium">{t("confidence")}</th>
                  <th className="px-3 py-2 font-medium">{t("row")}</th>
                </tr>
              </thead>
              <tbody className="divide-y">
                {found.data.map((one) => (
                  <tr key={one.place}>
                    <td className="px-3 py-2">{one.label}</td>
                    <td className="figures px-3 py-2">{percent(one.confidence)}</td>
                    <td className="max-w-md px-3 py-2 break-words">{one.text.slice(0, 300)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
          {found.has_more && (
            <div>
              <Button variant="ghost" onClick={() => look(from, found.data)}>
                {t("more")}
              </Button>
            </div>
          )}
          {mayWrite && (
            <>
              <Checkbox
                label={t("accept", { texts: count })}
                hint={t("acceptHint")}
                checked={isAccepted}
                onCheckedChange={setIsAccepted}
              />
              <div>
                <Button
                  variant="secondary"
                  disabled={!isAccepted || count === 0}
                  isLoading={isBusy}
                  onClick={() => onAccept(from)}
                >
                  {t("create")}
                </Button>
              </div>
            </>
          )}
        </div>
      )}
    </Card>
  );
}
