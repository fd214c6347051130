import type { Metadata } from "next";
import Link from "next/link";
import { getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { AskTeam } from "@/components/project/ask-team";
import { decisionsFor, modelBefore } from "@/lib/corrections";
import { env } from "@/lib/env";
import { type ModelReport, type PrecisionReport, type Readings, ranksOf, STAGES } from "@/lib/ml/contract";
import { costOfModel } from "@/lib/model-card";
import { getModel } from "@/lib/models";
import { orNotFound, requireMember } from "@/lib/page-session";
import { inputNames, taskOf } from "@/lib/tasks";
import { type TrainingCost as Cost, timeOf } from "@/lib/training-cost";
import { ModelSnippets } from "../../model-snippets";
import { shortName } from "../../short-name";
import { TrainingCost } from "../../training-cost";
import { BeforeAfter } from "./before-after";
import { Choice } from "./choice";
import { DeleteModel } from "./delete-model";
import { Figures } from "./figures";
import { aroundFigures } from "./measured";
import { SaidOfAnswers } from "./said-of-answers";
import { TakeAway } from "./take-away";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("insight.model"))("title") };
}

export default async function ModelPage({ params }: { params: Promise<{ tenant: string; id: string }> }) {
  const { tenant: slug, id } = await params;
  const { actor } = await requireMember(slug, "jobs.read");
  const model = await orNotFound(getModel(actor.tenantId, decodeURIComponent(id)));
  const { report } = model;
  const task = taskOf(model.task);
  const mayReadRows = actor.permissions.has("files.read");
  const [t, before, cost, decisions] = await Promise.all([
    getTranslations("insight.model"),
    modelBefore(actor.tenantId, model),
    costOfModel(model),
    report.labelIssues && mayReadRows ? decisionsFor(actor.tenantId, model) : { decisions: [], settled: [] },
  ]);
  const around = aroundFigures(report, mayReadRows, {
    slug,
    modelId: model.id,
    ...decisions,
    mayCorrect: actor.permissions.has("files.write"),
    mayTrain: actor.permissions.has("jobs.write"),
  });
  return (
    <>
      <PageHeader
        title={shortName(model.name)}
        description={<span className="font-mono text-xs break-all">{model.name}</span>}
        crumbs={[{ label: t("models"), href: `/${slug}/models` }]}
        actions={
          <>
            {actor.permissions.has("projects.write") && (
              <AskTeam slug={slug} about={{ kind: "model", id: model.id }} variant="ghost" />
            )}
            {(["card", "report"] as const).map((kind) => (
              <Button key={kind} asChild variant="ghost">
                <a
                  href={`/v1/models/${encodeURIComponent(model.name)}/${kind}?graft_tenant=${encodeURIComponent(slug)}`}
                  download
                >
                  {t(kind)}
                </a>
              </Button>
            ))}
            {actor.permissions.has("models.delete") && <DeleteModel slug={slug} name={model.name} />}
            {actor.permissions.has("predictions.create") && (
              <Button asChild>
                <Link href={`/${slug}/console?model=${encodeURIComponent(model.name)}`}>{t("try")}</Link>
              </Button>
            )}
          </>
        }
      />
      <div className="grid gap-4">
        {model.checkpointStep !== null && (
          <Alert tone="info" title={t("firstModel")}>
            {t("firstModelText")}{" "}
            <Link href={`/${slug}/jobs/${model.jobId}`} className="link">
              {t("toJob")}
            </Link>
          </Alert>
        )}
        {around.first}
        <Figures report={report} />
        {before && (
          <BeforeAfter slug={slug} before={before.model} corrected={before.corrected} report={report} />
        )}
        <div className={`grid items-start gap-4 ${around.beside ? "lg:grid-cols-2" : ""}`}>
          <Choice report={report} />
          {around.beside}
        </div>
        {around.below}
        <SaidOfAnswers tenantId={actor.tenantId} model={model.name} mayReadRows={mayReadRows} />
        <Card title={t("call")} description={t("callText")}>
          <ModelSnippets
            address={env().publicUrl}
            model={model.name}
            roles={inputNames(task)}
            columns={report.columns}
          />
        </Card>
        {task.leaves && (
          <TakeAway slug={slug} model={model} mayExport={actor.permissions.has("models.export")} />
        )}
        <Facts report={report} cost={cost} jobHref={`/${slug}/jobs/${model.jobId}`} />
      </div>
    </>
  );
}

async function Facts({ report, cost, jobHref }: { report: ModelReport; cost: Cost | null; jobHref: string }) {
  const [t, stages] = await Promise.all([getTranslations("insight.model"), getTranslations("portal.stages")]);
  const scopeText = (scope: ModelReport["scope"]) => {
    if (!scope) return t("noScope");
    const { score, threshold, auroc, measured } = scope;
    const by = {
      score: t(`score.${score}`),
      threshold: threshold.toFixed(3),
      auroc: auroc.toFixed(3),
    };
    if (!measured) return t("scopeBy", by);
    const interval = { low: measured.low.toFixed(3), high: measured.high.toFixed(3) };
    return t("scopeMeasured", { ...by, ...measured, ...interval });
  };
  const precisionText = ({ answers, reason, measured }: PrecisionReport) =>
    measured
      ? t("precisionMeasured", {
          answers,
          rows: measured.rows,
          ...{ int8: (100 * measured.int8).toFixed(1), float32: (100 * measured.float32).toFixed(1) },
        })
      : t(`precisionReason.${reason}`);
  const ranks = ranksOf(report);
  const rankText = ({ rank, value, chosen }: Readings["tried"][number]) =>
    t(rank === "whole" ? "keptWhole" : "keptRank", {
      rank,
      percent: (100 * value).toFixed(1),
      chosen: chosen ? "✓ " : "",
    });
  const { ownSession } = report;
  const sessionText = ownSession
    ? [
        t("ownSession", {
          megabytes: Math.round(ownSession.bytes / 1e6),
          seconds: (ownSession.coldMs / 1000).toFixed(1),
        }),
      ]
    : [];
  const facts: [string, React.ReactNode][] = [
    [t("seed"), String(report.seed)],
    [t("backend"), report.backend],
    [t("base"), report.base ? report.base.id : t("noBase")],
    ...(report.importedAdapter
      ? [
          [
            t("adapter"),
            t("adapterText", {
              ...report.importedAdapter,
              targets: report.importedAdapter.targets.join(", "),
            }),
          ] satisfies [string, string],
        ]
      : []),
    ...(report.precision
      ? [[t("computesIn"), precisionText(report.precision)] satisfies [string, string]]
      : []),
    ...(ranks
      ? [[t("kept"), [...ranks.tried.map(rankText), ...sessionText].join(" · ")] satisfies [string, string]]
      : []),
    ...(report.temperature === undefined
      ? []
      : [[t("temperature"), report.temperature.toFixed(3)] satisfies [string, string]]),
    ...(report.evaluation.measures === "labels" && !report.columns
      ? [[t("scope"), scopeText(report.scope)] satisfies [string, string]]
      : []),
    ...(cost
      ? [[t("cost"), <TrainingCost key="cost" cost={cost} />] satisfies [string, React.ReactNode]]
      : []),
    [
      t("trainingTime"),
      t("timeOf", {
        ...timeOf(report),
        stages: STAGES.filter((stage) => report.seconds[stage] !== undefined)
          .map(
            (stage) =>
              `${stages(`names.${stage}`)} ${stages("seconds", { seconds: report.seconds[stage] ?? 0 })}`,
          )
          .join(" · "),
      }),
    ],
    [t("artifact"), report.hashes.artifact],
    [t("rowsHash"), report.hashes.rows],
  ];
  return (
    <Card
      title={t("facts")}
      actions={
        <Button asChild variant="secondary" size="sm">
          <Link href={jobHref}>{t("toJob")}</Link>
        </Button>
      }
    >
      <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[auto_1fr]">
        {facts.map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-ink-3">{name}</dt>
            <dd className="wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
