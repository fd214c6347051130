import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { getFormatter, getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { ModelReport } from "@/lib/ml/contract";
import { getModel } from "@/lib/models";
import { requireMember } from "@/lib/page-session";
import { ModelSnippets } from "../../model-snippets";
import { Said } from "../../said-text";
import { shortName } from "../../short-name";
import { IntervalBar } from "../interval-bar";
import { Confusions } from "./confusions";
import { DeleteModel } from "./delete-model";
import { Headline } from "./headline";
import { LabelIssues } from "./label-issues";
import { LearningCurve } from "./learning-curve";
import { PerClass } from "./per-class";
import { Reliability } from "./reliability";
import { TakeAway } from "./take-away";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("insight.model"))("title") };
}

export default async function ModelPage({ params }: { params: Promise<{ tenant: string; id: string }> }) {
  const { tenant: slug, id } = await params;
  const { actor } = await requireMember(slug, "jobs.read");
  const model = await getModel(actor.tenantId, decodeURIComponent(id)).catch((error: unknown) => {
    if (error instanceof AppError && error.status === 404) return notFound();
    throw error;
  });
  const t = await getTranslations("insight.model");
  const { report } = model;
  const { evaluation } = report;
  const mayReadRows = actor.permissions.has("files.read");
  const confusions = mayReadRows
    ? evaluation.confusions
    : evaluation.confusions.map((pair) => ({ ...pair, rows: [] }));
  return (
    <>
      <PageHeader
        title={shortName(model.name)}
        description={<span className="font-mono text-xs break-all">{model.name}</span>}
        crumbs={[{ label: t("models"), href: `/${slug}/models` }]}
        actions={
          <>
            <Button asChild variant="ghost">
              <a
                href={`/v1/models/${encodeURIComponent(model.name)}/card?graft_tenant=${encodeURIComponent(slug)}`}
                download
              >
                {t("card")}
              </a>
            </Button>
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
        <Headline
          selective={evaluation.selective}
          abstention={report.abstention}
          accuracy={evaluation.accuracy.value}
        />
        <Figures report={report} />
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Choice report={report} />
          <Reliability calibration={evaluation.calibration} />
        </div>
        {report.learningCurve && <LearningCurve curve={report.learningCurve} />}
        <PerClass rows={evaluation.perClass} />
        <Confusions confusions={confusions} labels={report.labels} perClass={evaluation.perClass} />
        {report.labelIssues && mayReadRows && <LabelIssues issues={report.labelIssues} />}
        <Card title={t("call")} description={t("callText")}>
          <ModelSnippets address={env().publicUrl} model={model.name} />
        </Card>
        <TakeAway slug={slug} model={model} mayExport={actor.permissions.has("models.export")} />
        <Facts report={report} jobHref={`/${slug}/jobs/${model.jobId}`} />
      </div>
    </>
  );
}

async function Figures({ report }: { report: ModelReport }) {
  const [t, format] = await Promise.all([getTranslations("insight.model"), getFormatter()]);
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
  const { evaluation, floor, rows, refit } = report;
  const figures = [
    { name: t("accuracy"), estimate: evaluation.accuracy, floor: floor.accuracy.value },
    { name: t("macroF1"), estimate: evaluation.macroF1, floor: floor.macroF1 },
  ];
  return (
    <Card
      title={t("measured")}
      description={t(evaluation.kind === "test" ? "onTest" : "crossValidated", { n: evaluation.n })}
    >
      <div className="grid gap-6 sm:grid-cols-2">
        {figures.map(({ name, estimate, floor: lexical }) => (
          <div key={name}>
            <p className="text-ink-3 text-xs font-medium">{name}</p>
            <p className="figures mt-0.5 text-3xl font-semibold">{percent(estimate.value)}</p>
            <IntervalBar estimate={estimate} className="my-2 w-full" />
            <p className="text-ink-3 text-xs">
              {t("interval", { low: percent(estimate.low), high: percent(estimate.high) })} ·{" "}
              {t("floor", { value: percent(lexical) })}
            </p>
          </div>
        ))}
      </div>
      {report.leakage !== undefined && evaluation.kind === "test" && (
        <p className={report.leakage > 0 ? "text-warn mt-4 text-sm" : "text-ink-3 mt-4 text-sm"}>
          {t("leakage", { count: report.leakage, n: evaluation.n })}
        </p>
      )}
      <p className="text-ink-2 mt-4 text-sm">
        {refit ? t("refit", { rows: rows.train }) : t("noRefit", { rows: rows.train })}
      </p>
    </Card>
  );
}

async function Choice({ report }: { report: ModelReport }) {
  const [t, format] = await Promise.all([getTranslations("insight.model"), getFormatter()]);
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
  const points = (value: number) =>
    format.number(value * 100, { maximumFractionDigits: 1, signDisplay: "always" });
  const { pairedDifference: difference } = report;
  return (
    <Card title={t("compared")} description={t("comparedText")}>
      <table className="w-full text-sm">
        <thead className="text-ink-3 text-left text-xs">
          <tr>
            <th scope="col" className="pb-2 font-medium">
              {t("recipe")}
            </th>
            <th scope="col" className="pb-2 font-medium">
              {t("accuracy")}
            </th>
            <th scope="col" className="pb-2 pl-3 text-right font-medium">
              {t("macroF1")}
            </th>
            <th scope="col" className="pb-2 pl-3 text-right font-medium">
              {t("time")}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.compared.map((one) => (
            <tr key={one.recipe} className={one.chosen ? "font-medium" : "text-ink-2"}>
              <td className="py-1.5">
                {one.recipe} {one.chosen && <span className="text-good text-xs">✓ {t("chosen")}</span>}
                <Settings effective={one.effective} />
              </td>
              <td className="py-1.5">
                <span className="inline-flex items-center gap-3">
                  <span className="hidden sm:inline">
                    <IntervalBar estimate={one.accuracy} className="w-20" />
                  </span>
                  <span className="figures">{percent(one.accuracy.value)}</span>
                </span>
              </td>
              <td className="figures py-1.5 text-right">{percent(one.macroF1)}</td>
              <td className="figures py-1.5 text-right">
                {t("seconds", { seconds: Math.round(one.seconds) })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="text-ink-2 mt-3 text-sm">
        <Said sentence={report.choice} />
      </p>
      {report.leftOut?.map(({ recipe, seconds }) => (
        <p key={recipe} className="text-ink-3 mt-1 text-xs">
          {t("leftOut", { recipe, minutes: Math.ceil(seconds / 60) })}
        </p>
      ))}
      {difference && (
        <p className="text-ink-3 mt-1 text-xs">
          {t("difference", {
            value: points(difference.value),
            low: points(difference.low),
            high: points(difference.high),
          })}
        </p>
      )}
    </Card>
  );
}

/** What a recipe chose for itself; models made before this was kept have none. */
async function Settings({ effective = {} }: Partial<ModelReport["compared"][number]>) {
  const t = await getTranslations("insight.model.settings");
  const said = Object.entries(effective)
    .filter(([name, value]) => value !== false && t.has(name))
    .map(([name, value]) => t(name, { value: typeof value === "boolean" ? "" : value }));
  return <span className="text-ink-3 block text-xs font-normal">{said.join(" · ")}</span>;
}

async function Facts({ report, jobHref }: { report: ModelReport; jobHref: string }) {
  const t = await getTranslations("insight.model");
  const facts: [string, string][] = [
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
          ] as [string, string],
        ]
      : []),
    [t("temperature"), report.temperature.toFixed(3)],
    [
      t("scope"),
      report.scope
        ? t("scopeBy", {
            score: t(`score.${report.scope.score}`),
            threshold: report.scope.threshold.toFixed(3),
            auroc: report.scope.auroc.toFixed(3),
          })
        : t("noScope"),
    ],
    [
      t("time"),
      Object.entries(report.seconds)
        .map(([stage, seconds]) => `${stage} ${seconds} s`)
        .join(" · "),
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
            <dd className="break-all">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
