"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Input, Select } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";
import { type ColumnMap, columnsOf } from "@/lib/ml/contract";
import type { Role } from "@/lib/ml/task";
import { ColumnBoxes } from "./column-boxes";

interface Props {
  slug: string;
  fileId: string;
  filename: string;
  columns: { name: string; kind: string; distinct: number }[];
  sample: string[][];
  /** What these rows may teach, with the columns that each would take; the likeliest one is chosen first. */
  tasks: { id: string; roles: Pick<Role, "name" | "kind" | "required">[]; guess: ColumnMap }[];
  guessed: string;
  canCreate: boolean;
}

const filled = (map: ColumnMap): ColumnMap =>
  Object.fromEntries(Object.entries(map).filter(([, columns]) => columns.length > 0));

/** The guessed columns over the first five real rows; a person has the last word before anything starts. */
export function MapColumns(props: Props) {
  const { slug, fileId, filename, columns, sample, tasks, guessed, canCreate } = props;
  const t = useTranslations("portal.map");
  const router = useRouter();
  const errorText = useErrorText();
  const [taskId, setTaskId] = useState(guessed);
  const task = tasks.find(({ id }) => id === taskId) ?? tasks[0];
  const roles = task?.roles ?? [];
  const [map, setMap] = useState(task?.guess ?? {});
  const [name, setName] = useState(filename.replace(/\.[^.]+$/, ""));
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const roleOf = (column: string) => roles.find((role) => columnsOf(map, role.name).includes(column))?.name;
  const isComplete = roles.every((role) => !role.required || columnsOf(filled(map), role.name).length > 0);
  const single = roles.filter(({ kind }) => kind !== "columns");
  const several = roles.filter(({ kind }) => kind === "columns");
  /** A column that a single role takes is none of the boxes any more. */
  const give = (role: string, taken: string | string[]) => {
    const isFree = (column: string) => column !== taken;
    const boxes = several.map(({ name }) => [name, columnsOf(map, name).filter(isFree)]);
    setMap({ ...map, ...Object.fromEntries(boxes), [role]: taken });
  };
  const create = async () => {
    setIsBusy(true);
    setError(null);
    try {
      const made = await call<{ dataset_id: string }>("/api/datasets", {
        tenant: slug,
        body: {
          file_id: fileId,
          task: taskId,
          columns: filled(map),
          ...(name.trim() ? { name: name.trim() } : {}),
        },
      });
      router.push(`/${slug}/datasets/${made.dataset_id}`);
    } catch (caught) {
      setError(caught);
      setIsBusy(false);
    }
  };
  return (
    <Card title={t("title")} description={t("text")}>
      <div className="grid gap-4">
        <Field label={t("task")} hint={t(`taskHints.${taskId}` as Parameters<typeof t>[0])}>
          <Select
            value={taskId}
            onChange={(event) => {
              const chosen = tasks.find(({ id }) => id === event.currentTarget.value);
              if (!chosen) return;
              setTaskId(chosen.id);
              setMap(chosen.guess);
            }}
          >
            {tasks.map(({ id }) => (
              <option key={id} value={id}>
                {t(`tasks.${id}` as Parameters<typeof t>[0])}
              </option>
            ))}
          </Select>
        </Field>
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
          {single.map((role) => (
            <Field
              key={role.name}
              label={t(`roles.${role.name}` as Parameters<typeof t>[0])}
              hint={t(`hints.${role.name}` as Parameters<typeof t>[0])}
            >
              <Select
                value={columnsOf(map, role.name)[0] ?? ""}
                onChange={(event) => give(role.name, event.currentTarget.value)}
              >
                <option value="">{t("choose")}</option>
                {columns.map((column) => (
                  <option key={column.name} value={column.name}>
                    {column.name}
                  </option>
                ))}
              </Select>
            </Field>
          ))}
          <Field label={t("name")}>
            <Input value={name} maxLength={120} onChange={(event) => setName(event.currentTarget.value)} />
          </Field>
        </div>
        {several.map(({ name: role }) => (
          <ColumnBoxes
            key={role}
            label={t(`roles.${role}` as Parameters<typeof t>[0])}
            hint={t(`hints.${role}` as Parameters<typeof t>[0])}
            columns={columns.filter(({ name }) => single.every((one) => map[one.name] !== name))}
            chosen={columnsOf(map, role)}
            onChange={(chosen) => give(role, chosen)}
          />
        ))}
        <section
          className="overflow-x-auto rounded-lg border"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
          tabIndex={0}
          aria-label={t("sample")}
        >
          <table className="w-full text-left text-sm">
            <caption className="sr-only">{t("sample")}</caption>
            <thead className="bg-sunken">
              <tr>
                {columns.map((column) => (
                  <th
                    key={column.name}
                    scope="col"
                    className="px-3 py-2 align-top font-medium whitespace-nowrap"
                  >
                    {column.name}
                    <span className="ml-2">
                      {roleOf(column.name) && (
                        <Badge tone="good">
                          {t(`roles.${roleOf(column.name)}` as Parameters<typeof t>[0])}
                        </Badge>
                      )}
                    </span>
                    <span className="text-ink-3 block text-xs font-normal">
                      {t("kind", {
                        kind: t(`kinds.${column.kind}` as Parameters<typeof t>[0]),
                        distinct: column.distinct,
                      })}
                    </span>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="divide-y">
              {sample.map((row, i) => (
                <tr key={i}>
                  {columns.map((column, j) => (
                    <td
                      key={column.name}
                      className={`max-w-md px-3 py-2 align-top ${roleOf(column.name) ? "bg-accent-soft/40" : "text-ink-3"}`}
                    >
                      <span className="line-clamp-3 break-words">{row[j]}</span>
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
        {canCreate && (
          <div>
            <Button onClick={create} isLoading={isBusy} disabled={!isComplete}>
              {t("create")}
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}
