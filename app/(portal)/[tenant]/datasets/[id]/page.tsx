import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { getFormatter, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { Progress } from "@/components/progress";
import { AskTeam } from "@/components/project/ask-team";
import { Stat } from "@/components/stat";
import { Time } from "@/components/time";
import { RefreshWhile } from "@/components/use-refresh";
import { findAppraisal } from "@/lib/appraisals";
import { getDataset, type Version } from "@/lib/datasets";
import { listDeployments } from "@/lib/deployments";
import { listFiles } from "@/lib/files";
import { promiseOf } from "@/lib/late-trainings";
import type { CheckReport } from "@/lib/ml/contract";
import { orNotFound, requireMember } from "@/lib/page-session";
import { taskOf } from "@/lib/tasks";
import { trainingPrice } from "@/lib/training-price";
import { RefusalAlert } from "../../said-text";
import { StateBadge } from "../../state-badge";
import { ProblemTable } from "../problem-table";
import { Bars } from "./bars";
import { Readiness } from "./readiness";
import { TrainDialog } from "./train-dialog";

interface Props {
  params: Promise<{ tenant: string; id: string }>;
  searchParams: Promise<{ version?: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.report"))("title") };
}

/** The data report of one frozen version, and the way from it to a model. */
export default async function DatasetPage({ params, searchParams }: Props) {
  const [{ tenant: slug, id }, { version: wanted }] = await Promise.all([params, searchParams]);
  const { actor } = await requireMember(slug, "files.read");
  const dataset = await orNotFound(getDataset(actor.tenantId, decodeURIComponent(id)));
  const version = dataset.versions.find((one) => one.id === wanted) ?? dataset.versions[0];
  if (!version) return notFound();
  const canTrain = version.status === "ready" && actor.permissions.has("jobs.write");
  const [files, price, deployments, appraisal, t] = await Promise.all([
    listFiles(actor.tenantId, { limit: 1000, purpose: "fine-tune" }),
    canTrain ? trainingPrice(actor.tenantId) : null,
    canTrain ? listDeployments(actor.tenantId) : [],
    findAppraisal(actor.tenantId, version.id),
    getTranslations("portal.report"),
  ]);
  const file = files.data.find((one) => one.id === version.fileId);
  const others = files.data.filter((file) => file.id !== version.fileId && file.status === "processed");
  const { report } = version;
  const task = taskOf(dataset.task);
  return (
    <>
      <RefreshWhile isOpen={version.status === "checking"} />
      <PageHeader
        title={dataset.name}
        description={
          <span className="flex flex-wrap items-center gap-2">
            {t("version", { number: version.number })} <StateBadge state={version.status} />
            <span className="text-ink-3">
              <Time at={version.createdAt} />
            </span>
          </span>
        }
        crumbs={[{ label: t("datasets"), href: `/${slug}/datasets` }]}
        actions={
          <>
            {actor.permissions.has("projects.write") && (
              <AskTeam
                slug={slug}
                about={{ kind: "dataset", id: dataset.id }}
                variant={version.status === "failed" ? "secondary" : "ghost"}
              />
            )}
            {canTrain && (
              <TrainDialog
                slug={slug}
                fileId={version.fileId}
                versionId={version.id}
                task={dataset.task}
                recipes={task.recipes}
                name={dataset.name}
                price={price}
                promisedMinutes={promiseOf(appraisal)}
                answersInInt8={task.answersInInt8 === true}
                deployments={deployments
                  .filter(({ deployment }) => deployment.task === dataset.task)
                  .map(({ deployment }) => deployment.name)}
                files={others.map((file) => ({ id: file.id, name: file.filename }))}
              />
            )}
          </>
        }
      />
      <div className="grid gap-4">
        {version.status === "checking" && (
          <Card title={t("checking")} description={t("checkingText")}>
            <Progress value={null} label={t("checking")} />
          </Card>
        )}
        {version.status === "failed" && (
          <RefusalAlert title={t("refused")} code={version.errorCode} message={version.errorMessage} />
        )}
        {report && <Report slug={slug} versionId={version.id} report={report} />}
        {version.status === "ready" && (
          <Readiness
            slug={slug}
            versionId={version.id}
            appraisal={appraisal}
            canOrder={actor.permissions.has("files.write")}
          />
        )}
        <Facts slug={slug} version={version} filename={file?.filename ?? null} />
        {dataset.versions.length > 1 && (
          <Card title={t("versions")} isFlush>
            <ul className="divide-y">
              {dataset.versions.map((one) => (
                <li key={one.id}>
                  <Link
                    href={`/${slug}/datasets/${dataset.id}?version=${one.id}`}
                    aria-current={one.id === version.id ? "page" : undefined}
                    className="hover:bg-hover flex items-center gap-3 px-4 py-2.5 text-sm sm:px-5"
                  >
                    <span className="flex-1">{t("version", { number: one.number })}</span>
                    <span className="text-ink-3 text-xs">
                      <Time at={one.createdAt} />
                    </span>
                    <StateBadge state={one.status} />
                  </Link>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </>
  );
}

async function Report({ slug, versionId, report }: { slug: string; versionId: string; report: CheckReport }) {
  const [t, format] = await Promise.all([getTranslations("portal.report"), getFormatter()]);
  const number = (value: number) => format.number(value);
  return (
    <>
      <Card>
        <div className="grid grid-cols-2 gap-5 pt-1 sm:grid-cols-3 lg:grid-cols-6">
          <Stat label={t("rows")} value={number(report.rows)} hint={t("rowsHint")} />
          <Stat label={t("accepted")} value={number(report.accepted)} />
          <Stat
            label={t("setAside")}
            value={number(report.setAside)}
            hint={
              report.setAside > 0 && (
                <a
                  className="text-accent underline underline-offset-3"
                  href={`/api/datasets/versions/${versionId}/rejects?graft_tenant=${encodeURIComponent(slug)}`}
                >
                  {t("download")}
                </a>
              )
            }
          />
          {report.numbers ? (
            <Stat
              label={t("numbers")}
              value={t("range", { least: number(report.numbers.least), most: number(report.numbers.most) })}
            />
          ) : (
            <Stat label={t("classes")} value={number(report.classes.length)} />
          )}
          <Stat
            label={t("duplicates")}
            value={number(report.duplicates.exact)}
            hint={t("nearDuplicates", { count: report.duplicates.near })}
          />
          <Stat label={t("conflicts")} value={number(report.duplicates.conflicting)} />
        </div>
        {report.lengths.max > 0 && (
          <p className="text-ink-3 mt-4 text-xs">
            {t("lengthsTitle")}:{" "}
            {t("lengths", {
              p50: number(report.lengths.p50),
              p95: number(report.lengths.p95),
              max: number(report.lengths.max),
            })}
          </p>
        )}
        {report.leakage !== null && (
          <p className="text-ink-2 mt-1 text-sm">{t("leakage", { count: report.leakage })}</p>
        )}
      </Card>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Spread report={report} />
        <Card title={t("problems")} description={t("problemsText")} isFlush>
          <ProblemTable problems={report.problems} />
        </Card>
      </div>
    </>
  );
}

/** How the targets are spread: rows of each class, or of each range of numbers. */
async function Spread({ report }: { report: CheckReport }) {
  const [t, format] = await Promise.all([getTranslations("portal.report"), getFormatter()]);
  const number = (value: number) => format.number(value, { maximumFractionDigits: 2 });
  const { numbers } = report;
  if (!numbers)
    return (
      <Card title={t("balance")} description={t("balanceText")}>
        <Bars
          title={t("balance")}
          of={t("class")}
          bars={[...report.classes].sort((a, b) => b.rows - a.rows)}
        />
      </Card>
    );
  const bars = numbers.bins.map(({ from, to, rows }) => ({
    label: from === to ? number(from) : t("range", { least: number(from), most: number(to) }),
    rows,
  }));
  return (
    <Card title={t("numbers")} description={t("numbersText", { mean: number(numbers.mean) })}>
      <Bars title={t("numbers")} of={t("number")} bars={bars} />
    </Card>
  );
}

async function Facts({
  slug,
  version,
  filename,
}: {
  slug: string;
  version: Version;
  filename: string | null;
}) {
  const t = await getTranslations("portal.report");
  const role = await getTranslations("portal.map.roles");
  const corrected = version.corrections.filter(({ given, label }) => given !== label).length;
  const columns = Object.entries(version.columns).map(
    ([name, column]) => `${role(name)} = ${[column].flat().join(", ")}`,
  );
  return (
    <Card title={t("facts")}>
      <dl className="grid gap-x-6 gap-y-2 text-sm sm:grid-cols-[auto_1fr]">
        <dt className="text-ink-3">{t("file")}</dt>
        <dd className="break-words">
          {filename === null ? (
            "–"
          ) : (
            <Link className="link" href={`/${slug}/datasets/files/${version.fileId}`}>
              {filename}
            </Link>
          )}
        </dd>
        <dt className="text-ink-3">{t("columns")}</dt>
        <dd className="break-words">{columns.join(" · ")}</dd>
        {version.status === "ready" && (
          <>
            <dt className="text-ink-3">{t("frozenRows")}</dt>
            <dd>
              {corrected > 0 && <>{t("correctedVersion", { count: corrected })} · </>}
              <a
                className="link"
                href={`/api/datasets/versions/${version.id}/rows?graft_tenant=${encodeURIComponent(slug)}`}
              >
                {t("downloadRows")}
              </a>
            </dd>
          </>
        )}
        {version.report && (
          <>
            <dt className="text-ink-3">{t("frozen")}</dt>
            <dd className="font-mono text-xs leading-5 break-all">{version.report.sha256}</dd>
          </>
        )}
      </dl>
    </Card>
  );
}
