"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useAct } from "@/components/use-act";

interface Props {
  id: string;
  /** The member of staff who answers it. */
  takenBy: string | null;
  project: { slug: string; id: string } | null;
}

export function InquiryActions({ id, takenBy, project }: Props) {
  const t = useTranslations("projects.desk");
  const { isBusy, act } = useAct();
  const take = () => act(() => call(`/api/desk/inquiries/${id}/owner`, { method: "PUT" }), t("taken"));
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
