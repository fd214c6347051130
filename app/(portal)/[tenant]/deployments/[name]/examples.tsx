"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Field, Input, Select, Textarea } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";
import { useAct } from "@/components/use-act";
import { useErrorText } from "@/components/use-error-text";
import type { exampleToWire, triedToWire } from "@/lib/saved-examples";
import type { Version } from "../version-select";

type Example = ReturnType<typeof exampleToWire>;
type Tried = ReturnType<typeof triedToWire>;

interface Props {
  slug: string;
  name: string;
  examples: Example[];
  /** The answering one first. */
  versions: readonly Version[];
  isNumber: boolean;
  /** Whether a question is an object and not one text. */
  isTable: boolean;
  mayAdd: boolean;
  mayRemove: boolean;
}

const textOf = (input: unknown) => (typeof input === "string" ? input : JSON.stringify(input));

/** What a version must answer before it is promoted, and what each version answers. */
export function Examples({ slug, name, examples, versions, isNumber, isTable, mayAdd, mayRemove }: Props) {
  const t = useTranslations("serving.examples");
  const { isBusy, act } = useAct();
  const [tried, setTried] = useState<Tried[] | null>(null);
  const path = `/v1/deployments/${name}/examples`;
  const resultOf = (id: string) => tried?.find((one) => one.id === id);
  const add = mayAdd && <AddExample slug={slug} path={path} isNumber={isNumber} isTable={isTable} />;
  const rows = examples.map((one) => {
    const result = resultOf(one.id);
    return {
      id: one.id,
      input: {
        value: textOf(one.input),
        node: <span className="line-clamp-3 break-words">{textOf(one.input)}</span>,
      },
      expected: one.tolerance === null ? one.expected : `${one.expected} ± ${one.tolerance}`,
      answer: {
        value: result?.answer ?? null,
        node: result ? (
          <Badge tone={result.passed ? "good" : "bad"}>{result.answer || t("nothing")}</Badge>
        ) : (
          <span className="text-ink-3">–</span>
        ),
      },
      remove: {
        value: null,
        node: mayRemove && (
          <Button
            size="sm"
            variant="ghost"
            isLoading={isBusy}
            aria-label={t("removeOf", { input: textOf(one.input).slice(0, 60) })}
            onClick={() =>
              act(() => call(`${path}/${one.id}`, { tenant: slug, method: "DELETE" }), t("removed"))
            }
          >
            {t("remove")}
          </Button>
        ),
      },
    };
  });
  return (
    <Card title={t("title")} description={t("text")} actions={add} isFlush={examples.length > 0}>
      {examples.length === 0 ? (
        <p className="text-ink-3 text-sm">{t("empty")}</p>
      ) : (
        <>
          <Check slug={slug} path={path} versions={versions} onTried={setTried} />
          <DataTable
            rows={rows}
            rowKey="id"
            label={t("title")}
            columns={[
              { key: "input", header: t("input"), sortable: true },
              { key: "expected", header: t("expected"), sortable: true },
              { key: "answer", header: t("answer"), sortable: true },
              { key: "remove", header: <span className="sr-only">{t("remove")}</span>, align: "right" },
            ]}
          />
        </>
      )}
    </Card>
  );
}

function Check({
  slug,
  path,
  versions,
  onTried,
}: {
  slug: string;
  path: string;
  versions: readonly Version[];
  onTried: (tried: Tried[]) => void;
}) {
  const t = useTranslations("serving.examples");
  const errorText = useErrorText();
  const [model, setModel] = useState(versions[0]?.name ?? "");
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const check = async () => {
    setIsBusy(true);
    setError(null);
    try {
      onTried((await call<{ data: Tried[] }>(`${path}/check`, { tenant: slug, body: { model } })).data);
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <div className="grid gap-2 border-b px-4 py-3 sm:px-5">
      <div className="flex flex-wrap items-end gap-2">
        <Field label={t("of")} className="w-full sm:w-96">
          <Select value={model} onChange={(event) => setModel(event.currentTarget.value)}>
            {versions.map((one) => (
              <option key={one.name}>{one.name}</option>
            ))}
          </Select>
        </Field>
        <Button variant="secondary" isLoading={isBusy} onClick={check}>
          {t("check")}
        </Button>
      </div>
      {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
    </div>
  );
}

interface AddProps {
  slug: string;
  path: string;
  isNumber: boolean;
  isTable: boolean;
}

function AddExample({ slug, path, isNumber, isTable }: AddProps) {
  const t = useTranslations("serving.examples");
  return (
    <FormDialog
      variant="secondary"
      size="sm"
      trigger={t("add")}
      title={t("add")}
      description={t("addText")}
      action={t("add")}
      done={t("added")}
      fields={["input", "expected", "tolerance"]}
      send={async ({ input = "", expected, tolerance }) => {
        const question = isTable ? JSON.parse(input) : input;
        const allowed = isNumber ? { tolerance: Number(tolerance) } : {};
        await call(path, { tenant: slug, body: { input: question, expected, ...allowed } });
      }}
    >
      {(errorOf) => (
        <>
          <Field
            label={t("input")}
            hint={isTable ? t("inputHint") : undefined}
            error={errorOf("input")}
            required
          >
            <Textarea name="input" maxLength={20_000} />
          </Field>
          <Field label={t("expected")} hint={t("expectedHint")} error={errorOf("expected")} required>
            <Input name="expected" maxLength={1000} autoComplete="off" />
          </Field>
          {isNumber && (
            <Field label={t("tolerance")} error={errorOf("tolerance")} required>
              <Input name="tolerance" type="number" min={0} step="any" />
            </Field>
          )}
        </>
      )}
    </FormDialog>
  );
}
