import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { PageHeader } from "@/components/page-header";
import { runAnswers } from "@/lib/acceptance-answers";
import { orNotFound, requireMember } from "@/lib/page-session";
import { percent } from "@/lib/rule-text";
import { ContestForm } from "./contest-form";

interface Props {
  params: Promise<{ tenant: string; id: string; run: string }>;
}

/** Rows that a page can carry; the wrong ones come first. */
const SHOWN = 2000;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("projects.runs"))("title") };
}

/** What a model answered on the rows that were signed, and the place to say that a label is wrong. */
export default async function RunPage({ params }: Props) {
  const { tenant: slug, id, run: runId } = await params;
  const { actor } = await requireMember(slug, "files.read");
  const { run, milestone, rows, labels } = await orNotFound(runAnswers(actor.tenantId, id, runId));
  const t = await getTranslations("projects.runs");
  const textOf = (input: unknown) => (typeof input === "string" ? input : JSON.stringify(input));
  return (
    <>
      <PageHeader
        title={`${milestone.title} · ${t("run", { number: run.number })}`}
        description={t("text", { value: percent(Number(run.value)), rows: run.rows })}
        crumbs={[{ label: t("project"), href: `/${slug}/projects/${id}` }]}
      />
      <ContestForm
        slug={slug}
        runId={runId}
        back={`/${slug}/projects/${id}`}
        rows={rows
          .slice(0, SHOWN)
          .map(({ line, input, label, answer }) => ({ line, label, answer, text: textOf(input) }))}
        labels={labels}
        mayContest={milestone.state === "passed" && actor.permissions.has("projects.sign")}
      />
    </>
  );
}
