import Link from "next/link";
import { useTranslations } from "next-intl";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import type { JobWire } from "@/lib/job-wire";

/** The model that answers while a better one is fitted; it stays when that one never comes. */
export function FirstModel({ slug, job }: { slug: string; job: JobWire }) {
  const t = useTranslations("portal.jobs");
  const name = job.graft.provisional_model;
  if (name === null || job.status === "succeeded") return null;
  const isOver = job.status === "failed" || job.status === "cancelled";
  const address = encodeURIComponent(name);
  return (
    <Alert tone="good" title={t("firstModel")}>
      <p>{t(isOver ? "firstModelStays" : "firstModelText")}</p>
      <p className="mt-1 font-mono text-xs break-all">{name}</p>
      <p className="mt-2 flex flex-wrap gap-2">
        <Button asChild size="sm">
          <Link href={`/${slug}/console?model=${address}`}>{t("tryModel")}</Link>
        </Button>
        <Button asChild size="sm" variant="secondary">
          <Link href={`/${slug}/models/${address}`}>{t("seeModel")}</Link>
        </Button>
      </p>
    </Alert>
  );
}
