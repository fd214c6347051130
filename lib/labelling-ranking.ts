import { rm } from "node:fs/promises";
import { and, asc, eq, lt, type SQL, sql } from "drizzle-orm";
import { type Guess, labellingGuesses, labellingSets, labellingTexts } from "@/db/schema/labelling";
import { files } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { cacheDir, labellingHead } from "./home";
import type { LabellingSet } from "./labelling";
import type { Drawn, LabellingProgress } from "./ml/contract";

/** The worker's half: which texts are asked about next, written down. */
type Text = typeof labellingTexts.$inferSelect;

/** A set whose ranking is behind, with its texts in the order of their places; undefined when nothing is to do. */
export async function setToRank(
  tenantId: string,
  id: string,
): Promise<{ set: LabellingSet; filename: string; texts: Text[] } | undefined> {
  return forTenant(tenantId, async (tx) => {
    const set = await tx.one(labellingSets, eq(labellingSets.id, id));
    if (!set || set.status === "failed" || set.rankedRevision >= set.revision) return undefined;
    const file = await tx.one(files, eq(files.id, set.fileId));
    const texts = await tx.select(labellingTexts, eq(labellingTexts.setId, id), {
      orderBy: asc(labellingTexts.place),
    });
    return { set, filename: file?.filename ?? "", texts };
  });
}

export interface RankingNews {
  /** With their labels as numbers; when they were drawn just now. */
  drawn: {
    counts: Drawn;
    texts: { text: string; line: number; copies: number; label: number | null }[];
  } | null;
  /** The next texts to ask about. */
  picks: { text: number; guesses: Guess[] }[];
  labels: number[];
  confidences: number[];
  /** Null: not measured this time. */
  progress: LabellingProgress | null;
  temperature: number;
}

/** One transaction; a ranking that a newer one has overtaken changes nothing. */
export async function recordRanking(tenantId: string, of: LabellingSet, news: RankingNews): Promise<void> {
  const isThere = await forTenant(tenantId, async (tx) => {
    const isOlder = and(eq(labellingSets.id, of.id), lt(labellingSets.rankedRevision, of.revision)) as SQL;
    const [set] = await tx.update(
      labellingSets,
      {
        status: "ready",
        rankedRevision: of.revision,
        temperature: news.temperature,
        ...(news.progress ? { progress: news.progress } : {}),
        ...(news.drawn ? { drawn: news.drawn.counts } : {}),
      },
      isOlder,
    );
    if (!set) return (await tx.one(labellingSets, eq(labellingSets.id, of.id))) !== undefined;
    if (news.drawn) await insertTexts(tx, of.id, news.drawn.texts);
    await writeOrder(tx, of.id, news.picks);
    await tx.remove(labellingGuesses, eq(labellingGuesses.setId, of.id));
    const { labels, confidences } = news;
    await tx.insert(labellingGuesses, { setId: of.id, labels, confidences });
    return true;
  });
  if (!isThere) await forgetTraces(tenantId, of);
}

/** Deleted meanwhile: the child may have written behind the deletion. */
async function forgetTraces(tenantId: string, { id, fileId }: LabellingSet): Promise<void> {
  await rm(labellingHead(tenantId, fileId, id), { force: true });
  const file = await forTenant(tenantId, (tx) => tx.one(files, eq(files.id, fileId)));
  if (!file) await rm(cacheDir(tenantId, fileId), { recursive: true, force: true });
}

const INSERTED_AT_ONCE = 1000;

async function insertTexts(
  tx: TenantTx,
  setId: string,
  texts: NonNullable<RankingNews["drawn"]>["texts"],
): Promise<void> {
  const now = new Date();
  const rows = texts.map(({ label, ...text }, place) => ({
    ...text,
    setId,
    place,
    ...(label === null ? {} : { label, state: "labelled" as const, answeredBy: "file", answeredAt: now }),
  }));
  for (let at = 0; at < rows.length; at += INSERTED_AT_ONCE)
    await tx.insert(labellingTexts, rows.slice(at, at + INSERTED_AT_ONCE));
}

async function writeOrder(tx: TenantTx, setId: string, picks: RankingNews["picks"]): Promise<void> {
  await tx.query(
    sql`update labelling_texts set rank = null, guesses = null
      where tenant_id = ${tx.tenantId} and set_id = ${setId} and rank is not null`,
  );
  const ranked = picks.map(({ text, guesses }, rank) => ({ place: text, rank, guesses }));
  await tx.query(
    sql`update labelling_texts t set rank = r.rank, guesses = r.guesses
      from jsonb_to_recordset(${JSON.stringify(ranked)}::jsonb) as r(place int, rank int, guesses jsonb)
      where t.tenant_id = ${tx.tenantId} and t.set_id = ${setId} and t.place = r.place`,
  );
}

/** A set that could not be prepared has failed; one that people work on waits for the next answer. */
export const failRanking = (tenantId: string, of: LabellingSet, error: { code: string; message: string }) =>
  forTenant(tenantId, (tx) =>
    tx.update(
      labellingSets,
      of.status === "preparing"
        ? { status: "failed", errorCode: error.code, errorMessage: error.message }
        : { rankedRevision: of.revision },
      eq(labellingSets.id, of.id),
    ),
  );
