"use client";
import clsx from "clsx";
import { UploadCloud } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type DragEvent, useRef, useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { Progress } from "@/components/progress";
import { useErrorText } from "@/components/use-error-text";
import { sendFile } from "./send-file";

interface Sending {
  key: number;
  name: string;
  share: number;
  /** The file's id once its last byte has arrived. */
  id: string | null;
  error: unknown;
}

/** Files by dropping or choosing; several at once, and more while the first are still on their way. */
export function ChooseFiles({ slug, maxMegabytes }: { slug: string; maxMegabytes: number }) {
  const t = useTranslations("portal.upload");
  const router = useRouter();
  const errorText = useErrorText();
  const [sendings, setSendings] = useState<Sending[]>([]);
  const [isOver, setIsOver] = useState(false);
  const picker = useRef<HTMLInputElement>(null);
  const nextKey = useRef(0);
  const isBusy = sendings.some((one) => one.id === null && one.error === null);
  const hrefOf = (id: string) => `/${slug}/datasets/files/${id}`;

  const start = async (files: readonly File[]) => {
    const added = files.map((file) => ({ file, key: nextKey.current++ }));
    const isAlone = files.length === 1 && !isBusy;
    setSendings((all) => [
      ...all,
      ...added.map(({ file, key }) => ({ key, name: file.name, share: 0, id: null, error: null })),
    ]);
    const change = (key: number, part: Partial<Sending>) =>
      setSendings((all) => all.map((one) => (one.key === key ? { ...one, ...part } : one)));
    await Promise.all(
      added.map(({ file, key }) =>
        sendFile(file, slug, (share) => change(key, { share })).then(
          (id) => {
            change(key, { id, share: 1 });
            if (isAlone) router.push(hrefOf(id));
          },
          (error: unknown) => change(key, { error }),
        ),
      ),
    );
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const files = [...event.dataTransfer.files];
    if (files.length > 0) void start(files);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping has a button beside it for everybody else */}
      <div
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={drop}
        className={clsx(
          "flex flex-col items-center gap-3 rounded-lg border-2 border-dashed px-6 py-14 text-center",
          isOver ? "border-accent bg-accent-soft" : "border-line-strong/50",
        )}
      >
        <UploadCloud aria-hidden className="text-accent size-8" />
        <p className="text-base font-medium">{t("drop")}</p>
        <p className="text-ink-3 max-w-md text-sm text-pretty">{t("formats", { limit: maxMegabytes })}</p>
        <input
          ref={picker}
          type="file"
          multiple
          className="sr-only"
          tabIndex={-1}
          aria-label={t("choose")}
          accept=".csv,.tsv,.txt,.jsonl,.ndjson,.xlsx,.zip"
          onChange={(event) => {
            const files = [...(event.currentTarget.files ?? [])];
            // The same file may be chosen again after a failure.
            event.currentTarget.value = "";
            if (files.length > 0) void start(files);
          }}
        />
        <Button onClick={() => picker.current?.click()} isLoading={isBusy}>
          {t("choose")}
        </Button>
      </div>
      <ul className="mt-4 grid gap-3" aria-live="polite">
        {sendings.map((one) => (
          <li key={one.key}>
            {one.error !== null ? (
              <Alert tone="bad" title={one.name}>
                {errorText(one.error)}
              </Alert>
            ) : one.id === null ? (
              <Progress value={one.share} label={one.name} />
            ) : (
              <p className="flex items-center justify-between gap-3 rounded-lg border px-3 py-2 text-sm">
                <span className="min-w-0 truncate">{one.name}</span>
                <Link
                  href={hrefOf(one.id)}
                  className="link shrink-0"
                  aria-label={t("goOnWith", { name: one.name })}
                >
                  {t("goOn")}
                </Link>
              </p>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
