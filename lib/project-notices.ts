import { sql } from "drizzle-orm";
import type { TenantTx } from "@/db/tenant";
import { findProfile } from "./billing-profiles";
import type { ProjectMail } from "./mail-texts";
import { writeMail } from "./mails";
import { emailsOf } from "./members";
import type { Project } from "./projects";

/**
 * Tells the other side of a project by mail, in the transaction of what happened; the worker's sweep hands the mails over.
 * On the customer's side these are the people who may sign.
 */
export async function tell(
  tx: TenantTx,
  side: "customer" | "staff",
  kind: ProjectMail,
  project: Pick<Project, "id" | "ownerStaffId">,
): Promise<void> {
  const [tenant] = await tx.query<{ slug: string; name: string }>(
    sql`select slug, name from tenants where id = ${tx.tenantId}`,
  );
  if (!tenant) return;
  const isOurs = side === "staff";
  const path = `${isOurs ? "/desk" : ""}/${tenant.slug}/projects/${project.id}`;
  const locale = isOurs ? "en" : ((await findProfile(tx))?.locale ?? "en");
  const mail = { kind, locale, path, organisation: tenant.name } as const;
  for (const to of isOurs ? await staffOf(tx, project.ownerStaffId) : await emailsOf(tx, "owner", "admin"))
    await writeMail(tx, { ...mail, to });
}

/** The project's owner; while it has none, everybody who looks after the customer. */
const staffOf = async (tx: TenantTx, ownerId: string | null): Promise<string[]> =>
  (
    await tx.query<{ email: string }>(
      sql`select u.email from users u where u.id = ${ownerId} or (${ownerId}::text is null and u.id in
        (select a.staff_id from assignments a where a.tenant_id = ${tx.tenantId})) order by u.email`,
    )
  ).map(({ email }) => email);
