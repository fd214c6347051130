import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { PageHeader } from "@/components/page-header";
import { readProfile } from "@/lib/billing-profiles";
import { scoreBand } from "@/lib/forecasts";
import { orNotFound, requireStaff } from "@/lib/page-session";
import { type ProjectView, projectView } from "@/lib/project-view";
import { basisOf, type ProposalBasis } from "@/lib/quote-proposals";
import { cardPrices } from "@/lib/rate-card";
import { customerOf } from "@/lib/staff";
import { draftsOf } from "./drafts";
import { type Forecast, QuoteEditor } from "./quote-editor";

/** From the newest sample that was looked at: what a training on its rows would reach. */
function forecastOf(sets: ProjectView["sets"]): Forecast | null {
  for (const { name, rows, appraisal } of sets) {
    const band = appraisal?.report && scoreBand(appraisal.report, { rows });
    if (band) return { band, sample: name, rows };
  }
  return null;
}

/** The newest sample that was looked at, with today's prices of the card. */
async function basisFrom(sets: ProjectView["sets"], currency: string): Promise<ProposalBasis | null> {
  for (const { id, name, rows, appraisal } of sets)
    if (appraisal?.report) return basisOf({ id, name, rows }, appraisal.report, await cardPrices(currency));
  return null;
}

const VALID_DAYS = 30;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("projects.draft"))("title") };
}

export default async function DraftQuotePage({
  params,
}: {
  params: Promise<{ tenant: string; id: string }>;
}) {
  const { tenant: slug, id } = await params;
  const person = await requireStaff("desk.write");
  const { tenantId, name } = await orNotFound(customerOf(person, slug));
  const [view, profile, t] = await Promise.all([
    orNotFound(projectView(tenantId, id, "staff")),
    readProfile(tenantId),
    getTranslations("projects.draft"),
  ]);
  const last = view.quotes.at(-1)?.document ?? null;
  const validUntil = new Date(Date.now() + VALID_DAYS * 86_400_000).toISOString().slice(0, 10);
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("text")}
        crumbs={[
          { label: name, href: `/desk/${slug}` },
          { label: view.project.title, href: `/desk/${slug}/projects/${id}` },
        ]}
      />
      {profile ? (
        <QuoteEditor
          slug={slug}
          projectId={id}
          currency={profile.currency}
          sets={view.sets.map(({ sha256, name: set, rows, classes }) => ({
            ...{ sha256, name: set, rows },
            classes: classes.map(({ label }) => label),
          }))}
          before={draftsOf(last)}
          forecast={forecastOf(view.sets)}
          basis={await basisFrom(view.sets, profile.currency)}
          validUntil={validUntil}
        />
      ) : (
        <Alert tone="warn">{t("profileMissing")}</Alert>
      )}
    </>
  );
}
