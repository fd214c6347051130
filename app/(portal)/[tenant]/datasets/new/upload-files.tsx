"use client";
import { UploadCloud } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type DragEvent, useRef, useState } from "react";
import { DetailedError, Upload } from "tus-js-client";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { ApiError, call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Textarea } from "@/components/field";
import { Progress } from "@/components/progress";
import { Tabs } from "@/components/tabs";
import { useErrorText } from "@/components/use-error-text";

interface Sending {
  name: string;
  share: number;
  error: unknown;
}

/** One resumable upload; resolves with the file's id that the server gives when the last byte is there. */
function send(file: File, slug: string, onShare: (share: number) => void): Promise<string> {
  return new Promise((resolve, reject) => {
    let id = "";
    const upload = new Upload(file, {
      endpoint: "/api/uploads",
      headers: { "graft-tenant": slug },
      metadata: { filename: file.name, filetype: file.type, purpose: "fine-tune" },
      chunkSize: 8_000_000,
      retryDelays: [0, 1000, 3000, 5000, 10_000],
      removeFingerprintOnSuccess: true,
      onAfterResponse: (_request, response) => {
        id = response.getHeader("graft-file-id") ?? id;
      },
      onProgress: (sent, total) => onShare(total ? sent / total : 0),
      onSuccess: () => resolve(id),
      onError: (error) => reject(toApiError(error)),
    });
    // A broken upload of the same file goes on where it stopped.
    upload
      .findPreviousUploads()
      .then(([previous]) => {
        if (previous) upload.resumeFromPreviousUpload(previous);
        upload.start();
      })
      .catch(reject);
  });
}

function toApiError(error: Error | DetailedError): unknown {
  if (!(error instanceof DetailedError) || !error.originalResponse) return error;
  const status = error.originalResponse.getStatus();
  try {
    const { error: inner } = JSON.parse(error.originalResponse.getBody()) as {
      error: { code: string; message: string; param: string | null };
    };
    return new ApiError(status, inner.code, inner.message, inner.param);
  } catch {
    return error;
  }
}

export function UploadFiles({ slug, maxMegabytes }: { slug: string; maxMegabytes: number }) {
  const t = useTranslations("portal.upload");
  const router = useRouter();
  const errorText = useErrorText();
  const [sendings, setSendings] = useState<Sending[]>([]);
  const [isOver, setIsOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);

  const start = async (files: readonly File[]) => {
    setSendings(files.map((file) => ({ name: file.name, share: 0, error: null })));
    const change = (i: number, part: Partial<Sending>) =>
      setSendings((all) => all.map((one, at) => (at === i ? { ...one, ...part } : one)));
    const ids = await Promise.all(
      files.map((file, i) =>
        send(file, slug, (share) => change(i, { share })).catch((error: unknown) => {
          change(i, { error });
          return null;
        }),
      ),
    );
    const done = ids.filter((id) => id !== null);
    if (done.length !== files.length) return;
    router.push(done.length === 1 ? `/${slug}/datasets/files/${done[0]}` : `/${slug}/datasets`);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length > 0) void start(files);
  };
  const isBusy = sendings.some((one) => one.error === null);
  const choose = (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping has a button beside it for everybody else */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
        className={`flex flex-col items-center gap-3 rounded-lg border-2 border-dashed px-6 py-14 text-center ${isOver ? "border-accent bg-accent-soft" : "border-line-strong/50"}`}
      >
        <UploadCloud aria-hidden className="text-accent size-8" />
        <p className="text-base font-medium">{t("drop")}</p>
        <p className="text-ink-3 max-w-md text-sm text-pretty">{t("formats", { limit: maxMegabytes })}</p>
        <input
          ref={picker}
          type="file"
          multiple
          className="sr-only"
          aria-label={t("choose")}
          accept=".csv,.tsv,.txt,.jsonl,.ndjson,.xlsx,.zip"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            if (files.length > 0) void start(files);
          }}
        />
        <Button onClick={() => picker.current?.click()} isLoading={isBusy}>
          {t("choose")}
        </Button>
      </div>
      <ul className="mt-4 grid gap-3">
        {sendings.map((one) => (
          <li key={one.name}>
            <p className="mb-1 truncate text-sm">{one.name}</p>
            {one.error === null ? (
              <Progress value={one.share} label={one.name} />
            ) : (
              <Alert tone="bad">{errorText(one.error)}</Alert>
            )}
          </li>
        ))}
      </ul>
    </>
  );
  return (
    <Card>
      <Tabs
        label={t("title")}
        tabs={[
          { value: "file", label: t("fromFile"), content: choose },
          { value: "paste", label: t("fromPaste"), content: <PasteRows slug={slug} /> },
        ]}
      />
    </Card>
  );
}

/** Cells copied from a spreadsheet arrive as tab-separated text; they travel as a file like any other. */
function PasteRows({ slug }: { slug: string }) {
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
      const name = text.includes("\t")
        ? t("pastedName", { extension: "tsv" })
        : t("pastedName", { extension: "csv" });
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
