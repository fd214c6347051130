import { asc, desc, eq, inArray, sql } from "drizzle-orm";
import { appraisals } from "@/db/schema/appraisals";
import { acceptanceRuns, signatures } from "@/db/schema/projects";
import { datasets, datasetVersions, models } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { grantsOf, isLive } from "./access-grants";
import { type Milestone, milestonesOf } from "./milestones";
import type { ModelReport } from "./ml/contract";
import { filesOf } from "./project-files";
import { findProject, type Side, timeline } from "./projects";
import { type QuoteChange, quoteChanges } from "./quote-amounts";
import { type Quote, quotesOf } from "./quotes";
import { remediesOf } from "./remedies";

/** What the page of a project shows, of which each side sees its own: staff see no row, customers no draft. */

type Run = typeof acceptanceRuns.$inferSelect;

export const projectView = (tenantId: string, projectId: string, side: Side) =>
  forTenant(tenantId, async (tx) => {
    const project = await findProject(tx, projectId);
    const events = await timeline(tx, projectId, side === "staff");
    const grants = await grantsOf(tx, projectId);
    const sets = await setsOf(tx);
    const names = await namesOf(tx, [
      project.ownerStaffId,
      ...events.map(({ actor }) => actor),
      ...grants.map(({ staffId }) => staffId),
    ]);
    const nameOf = (id: string | null) => names.get(id ?? "")?.name ?? null;
    return {
      project: { ...project, owner: nameOf(project.ownerStaffId) },
      quotes: await quoteViews(tx, projectId, side),
      milestones: await milestoneViews(tx, projectId),
      files: await filesOf(tx, projectId),
      grants: grants.map((grant) => ({
        ...grant,
        staff: nameOf(grant.staffId),
        set: sets.find(({ id }) => id === grant.versionId)?.name ?? grant.versionId,
        isLive: isLive(grant),
      })),
      events: events.map((event) => ({
        ...event,
        who: names.get(event.actor)?.name ?? event.data.name ?? null,
        isOurs: names.get(event.actor)?.isStaff ?? event.actor === "system",
      })),
      sets,
      models: side === "staff" ? await readyModels(tx) : [],
    };
  });
export type ProjectView = Awaited<ReturnType<typeof projectView>>;

async function namesOf(tx: TenantTx, ids: readonly (string | null)[]) {
  const wanted = [...new Set(ids.flatMap((id) => id ?? []))];
  if (wanted.length === 0) return new Map<string, { name: string; isStaff: boolean }>();
  const rows = await tx.query<{ id: string; name: string; isStaff: boolean }>(
    sql`select u.id, u.name, s.user_id is not null as "isStaff" from users u left join staff s on s.user_id = u.id
      where u.id in (${sql.join(
        wanted.map((id) => sql`${id}`),
        sql`, `,
      )})`,
  );
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

async function quoteViews(tx: TenantTx, projectId: string, side: Side) {
  const all = await quotesOf(tx, projectId);
  const shown = all.filter(({ state, sentAt }) => side === "staff" || (state !== "draft" && sentAt !== null));
  const signed = await tx.select(signatures);
  return shown.map((quote, at) => ({
    ...quote,
    signature: signed.find(({ quoteId }) => quoteId === quote.id) ?? null,
    changes: changesSince(shown[at - 1], quote),
  }));
}

const changesSince = (before: Quote | undefined, after: Quote): QuoteChange[] =>
  before?.document && after.document ? quoteChanges(before.document, after.document) : [];

async function milestoneViews(tx: TenantTx, projectId: string) {
  const all = await milestonesOf(tx, projectId);
  const runs =
    all.length === 0
      ? []
      : await tx.select(
          acceptanceRuns,
          inArray(
            acceptanceRuns.milestoneId,
            all.map(({ id }) => id),
          ),
          { orderBy: asc(acceptanceRuns.number) },
        );
  const tried =
    runs.length === 0
      ? []
      : await tx.select(models, inArray(models.id, [...new Set(runs.map((run) => run.modelId))]));
  const proposed = await remediesOf(tx, projectId);
  const signed = proposed.length === 0 ? [] : await tx.select(signatures);
  return all.map((milestone) => {
    const own = runs.filter(({ milestoneId }) => milestoneId === milestone.id);
    const last = own.at(-1);
    const report = tried.find(({ id }) => id === last?.modelId)?.report;
    return {
      ...milestone,
      runs: own.map((run) => ({
        ...run,
        model: tried.find(({ id }) => id === run.modelId)?.name ?? run.modelId,
      })),
      gap: last && !last.hasPassed ? gapOf(milestone, last, report) : null,
      remedies: proposed
        .filter(({ milestoneId }) => milestoneId === milestone.id)
        .map((remedy) => ({
          ...remedy,
          signature: signed.find(({ remedyId }) => remedyId === remedy.id) ?? null,
        })),
    };
  });
}

/**
 * What is missing to a milestone: right answers, the classes that lack most of them, and how many rows to learn from would
 * close the gap by the model's own learning curve (null where it does not say).
 */
export function gapOf(
  { acceptance }: Pick<Milestone, "acceptance">,
  run: Run,
  report: ModelReport | undefined,
) {
  const reached = Number(acceptance?.rule === "lower_bound" ? run.low : run.value);
  const missing = Math.max(0, (acceptance?.threshold ?? 0) - reached);
  const classes = [...run.perClass]
    .map(({ label, rows, recall }) => ({ label, rows, recall, wrong: Math.round((1 - recall) * rows) }))
    .filter(({ wrong }) => wrong > 0)
    .sort((a, b) => b.wrong - a.wrong || (a.label < b.label ? -1 : 1))
    .slice(0, 5);
  const curve = report?.learningCurve?.status === "given" ? report.learningCurve : null;
  const target = curve && curve.now.accuracy + missing;
  const enough = curve?.curve.find(
    ({ rows, accuracy }) => rows > curve.now.rows && accuracy >= (target ?? 1),
  );
  return {
    missing,
    answers: Math.ceil(missing * run.rows),
    classes,
    moreRows: enough && curve ? enough.rows - curve.now.rows : null,
  };
}

/** Frozen rows that a milestone could be measured on, newest first, by what is known of them without reading one. */
async function setsOf(tx: TenantTx) {
  const ready = eq(datasetVersions.status, "ready");
  const versions = await tx.select(datasetVersions, ready, { orderBy: desc(datasetVersions.createdAt) });
  const named = await tx.select(datasets);
  const appraised = await tx.select(appraisals);
  return versions.flatMap(({ id, datasetId, number, report }) => {
    const dataset = named.find((one) => one.id === datasetId);
    if (!dataset || !report) return [];
    const name = number > 1 ? `${dataset.name} (${number})` : dataset.name;
    const classes = report.classes.map(({ label, rows }) => ({ label, rows }));
    const appraisal = appraised.find(({ versionId }) => versionId === id) ?? null;
    const { accepted: rows, sha256 } = report;
    return [{ id, datasetId, name, task: dataset.task, rows, sha256, classes, appraisal }];
  });
}

async function readyModels(tx: TenantTx) {
  const found = await tx.select(models, eq(models.state, "ready"), { orderBy: desc(models.createdAt) });
  return found.filter(({ checkpointStep }) => checkpointStep === null).map(({ id, name }) => ({ id, name }));
}
