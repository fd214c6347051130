"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Dialog } from "@/components/dialog";
import { Field, Input, Select } from "@/components/field";
import { useSubmit } from "@/components/use-submit";

interface Props {
  slug: string;
  /** Those that may hold the labelled rows: read, and of a task that takes adapters. */
  files: { id: string; name: string }[];
}

export function ImportDialog({ slug, files }: Props) {
  const t = useTranslations("insight.import");
  const router = useRouter();
  const [parts, setParts] = useState<readonly File[]>([]);
  const form = useSubmit(["adapter", "training_file", "suffix"], async ({ training_file, suffix }) => {
    const body = new FormData();
    if (training_file) body.set("training_file", training_file);
    if (suffix) body.set("suffix", suffix);
    for (const part of parts) body.set(part.name, part);
    const job = await call<{ id: string }>("/v1/models/import", { tenant: slug, body });
    router.push(`/${slug}/jobs/${job.id}`);
  });
  return (
    <Dialog
      trigger={<Button variant="secondary">{t("import")}</Button>}
      title={t("title")}
      description={t("text")}
    >
      <form onSubmit={form.onSubmit} className="grid gap-4">
        {form.formError && <Alert tone="bad">{form.formError}</Alert>}
        <Field label={t("adapter")} hint={t("adapterHint")} error={form.errorOf("adapter")} required>
          <Input
            type="file"
            multiple
            accept=".json,.safetensors"
            className="py-1.5"
            onChange={(event) => setParts([...(event.target.files ?? [])])}
          />
        </Field>
        <Field label={t("rows")} hint={t("rowsHint")} error={form.errorOf("training_file")} required>
          <Select name="training_file" defaultValue="">
            <option value="">{t("choose")}</option>
            {files.map((file) => (
              <option key={file.id} value={file.id}>
                {file.name}
              </option>
            ))}
          </Select>
        </Field>
        <Field label={t("suffix")} error={form.errorOf("suffix")}>
          <Input name="suffix" maxLength={64} pattern="[A-Za-z0-9_\-]*" />
        </Field>
        <div className="flex justify-end">
          <Button type="submit" isLoading={form.isBusy}>
            {t("start")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
