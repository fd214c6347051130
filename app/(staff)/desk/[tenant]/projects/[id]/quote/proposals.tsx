"use client";
import Link from "next/link";
import { useFormatter, useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { labellingProposal, type ProposalBasis, trainingProposal } from "@/lib/quote-proposals";
import { percent } from "@/lib/rule-text";
import { aimsOf, type LineDraft, lineOf, type MilestoneDraft, type Proposal } from "./drafts";

export interface Sources {
  basis: ProposalBasis;
  currency: string;
  /** The project's page, where sample and brief are. */
  page: string;
}

interface Props {
  sources: Sources;
  milestones: readonly MilestoneDraft[];
  onAdd: (line: LineDraft) => void;
}

/** Lines that follow from the sample and what the milestones ask; each is taken as it is, changed, or left. */
export function Proposals({ sources, milestones, onAdd }: Props) {
  const t = useTranslations("projects.proposals");
  const { basis, currency } = sources;
  const aims = aimsOf(milestones);
  const labelling = labellingProposal(basis, aims);
  const training = trainingProposal(basis, { aims, labelled: labelling?.rows ?? 0, currency });
  const proposals = [labelling, training].flatMap((one): Proposal[] => (one ? [one] : []));
  const titleOf = (one: Proposal) =>
    one.of === "training"
      ? t("trainingTitle", { runs: one.runs, minutes: one.p90Minutes })
      : t("labellingTitle", { rows: one.rows });
  const { compute, labelling: labellingRate } = basis.rates;
  return (
    <Card title={t("title")} description={t("text")} isFlush>
      <ul className="divide-y" aria-label={t("title")}>
        {proposals.map((one) => (
          <li key={one.of} className="flex flex-wrap items-start gap-3 px-4 py-3 text-sm sm:px-5">
            <div className="grid min-w-0 flex-1 gap-1">
              {(one.of === "training" || one.rows > 0) && <p className="font-medium">{titleOf(one)}</p>}
              <Computation proposal={one} sources={sources} />
            </div>
            {(one.of === "training" || one.rows > 0) && (
              <Button variant="secondary" size="sm" onClick={() => onAdd(lineOf(one, titleOf(one)))}>
                {t("add")}
                <span className="sr-only">: {titleOf(one)}</span>
              </Button>
            )}
          </li>
        ))}
        {labellingRate && !labelling && <Said>{t("nothingMissing")}</Said>}
        {!labellingRate && <Said>{t("noRate", { code: "labelled_row", currency })}</Said>}
        {!compute && <Said>{t("noRate", { code: "compute_hour", currency })}</Said>}
        {compute && !training && <Said>{t("noForecast")}</Said>}
      </ul>
    </Card>
  );
}

const Said = ({ children }: { children: ReactNode }) => (
  <li className="text-ink-2 px-4 py-3 text-sm sm:px-5">{children}</li>
);

/** Where every number of a proposal comes from. */
export function Computation({ proposal, sources }: { proposal: Proposal; sources: Sources }) {
  const t = useTranslations("projects.proposals");
  const metrics = useTranslations("projects.draft.metrics");
  const format = useFormatter();
  const { amount } = wordsOf(useLocale() as Locale);
  const { basis, currency, page } = sources;
  const to = (anchor: string) => (chunks: ReactNode) => (
    <Link className="link" href={`${page}#${anchor}`} target="_blank">
      {chunks}
    </Link>
  );
  const sample = to(`sample-${basis.sample.id}`);
  const rate = {
    price: amount(proposal.rate.unitDecimal, currency),
    from: format.dateTime(new Date(proposal.rate.validFrom), { dateStyle: "medium" }),
  };
  const figures = { name: basis.sample.name, has: basis.sample.rows };
  if (proposal.of === "training") {
    const { p50Minutes, p90Minutes, p50Unit, unit, runs, rows } = proposal;
    const costs = { p50Cost: amount(p50Unit, currency), p90Cost: amount(unit, currency) };
    return (
      <p className="text-ink-2">
        {t.rich("training", { ...figures, ...rate, ...costs, p50Minutes, p90Minutes, runs, rows, sample })}
      </p>
    );
  }
  const { needed, beyond, lacking, rows } = proposal;
  const scoreOf = ({ metric, threshold }: NonNullable<typeof needed>) => ({
    metric: metrics(metric),
    score: percent(threshold),
  });
  return (
    <div className="text-ink-2 grid gap-1">
      {needed && <p>{t.rich("needed", { ...figures, ...scoreOf(needed), rows: needed.rows, sample })}</p>}
      {beyond && <p>{t.rich("beyond", { ...scoreOf(beyond), rows: beyond.rows, sample })}</p>}
      {lacking > 0 && <p>{t.rich("lacking", { name: basis.sample.name, rows: lacking, sample })}</p>}
      {rows > 0 && <p>{t("labelling", { ...rate, rows })}</p>}
    </div>
  );
}
