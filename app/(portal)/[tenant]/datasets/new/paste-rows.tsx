"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Field, Textarea } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";

/** Cells copied from a spreadsheet arrive as tab-separated text; they travel as a file like any other. */
export function PasteRows({ slug }: { slug: string }) {
  const t = useTranslations("portal.upload");
  const router = useRouter();
  const errorText = useErrorText();
  const [text, setText] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const submit = async () => {
    setIsBusy(true);
    setError(null);
    try {
      const form = new FormData();
      form.set("purpose", "fine-tune");
      const name = t("pastedName", { extension: text.includes("\t") ? "tsv" : "csv" });
      form.set("file", new Blob([text], { type: "text/plain" }), name);
      const { id } = await call<{ id: string }>("/v1/files", { body: form, tenant: slug });
      router.push(`/${slug}/datasets/files/${id}`);
    } catch (caught) {
      setError(caught);
      setIsBusy(false);
    }
  };
  return (
    <div className="grid gap-4">
      {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
      <Field label={t("paste")} hint={t("pasteHint")}>
        <Textarea
          rows={12}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          className="font-mono text-xs"
          spellCheck={false}
        />
      </Field>
      <div>
        <Button onClick={submit} isLoading={isBusy} disabled={text.trim() === ""}>
          {t("usePaste")}
        </Button>
      </div>
    </div>
  );
}
