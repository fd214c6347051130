import { and, desc, eq, gt, isNull, type SQL } from "drizzle-orm";
import { accessGrants } from "@/db/schema/projects";
import { datasetVersions } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { createId } from "./id";
import { ndjsonOf } from "./ndjson";
import { tell } from "./project-notices";
import { findProject, note } from "./projects";
import { readBlob, versionKey } from "./storage";

/** Rows are the customer's. Staff see some of one version for some days, when the customer has said so. */

export type AccessGrant = typeof accessGrants.$inferSelect;

export const MOST_DAYS = 7;
const SHOWN_ROWS = 200;

export const askForRows = (
  tenantId: string,
  projectId: string,
  asked: { versionId: string; reason: string; days: number },
  staffId: string,
): Promise<AccessGrant> =>
  forTenant(tenantId, async (tx) => {
    const project = await findProject(tx, projectId);
    const version = await tx.one(datasetVersions, eq(datasetVersions.id, asked.versionId));
    if (!version) return fail("not_found", undefined, "versionId");
    const [grant] = await tx.insert(accessGrants, { id: createId("grant"), projectId, staffId, ...asked });
    if (!grant) throw new Error("the grant was not stored");
    const data = { days: String(asked.days), version: asked.versionId };
    await note(tx, projectId, { kind: "grant.asked", actor: staffId, body: asked.reason, data });
    await tell(tx, "customer", "grant_asked", project);
    return grant;
  });

/** The customer allows it, from now on for the days that were asked for. */
export const allowRows = (tenantId: string, grantId: string, by: string): Promise<AccessGrant> =>
  forTenant(tenantId, async (tx) => {
    const { days } = await findGrant(tx, grantId);
    const expiresAt = new Date(Date.now() + days * 86_400_000);
    const isOpen = and(isNull(accessGrants.grantedBy), isNull(accessGrants.endedAt));
    return change(tx, grantId, { grantedBy: by, expiresAt }, { isOpen, kind: "grant.allowed", by });
  });

/** Says no, or takes an allowance back at once. */
export const endGrant = (tenantId: string, grantId: string, by: string): Promise<AccessGrant> =>
  forTenant(tenantId, (tx) => {
    const isOpen = isNull(accessGrants.endedAt);
    return change(tx, grantId, { endedBy: by, endedAt: new Date() }, { isOpen, kind: "grant.ended", by });
  });

async function findGrant(tx: TenantTx, id: string): Promise<AccessGrant> {
  return (await tx.one(accessGrants, eq(accessGrants.id, id))) ?? fail("not_found");
}

async function change(
  tx: TenantTx,
  id: string,
  set: Partial<AccessGrant>,
  { isOpen, kind, by }: { isOpen: SQL | undefined; kind: string; by: string },
): Promise<AccessGrant> {
  const { projectId } = await findGrant(tx, id);
  const [changed] = await tx.update(accessGrants, set, and(eq(accessGrants.id, id), isOpen) as SQL);
  if (!changed) return fail("state_conflict", "This was decided already.");
  await note(tx, projectId, { kind, actor: by, data: { version: changed.versionId } });
  await writeAudit(tx, by, kind, id, { staff: changed.staffId, version: changed.versionId });
  await tell(tx, "staff", "grant_answered", await findProject(tx, projectId));
  return changed;
}

export const grantsOf = (tx: TenantTx, projectId: string): Promise<AccessGrant[]> =>
  tx.select(accessGrants, eq(accessGrants.projectId, projectId), { orderBy: desc(accessGrants.createdAt) });

export const isLive = ({ grantedBy, endedAt, expiresAt }: AccessGrant, now = new Date()): boolean =>
  grantedBy !== null && endedAt === null && expiresAt !== null && expiresAt > now;

interface SeenRow {
  line: number;
  input: unknown;
  target: unknown;
}

/** The first rows of a version, for the member of staff who was allowed to; each look is in the customer's log. */
export async function rowsByGrant(tenantId: string, versionId: string, staffId: string): Promise<SeenRow[]> {
  await forTenant(tenantId, async (tx) => {
    const isMine = and(
      eq(accessGrants.versionId, versionId),
      eq(accessGrants.staffId, staffId),
      gt(accessGrants.expiresAt, new Date()),
      isNull(accessGrants.endedAt),
    ) as SQL;
    const grant = await tx.one(accessGrants, isMine);
    if (!grant)
      return fail(
        "permission_denied",
        "The customer has not allowed you to see these rows, or not any more.",
      );
    await writeAudit(tx, staffId, "rows.seen", versionId, { grant: grant.id });
  });
  const found: SeenRow[] = [];
  for await (const row of ndjsonOf<SeenRow>(await readBlob(versionKey(tenantId, versionId, "rows.ndjson"))))
    if (found.push(row) === SHOWN_ROWS) break;
  return found;
}
