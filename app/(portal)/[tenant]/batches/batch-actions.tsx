"use client";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useAct } from "@/components/use-act";
import type { batchToWire } from "@/lib/batches";

export function BatchActions({
  slug,
  batch,
  mayCancel,
}: {
  slug: string;
  batch: ReturnType<typeof batchToWire>;
  mayCancel: boolean;
}) {
  const t = useTranslations("serving.batches");
  const { isBusy, act } = useAct();
  const isOpen = batch.status === "validating" || batch.status === "in_progress";
  const fileOf = (id: string) => `/v1/files/${id}/content?graft_tenant=${encodeURIComponent(slug)}`;
  return (
    <span className="flex flex-wrap justify-end gap-3">
      {batch.output_file_id && (
        <a className="link" href={fileOf(batch.output_file_id)} download>
          {t("answers")}
        </a>
      )}
      {batch.error_file_id && (
        <a className="link" href={fileOf(batch.error_file_id)} download>
          {t("refused")}
        </a>
      )}
      {isOpen && mayCancel && (
        <Button
          size="sm"
          variant="ghost"
          isLoading={isBusy}
          onClick={() => act(() => call(`/v1/batches/${batch.id}/cancel`, { tenant: slug, method: "POST" }))}
        >
          {t("cancel")}
        </Button>
      )}
    </span>
  );
}
