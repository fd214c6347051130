"use client";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { call } from "@/components/call";
import { Field, Input, Select } from "@/components/field";
import { FormDialog } from "@/components/form-dialog";

interface Props {
  slug: string;
  /** Each with the names of what it reads; none for a model of tables, which reads columns by their names. */
  choices: readonly { name: string; roles: readonly string[] }[];
}

/** A spreadsheet or requests, and who answers them. */
export function OrderBatch({ slug, choices }: Props) {
  const t = useTranslations("serving.batches");
  const [chosen, setChosen] = useState(choices[0]);
  const [file, setFile] = useState<File | null>(null);
  const isRequests = file?.name.endsWith(".jsonl") ?? false;
  return (
    <FormDialog
      size="sm"
      trigger={t("order")}
      title={t("order")}
      description={t("orderText")}
      action={t("order")}
      done={t("ordered")}
      fields={["input_file_id"]}
      send={async (values) => {
        if (!file) return;
        const form = new FormData();
        form.set("purpose", "batch");
        form.set("file", file);
        const { id } = await call<{ id: string }>("/v1/files", { tenant: slug, method: "POST", body: form });
        const columns = Object.fromEntries(
          (chosen?.roles ?? []).flatMap((role) => (values[role] ? [[role, values[role]]] : [])),
        );
        const graft = isRequests ? {} : { graft: { model: chosen?.name, columns } };
        const body = { input_file_id: id, endpoint: "/v1/predictions", completion_window: "24h", ...graft };
        await call("/v1/batches", { tenant: slug, body });
      }}
    >
      {(errorOf) => (
        <>
          <Field label={t("file")} hint={t("fileHint")} error={errorOf("input_file_id")} required>
            <Input
              type="file"
              className="py-1.5"
              accept=".csv,.tsv,.xlsx,.jsonl"
              onChange={(event) => setFile(event.currentTarget.files?.[0] ?? null)}
            />
          </Field>
          {!isRequests && (
            <>
              <Field label={t("model")}>
                <Select
                  value={chosen?.name}
                  onChange={(event) =>
                    setChosen(choices.find(({ name }) => name === event.currentTarget.value))
                  }
                >
                  {choices.map(({ name }) => (
                    <option key={name}>{name}</option>
                  ))}
                </Select>
              </Field>
              {chosen?.roles.map((role) => (
                <Field key={role} label={t("column", { role })} required>
                  <Input name={role} defaultValue={role} autoComplete="off" />
                </Field>
              ))}
            </>
          )}
        </>
      )}
    </FormDialog>
  );
}
