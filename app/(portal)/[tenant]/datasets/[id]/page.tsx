import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { getFormatter, getTranslations } from "next-intl/server";
import { Alert } from "@/components/alert";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { Progress } from "@/components/progress";
import { Stat } from "@/components/stat";
import { Time } from "@/components/time";
import { getDataset } from "@/lib/datasets";
import { AppError } from "@/lib/errors";
import { listFiles } from "@/lib/files";
import type { CheckReport } from "@/lib/ml/contract";
import { requireMember } from "@/lib/page-session";
import { StateBadge } from "../../state-badge";
import { RefreshWhile } from "../../use-refresh";
import { ProblemTable } from "../problem-table";
import { ClassBalance } from "./class-balance";
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
  const dataset = await getDataset(actor.tenantId, decodeURIComponent(id)).catch((error: unknown) => {
    if (error instanceof AppError && error.status === 404) return notFound();
    throw error;
  });
  const version = dataset.versions.find((one) => one.id === wanted) ?? dataset.versions[0];
  if (!version) return notFound();
  const [files, t] = await Promise.all([
    listFiles(actor.tenantId, { limit: 100 }),
    getTranslations("portal.report"),
  ]);
  const others = files.data.filter((file) => file.id !== version.fileId && file.status === "processed");
  const { report } = version;
  const canTrain = version.status === "ready" && actor.permissions.has("jobs.write");
  return (
    <>
      <RefreshWhile isOpen={version.status === "checking"} />
      <PageHeader
        title={dataset.name}
        description={
          <span className="flex flex-wrap items-center gap-2">
            {t("version", { number: version.number })} <StateBadge state={version.status} />
            <span className="text-ink-3">
              {Object.entries(version.columns)
                .map(([role, column]) => `${role} = ${column}`)
                .join(" · ")}
            </span>
          </span>
        }
        crumbs={[{ label: t("datasets"), href: `/${slug}/datasets` }]}
        actions={
          canTrain && (
            <TrainDialog
              slug={slug}
              fileId={version.fileId}
              columns={version.columns}
              name={dataset.name}
              files={others.map((file) => ({ id: file.id, name: file.filename }))}
            />
          )
        }
      />
      <div className="grid gap-4">
        {version.status === "checking" && (
          <Card title={t("checking")} description={t("checkingText")}>
            <Progress value={null} label={t("checking")} />
          </Card>
        )}
        {version.status === "failed" && (
          <Alert tone="bad" title={t("refused")}>
            {version.errorMessage} <span className="font-mono text-xs">{version.errorCode}</span>
          </Alert>
        )}
        {report && <Report slug={slug} versionId={version.id} report={report} />}
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
          <Stat label={t("classes")} value={number(report.classes.length)} />
          <Stat
            label={t("duplicates")}
            value={number(report.duplicates.exact)}
            hint={t("nearDuplicates", { count: report.duplicates.near })}
          />
          <Stat
            label={t("conflicts")}
            value={number(report.duplicates.conflicting)}
            hint={t("lengths", { p50: report.lengths.p50, p95: report.lengths.p95, max: report.lengths.max })}
          />
        </div>
        {report.leakage !== null && (
          <p className="text-ink-2 mt-4 text-sm">{t("leakage", { count: report.leakage })}</p>
        )}
      </Card>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Card title={t("balance")} description={t("balanceText")}>
          <ClassBalance classes={report.classes} />
        </Card>
        <Card title={t("problems")} description={t("problemsText")} isFlush>
          <ProblemTable problems={report.problems} />
        </Card>
      </div>
      <Card>
        <p className="text-ink-3 text-xs break-all">
          {t("frozen")} <span className="font-mono">{report.sha256}</span>
        </p>
      </Card>
    </>
  );
}
