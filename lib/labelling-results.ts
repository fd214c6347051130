import { Readable } from "node:stream";
import { and, asc, eq, inArray, type SQL, sql } from "drizzle-orm";
import { labellingTexts } from "@/db/schema/labelling";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId, writeAudit } from "./audit";
import { requestVersion, type Version } from "./datasets";
import { fail } from "./errors";
import { createFile } from "./files";
import { findLabelling, type LabellingSet } from "./labelling";
import { textClassification } from "./ml/tasks/text-classification";
import type { Actor } from "./session";

/** What comes out of labelling: a list of labels, what the model would say about the rest, and a dataset. */
interface Guessed extends Record<string, unknown> {
  place: number;
  text: string;
  line: number;
  copies: number;
  label: number;
  confidence: number;
}

/** Texts without an answer that the model would give one of the classes, at least so surely. */
const guessed = (tx: TenantTx, set: LabellingSet, atLeast: number) =>
  sql`from labelling_guesses s, unnest(s.labels, s.confidences) with ordinality as g(label, confidence, nth)
      join labelling_texts t on t.tenant_id = ${tx.tenantId} and t.set_id = ${set.id} and t.place = g.nth - 1
    where s.tenant_id = ${tx.tenantId} and s.set_id = ${set.id} and t.state in ('open', 'skipped')
      and g.label < ${set.classes.length} and g.confidence >= ${atLeast}::real`;

/** The surest first. */
const guessedTexts = (tx: TenantTx, set: LabellingSet, atLeast: number, page = sql``) =>
  tx.query<Guessed>(
    sql`select t.place, t.text, t.line, t.copies, g.label, g.confidence ${guessed(tx, set, atLeast)}
      order by g.confidence desc, t.place ${page}`,
  );

/** Least confidences that a reader may choose from. */
const STEPS = [0.99, 0.95, 0.9, 0.8, 0.7, 0.5, 0] as const;

/** One page of what the model would say, and how many texts there are from each confidence on. */
export async function listSuggestions(
  tenantId: string,
  id: string,
  page: { atLeast: number; limit: number; offset: number },
) {
  return forTenant(tenantId, async (tx) => {
    const set = await findLabelling(tx, id);
    const cut = sql`limit ${page.limit + 1} offset ${page.offset}`;
    const found = await guessedTexts(tx, set, page.atLeast, cut);
    const steps = await tx.query<{ at_least: number; texts: number }>(
      sql`select step as at_least, (select count(*)::int ${guessed(tx, set, 0)} and g.confidence >= step::real) as texts
        from unnest(${sql.param([...STEPS])}::float8[]) as step order by step desc`,
    );
    return {
      object: "list" as const,
      data: found.slice(0, page.limit).map((one) => ({ ...one, label: set.classes[one.label]?.name ?? "" })),
      has_more: found.length > page.limit,
      steps,
    };
  });
}

interface Labelled {
  text: string;
  line: number;
  copies: number;
  label: string;
  by: string;
}

const answered = (tx: TenantTx, id: string, states: ("labelled" | "none")[]) =>
  tx.select(labellingTexts, and(eq(labellingTexts.setId, id), inArray(labellingTexts.state, states)) as SQL, {
    orderBy: asc(labellingTexts.line),
  });

/** The answers of people as a table for a spreadsheet: one line a different text. */
export async function labelsCsv(tenantId: string, id: string): Promise<{ name: string; text: string }> {
  const { set, rows } = await forTenant(tenantId, async (tx) => ({
    set: await findLabelling(tx, id),
    rows: await answered(tx, id, ["labelled", "none"]),
  }));
  const { csvLine } = await import("./ml/data/csv-write");
  const lines = rows.map((row) => {
    const label = row.label === null ? "" : (set.classes[row.label]?.name ?? "");
    const isNone = row.state === "none" ? "yes" : "no";
    return csvLine([
      ...[row.line, row.copies, row.text, label, isNone],
      ...[row.answeredBy, row.answeredAt?.toISOString()],
    ]);
  });
  const head = csvLine(["line", "copies", "text", "label", "none_of_these", "labelled_by", "labelled_at"]);
  return { name: set.name, text: [head, ...lines].join("") };
}

const LEAST_LABELLED = 10;

/**
 * A dataset version from the labels of people and, only where `machineFrom` says so, from the model's for the other
 * texts: those are in a line of their own that says it, and each row says who labelled it. Equal texts are as many
 * rows as in the file, up to `MOST_COPIES`.
 */
export async function createLabelledDataset(
  actor: Actor,
  id: string,
  machineFrom: number | null,
): Promise<Version> {
  const { tenantId } = actor;
  const { set, rows } = await forTenant(tenantId, async (tx) => {
    const found = await findLabelling(tx, id);
    const nameOf = (label: number | null) => found.classes[label ?? -1]?.name ?? "";
    const human = (await answered(tx, id, ["labelled"])).map(
      ({ text, line, copies, label, answeredBy }): Labelled => ({
        ...{ text, line, copies, label: nameOf(label) },
        by: answeredBy === "file" ? "file" : "person",
      }),
    );
    const guesses = machineFrom === null ? [] : await guessedTexts(tx, found, machineFrom);
    const machine = guesses.map(
      ({ text, line, copies, label }): Labelled => ({
        text,
        line,
        copies,
        label: nameOf(label),
        by: "model",
      }),
    );
    if (human.length < LEAST_LABELLED)
      fail("rows_too_few", `${human.length} texts are labelled; at least ${LEAST_LABELLED} are needed.`);
    await writeAudit(tx, actor, "labelling.dataset_created", id, {
      name: found.name,
      labelsOfPeople: human.length,
      machineLabels: machine.length,
      machineFrom,
    });
    return { set: found, rows: [...human, ...machine].sort((a, b) => a.line - b.line) };
  });
  const name = machineFrom === null ? set.name : `${set.name} (with machine labels)`;
  const file = await createFile({
    tenantId,
    actorId: actorId(actor),
    filename: `${name}.jsonl`,
    purpose: "fine-tune",
    stream: Readable.from(jsonLines(rows)),
  });
  const columns = { text: "text", label: "label" };
  return requestVersion(tenantId, { fileId: file.id, columns, task: textClassification.id, name });
}

/** One text that stands in a file a million times would else be the whole dataset. */
const MOST_COPIES = 100;

/** JSON keeps every text as it is; in a CSV a text like `=1+1` would get an apostrophe. */
function* jsonLines(rows: readonly Labelled[]): Generator<Buffer> {
  for (const { text, label, by, copies } of rows)
    yield Buffer.from(
      `${JSON.stringify({ text, label, labelled_by: by })}\n`.repeat(Math.min(copies, MOST_COPIES)),
    );
}
