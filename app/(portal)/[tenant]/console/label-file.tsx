"use client";
import { useTranslations } from "next-intl";
import { type DragEvent, useRef, useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { ApiError } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Select } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";

/** Asks for the labelled file; `call` reads JSON, and this answer is a file. */
async function label(file: File, slug: string, model: string, format: string): Promise<Blob> {
  const form = new FormData();
  form.set("model", model);
  form.set("format", format);
  form.set("file", file);
  const response = await fetch("/v1/predictions/file", {
    method: "POST",
    body: form,
    headers: { "graft-tenant": slug },
  });
  if (response.ok) return response.blob();
  const answer = (await response.json().catch(() => null)) as {
    error?: { code: string; message: string; param: string | null };
  } | null;
  const { code = "unknown", message = "", param = null } = answer?.error ?? {};
  throw new ApiError(response.status, code, message, param);
}

/** A spreadsheet in, the same spreadsheet with a label for every row out. */
export function LabelFile({ slug, model }: { slug: string; model: string }) {
  const t = useTranslations("insight.labelFile");
  const errorText = useErrorText();
  const picker = useRef<HTMLInputElement>(null);
  const [format, setFormat] = useState("csv");
  const [isOver, setIsOver] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const start = async (file: File | undefined) => {
    if (!file || isBusy) return;
    setIsBusy(true);
    setError(null);
    try {
      const url = URL.createObjectURL(await label(file, slug, model, format));
      const link = document.createElement("a");
      link.href = url;
      link.download = `${file.name.replace(/\.[^.]+$/, "")}-labelled.${format}`;
      link.click();
      URL.revokeObjectURL(url);
      toast.success(t("done"));
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    void start(event.dataTransfer.files[0]);
  };
  return (
    <Card title={t("title")} description={t("text")}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping has a button beside it for everybody else */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
        className={`flex flex-wrap items-end gap-3 rounded-lg border-2 border-dashed p-4 ${isOver ? "border-accent bg-accent-soft" : "border-line-strong/40"}`}
      >
        <Field label={t("format")} className="w-40">
          <Select value={format} onChange={(event) => setFormat(event.currentTarget.value)}>
            <option value="csv">CSV</option>
            <option value="xlsx">XLSX</option>
          </Select>
        </Field>
        <input
          ref={picker}
          type="file"
          className="sr-only"
          aria-label={t("choose")}
          accept=".csv,.tsv,.txt,.jsonl,.xlsx,.zip"
          onChange={(event) => {
            void start(event.currentTarget.files?.[0]);
            event.currentTarget.value = "";
          }}
        />
        <Button variant="secondary" onClick={() => picker.current?.click()} isLoading={isBusy}>
          {t("choose")}
        </Button>
        <span className="text-ink-3 pb-2 text-sm">{t("drop")}</span>
      </div>
      {error !== null && (
        <div className="mt-3">
          <Alert tone="bad">{errorText(error)}</Alert>
        </div>
      )}
    </Card>
  );
}
