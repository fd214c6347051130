import { rm } from "node:fs/promises";
import { desc, eq, sql } from "drizzle-orm";
import { type LabellingClass, labellingSets } from "@/db/schema/labelling";
import { files } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId, writeAudit } from "./audit";
import { fail } from "./errors";
import { holdFile } from "./files";
import { labellingHead } from "./home";
import { createId } from "./id";
import { log } from "./log";
import type { Reading } from "./ml/contract";
import { enqueue } from "./queue";
import type { Actor } from "./session";
import { unix } from "./unix";

/** Sets of texts that people label here: a file, its text column and the classes to choose from. */
export type LabellingSet = typeof labellingSets.$inferSelect;

export interface LabellingOrder {
  fileId: string;
  name?: string | undefined;
  textColumn: string;
  /** A column that has labels in some rows; those count as answered. */
  labelColumn?: string | undefined;
  reading?: Partial<Reading> | undefined;
  classes: LabellingClass[];
}

const MOST_CLASSES = 200;

function assertClasses(classes: readonly LabellingClass[]): void {
  const names = classes.map(({ name }) => name.toLowerCase());
  if (names.length < 2 || names.length > MOST_CLASSES)
    fail("invalid_request", `\`classes\`: name 2 to ${MOST_CLASSES} classes.`, "classes");
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) fail("invalid_request", `\`classes\`: \`${twice}\` is there twice.`, "classes");
}

export async function createLabelling(actor: Actor, order: LabellingOrder): Promise<LabellingSet> {
  assertClasses(order.classes);
  const made = await forTenant(actor.tenantId, async (tx) => {
    if (!(await holdFile(tx, order.fileId))) fail("not_found", undefined, "file_id");
    const file = (await tx.one(files, eq(files.id, order.fileId))) ?? fail("not_found", undefined, "file_id");
    assertColumn(file.profile?.columns, order.textColumn, "text_column");
    if (order.labelColumn !== undefined)
      assertColumn(file.profile?.columns, order.labelColumn, "label_column");
    if (order.labelColumn === order.textColumn)
      fail("column_unknown", "The text and the label cannot be the same column.", "label_column");
    const [set] = await tx.insert(labellingSets, {
      id: createId("labelling"),
      name: order.name ?? (file.filename.replace(/\.[A-Za-z0-9]{1,5}$/, "") || file.filename),
      fileId: file.id,
      reading: { ...file.reading, ...order.reading },
      textColumn: order.textColumn,
      labelColumn: order.labelColumn ?? null,
      classes: order.classes,
      createdBy: actorId(actor),
    });
    if (!set) fail("internal_error");
    await writeAudit(tx, actor, "labelling.created", set.id, { name: set.name });
    return set;
  });
  await requestRanking(actor.tenantId, made.id);
  return made;
}

function assertColumn(known: readonly { name: string }[] | undefined, name: string, param: string): void {
  if (known && !known.some((column) => column.name === name))
    fail(
      "column_unknown",
      `The file has no column \`${name}\`. It has: ${known.map((column) => column.name).join(", ")}.`,
      param,
    );
}

/** After the commit. One message a set is enough: whoever takes it goes on until the ranking has caught up. */
export async function requestRanking(tenantId: string, id: string): Promise<void> {
  await enqueue("labelling.rank", { tenantId, id }, `label.${id}`).catch((error: Error) =>
    log().warn({ tenantId, id, error: error.message }, "labelling.rank not sent; the sweep will"),
  );
}

export const findLabelling = async (tx: TenantTx, id: string): Promise<LabellingSet> =>
  (await tx.one(labellingSets, eq(labellingSets.id, id))) ?? fail("not_found");

/** How many texts are in each state, and how many of each class. */
interface LabellingCounts {
  texts: number;
  open: number;
  labelled: number;
  none: number;
  skipped: number;
  classes: number[];
}

export async function countTexts(tx: TenantTx, set: LabellingSet): Promise<LabellingCounts> {
  const found = await tx.query<{ state: string; label: number | null; n: number }>(
    sql`select state, label, count(*)::int as n from labelling_texts
      where tenant_id = ${tx.tenantId} and set_id = ${set.id} group by state, label`,
  );
  const inState = (state: string) =>
    found.filter((one) => one.state === state).reduce((sum, one) => sum + one.n, 0);
  return {
    texts: found.reduce((sum, one) => sum + one.n, 0),
    open: inState("open"),
    labelled: inState("labelled"),
    none: inState("none"),
    skipped: inState("skipped"),
    classes: set.classes.map((_, at) => found.find((one) => one.label === at)?.n ?? 0),
  };
}

export const getLabelling = (tenantId: string, id: string) =>
  forTenant(tenantId, async (tx) => {
    const set = await findLabelling(tx, id);
    return { set, counts: await countTexts(tx, set) };
  });

/** Newest first. */
export const listLabelling = (tenantId: string) =>
  forTenant(tenantId, async (tx) => {
    const sets = await tx.select(labellingSets, undefined, { orderBy: desc(labellingSets.id) });
    const found = [];
    for (const set of sets) found.push({ set, counts: await countTexts(tx, set) });
    return found;
  });

/** Its texts and answers go with it; datasets that were made from it stay. */
export async function deleteLabelling(actor: Actor, id: string): Promise<void> {
  const gone = await forTenant(actor.tenantId, async (tx) => {
    const [set] = await tx.remove(labellingSets, eq(labellingSets.id, id));
    if (!set) fail("not_found");
    await writeAudit(tx, actor, "labelling.deleted", id, { name: set.name });
    return set;
  });
  await rm(labellingHead(actor.tenantId, gone.fileId, id), { force: true });
}

export function labellingToWire({ set, counts }: { set: LabellingSet; counts: LabellingCounts }) {
  const { classes, ...states } = counts;
  return {
    id: set.id,
    object: "labelling" as const,
    name: set.name,
    file_id: set.fileId,
    text_column: set.textColumn,
    label_column: set.labelColumn,
    classes: set.classes.map((one, at) => ({ ...one, labelled: classes[at] ?? 0 })),
    status: set.status,
    error: set.errorCode ? { code: set.errorCode, message: set.errorMessage } : null,
    drawn: set.drawn,
    counts: states,
    progress: set.progress,
    /** False while the newest answers are not in the order of the next texts yet. */
    is_ranked: set.rankedRevision >= set.revision,
    created_at: unix(set.createdAt),
  };
}
export type LabellingWire = ReturnType<typeof labellingToWire>;
