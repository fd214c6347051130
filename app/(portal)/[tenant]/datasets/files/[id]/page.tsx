import type { Metadata } from "next";
import { getFormatter, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { PageHeader } from "@/components/page-header";
import { Progress } from "@/components/progress";
import { AskTeam } from "@/components/project/ask-team";
import { RefreshWhile } from "@/components/use-refresh";
import { getFile } from "@/lib/files";
import { TASKS } from "@/lib/ml/catalogue";
import { columnsOf } from "@/lib/ml/contract";
import type { Task } from "@/lib/ml/task";
import { orNotFound, requireMember } from "@/lib/page-session";
import { RefusalAlert } from "../../../said-text";
import { sizeText } from "../../../size-text";
import { ProblemTable } from "../../problem-table";
import { FileActions } from "./file-actions";
import { LabelHere } from "./label-here";
import { MapColumns } from "./map-columns";
import { ReadingForm } from "./reading-form";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("portal.file"))("title") };
}

/** What the file looks like, before anything is decided. */
export default async function FilePage({ params }: { params: Promise<{ tenant: string; id: string }> }) {
  const { tenant: slug, id } = await params;
  const { actor } = await requireMember(slug, "files.read");
  const file = await orNotFound(getFile(actor.tenantId, decodeURIComponent(id)));
  const [t, format] = await Promise.all([getTranslations("portal"), getFormatter()]);
  const mayWrite = actor.permissions.has("files.write");
  const { profile, validation } = file;
  const [label] = profile ? columnsOf(profile.guess.columns, "label") : [];
  return (
    <>
      <RefreshWhile isOpen={file.status === "uploaded"} />
      <PageHeader
        title={file.filename}
        description={sizeText(file.sizeBytes, format)}
        actions={
          <>
            {actor.permissions.has("projects.write") && (
              <AskTeam
                slug={slug}
                about={{ kind: "file", id: file.id }}
                variant={file.status === "error" ? "secondary" : "ghost"}
              />
            )}
            <FileActions slug={slug} id={file.id} mayDelete={mayWrite} />
          </>
        }
        crumbs={[{ label: t("datasets.title"), href: `/${slug}/datasets` }]}
      />
      <div className="grid gap-4">
        {file.status === "uploaded" && (
          <Card title={t("file.checking")} description={t("file.checkingText")}>
            <Progress value={null} label={t("file.checking")} />
          </Card>
        )}
        {file.status === "error" && (
          <RefusalAlert title={t("file.unusable")} code={file.errorCode} message={file.statusDetails} />
        )}
        {profile && mayWrite && (
          <ReadingForm slug={slug} fileId={file.id} reading={profile.reading} sheets={profile.sheets} />
        )}
        {profile && (
          <MapColumns
            key={JSON.stringify([profile.reading, file.status])}
            slug={slug}
            fileId={file.id}
            filename={file.filename}
            columns={profile.columns.map(({ name, kind, distinct }) => ({ name, kind, distinct }))}
            sample={profile.sample}
            tasks={Object.values(TASKS).map((task: Task) => ({
              id: task.id,
              roles: task.roles.map(({ name, kind, required }) => ({ name, kind, required })),
              guess: task.guess(profile.columns).columns,
            }))}
            guessed={profile.guess.task}
            canCreate={mayWrite && file.status !== "uploaded"}
          />
        )}
        {validation && (
          <Card
            title={t("report.problems")}
            description={t("file.guessedReport", {
              rows: format.number(validation.rows),
              accepted: format.number(validation.accepted),
            })}
            isFlush
          >
            <ProblemTable problems={validation.problems} />
          </Card>
        )}
        {profile && mayWrite && file.status !== "uploaded" && (
          <LabelHere
            slug={slug}
            fileId={file.id}
            name={file.filename.replace(/\.[^.]+$/, "")}
            columns={profile.columns.map(({ name }) => name)}
            text={columnsOf(profile.guess.columns, "text")[0] ?? textColumn(profile.columns)}
            known={
              label ? { column: label, labels: (validation?.classes ?? []).map(({ label }) => label) } : null
            }
          />
        )}
      </div>
    </>
  );
}

/** Without a guess over pairs of columns: the one with the longest cells. */
const textColumn = (columns: readonly { name: string; meanLength: number }[]) =>
  [...columns].sort((a, b) => b.meanLength - a.meanLength)[0]?.name;
