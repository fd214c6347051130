"use client";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useErrorText } from "@/components/use-error-text";

interface Props {
  id: string;
  /** The member of staff who answers it. */
  takenBy: string | null;
  project: { slug: string; id: string } | null;
}

export function InquiryActions({ id, takenBy, project }: Props) {
  const t = useTranslations("projects.desk");
  const router = useRouter();
  const errorText = useErrorText();
  const [isBusy, setIsBusy] = useState(false);
  const take = async () => {
    setIsBusy(true);
    await call(`/api/desk/inquiries/${id}/owner`, { method: "PUT" })
      .then(() => toast.success(t("taken")))
      .catch((error: unknown) => toast.error(errorText(error)));
    setIsBusy(false);
    router.refresh();
  };
  if (!project) return null;
  if (takenBy === null)
    return (
      <Button size="sm" variant="secondary" isLoading={isBusy} onClick={take}>
        {t("take")}
      </Button>
    );
  return (
    <span className="text-ink-3 flex flex-wrap gap-x-3 text-xs">
      {t("takenBy", { name: takenBy })}
      <Link className="link" href={`/desk/${project.slug}/projects/${project.id}`}>
        {t("seeProject")}
      </Link>
    </span>
  );
}
