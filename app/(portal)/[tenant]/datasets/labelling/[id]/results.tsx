"use client";
import { Download } from "lucide-react";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { useErrorText } from "@/components/use-error-text";
import { MachineLabels } from "./machine-labels";

/** What comes out: a dataset of people's labels, their list, and, if somebody accepts them, the model's for the rest. */
export function Results({ slug, id, mayWrite }: { slug: string; id: string; mayWrite: boolean }) {
  const t = useTranslations("labelling.results");
  const router = useRouter();
  const errorText = useErrorText();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const create = async (machineFrom: number | null) => {
    setIsBusy(true);
    setError(null);
    try {
      const made = await call<{ dataset_id: string }>(`/api/labelling/${id}/dataset`, {
        tenant: slug,
        body: { machine_from: machineFrom },
      });
      router.push(`/${slug}/datasets/${made.dataset_id}`);
    } catch (caught) {
      setError(caught);
      setIsBusy(false);
    }
  };
  return (
    <>
      <Card
        title={t("title")}
        description={t("text")}
        actions={
          <>
            <Button asChild variant="secondary">
              <a href={`/api/labelling/${id}/labels?graft_tenant=${encodeURIComponent(slug)}`} download>
                <Download aria-hidden />
                {t("download")}
              </a>
            </Button>
            {mayWrite && (
              <Button onClick={() => create(null)} isLoading={isBusy}>
                {t("create")}
              </Button>
            )}
          </>
        }
      >
        {error === null ? undefined : <Alert tone="bad">{errorText(error)}</Alert>}
      </Card>
      <MachineLabels slug={slug} id={id} mayWrite={mayWrite} isBusy={isBusy} onAccept={create} />
    </>
  );
}
