"use client";
import { Paperclip } from "lucide-react";
import { useRouter } from "next/navigation";
import { useFormatter, useTranslations } from "next-intl";
import { useRef, useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { useErrorText } from "@/components/use-error-text";
import type { ProjectFile } from "@/lib/project-files";
import { linkOf, type Where } from "./where";

type Listed = Pick<ProjectFile, "id" | "name" | "bytes">;

export function Files({ files, where, mayWrite }: { files: Listed[]; where: Where; mayWrite: boolean }) {
  const t = useTranslations("projects.files");
  const format = useFormatter();
  const errorText = useErrorText();
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const attach = async (file: File) => {
    setIsBusy(true);
    setError(null);
    try {
      const path = `${where.base}/files?name=${encodeURIComponent(file.name.slice(-100))}`;
      await call(path, { tenant: where.tenant, body: file });
      toast.success(t("attached", { name: file.name }));
      router.refresh();
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  const kilobytes = (bytes: number) =>
    format.number(Math.max(1, Math.round(bytes / 1000)), { style: "unit", unit: "kilobyte" });
  return (
    <Card
      title={t("title")}
      description={t("text")}
      actions={
        mayWrite && (
          <>
            <input
              ref={input}
              type="file"
              className="sr-only"
              aria-label={t("attach")}
              onChange={({ target }) => {
                const [file] = target.files ?? [];
                if (file) void attach(file);
                target.value = "";
              }}
            />
            <Button variant="secondary" size="sm" isLoading={isBusy} onClick={() => input.current?.click()}>
              <Paperclip aria-hidden />
              {t("attach")}
            </Button>
          </>
        )
      }
    >
      {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
      {files.length === 0 ? (
        <p className="text-ink-3 text-sm">{t("none")}</p>
      ) : (
        <ul className="grid gap-1.5 text-sm">
          {files.map(({ id, name, bytes }) => (
            <li key={id} className="flex items-baseline justify-between gap-3">
              <a className="link min-w-0 break-all" href={linkOf(where, `${where.base}/files/${id}`)}>
                {name}
              </a>
              <span className="text-ink-3 figures shrink-0 text-xs">{kilobytes(bytes)}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
