"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Input, Select, Textarea } from "@/components/field";
import { useSubmit } from "@/components/use-submit";

interface Props {
  slug: string;
  fileId: string;
  name: string;
  columns: string[];
  /** The column that looks most like texts. */
  text: string | undefined;
  /** The guessed label column and the labels that were found in it. */
  known: { column: string; labels: string[] } | null;
}

/** `name: description` a line; the description may be absent. */
const toClasses = (lines: string) =>
  lines
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const at = line.indexOf(":");
      return at <= 0
        ? { name: line }
        : { name: line.slice(0, at).trim(), description: line.slice(at + 1).trim() };
    });

/** For a file without labels, or with some: name the classes and go through its texts one by one. */
export function LabelHere({ slug, fileId, name, columns, text, known }: Props) {
  const t = useTranslations("labelling.start");
  const router = useRouter();
  const [classes, setClasses] = useState("");
  const form = useSubmit(["text_column", "label_column", "classes"], async (values) => {
    const made = await call<{ id: string }>("/api/labelling", {
      tenant: slug,
      body: {
        file_id: fileId,
        text_column: values.text_column,
        ...(values.label_column ? { label_column: values.label_column } : {}),
        ...(values.name?.trim() ? { name: values.name.trim() } : {}),
        classes: toClasses(classes),
      },
    });
    router.push(`/${slug}/datasets/labelling/${made.id}`);
  });
  const options = columns.map((column) => (
    <option key={column} value={column}>
      {column}
    </option>
  ));
  return (
    <Card title={t("title")} description={t("text")}>
      <form onSubmit={form.onSubmit} className="grid gap-4">
        {form.formError && <Alert tone="bad">{form.formError}</Alert>}
        <div className="grid grid-cols-1 gap-4 sm:grid-cols-3">
          <Field label={t("textColumn")} error={form.errorOf("text_column")}>
            <Select name="text_column" defaultValue={text}>
              {options}
            </Select>
          </Field>
          <Field label={t("labelColumn")} hint={t("labelColumnHint")} error={form.errorOf("label_column")}>
            <Select
              name="label_column"
              defaultValue=""
              onChange={(event) => {
                if (classes === "" && event.currentTarget.value === known?.column)
                  setClasses(known.labels.join("\n"));
              }}
            >
              <option value="">{t("noLabelColumn")}</option>
              {options}
            </Select>
          </Field>
          <Field label={t("name")}>
            <Input name="name" defaultValue={name} maxLength={120} />
          </Field>
        </div>
        <Field label={t("classes")} hint={t("classesHint")} error={form.errorOf("classes")} required>
          <Textarea
            rows={6}
            value={classes}
            placeholder={t("classesExample")}
            onChange={(event) => setClasses(event.currentTarget.value)}
          />
        </Field>
        <div>
          <Button type="submit" isLoading={form.isBusy} disabled={toClasses(classes).length < 2}>
            {t("start")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
