import { eq } from "drizzle-orm";
import { assignments, staff, users } from "@/db/schema/people";
import { assignStaff, customerOfStaff, fleetCounts, tenantsOfStaff } from "@/db/system";
import { forPlatform, forTenant } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import type { StaffRole } from "./permissions";
import type { Person } from "./session";
import { listTenants, nameFrom } from "./tenants";
import { ensurePerson, findUser } from "./users";

/** A member of staff for the operator's command. Who exists already keeps their password: then it is null. */
export async function createStaff(input: {
  email: string;
  name?: string;
  role: StaffRole;
  password?: string;
  /** Slugs of customers to look after. */
  assign?: string[];
}): Promise<{ userId: string; email: string; role: StaffRole; password: string | null }> {
  const email = input.email.trim().toLowerCase();
  const { role, password: wished } = input;
  const made = await ensurePerson({
    email,
    name: input.name ?? nameFrom(email),
    ...(wished === undefined ? {} : { password: wished }),
  });
  await forPlatform((tx) =>
    tx
      .insert(staff)
      .values({ userId: made.userId, role })
      .onConflictDoUpdate({ target: staff.userId, set: { role } }),
  );
  for (const slug of input.assign ?? []) await assignCustomer(slug, email);
  return { ...made, email, role };
}

async function staffByEmail(email: string) {
  const user = await forPlatform((tx) => findUser(tx, email.trim().toLowerCase()));
  const [row] = user
    ? await forPlatform((tx) => tx.select().from(staff).where(eq(staff.userId, user.id)))
    : [];
  return row ?? fail("not_found", "There is no member of staff with this address.", "email");
}

export async function tenantBySlug(slug: string) {
  const tenant = (await listTenants()).find((one) => one.slug === slug);
  return tenant ?? fail("not_found", `There is no tenant \`${slug}\`.`, "slug");
}

export async function assignCustomer(slug: string, email: string, by = "system"): Promise<string> {
  const [{ tenantId }, { userId }] = [await tenantBySlug(slug), await staffByEmail(email)];
  if (await assignStaff(slug, userId))
    await forTenant(tenantId, (tx) => writeAudit(tx, by, "staff.assigned", userId));
  return tenantId;
}

export async function unassignCustomer(slug: string, email: string, by = "system"): Promise<void> {
  const [{ tenantId }, { userId }] = [await tenantBySlug(slug), await staffByEmail(email)];
  await forTenant(tenantId, async (tx) => {
    const gone = await tx.remove(assignments, eq(assignments.staffId, userId));
    if (gone.length > 0) await writeAudit(tx, by, "staff.unassigned", userId);
  });
}

export const listStaff = () =>
  forPlatform((tx) =>
    tx
      .select({ userId: staff.userId, name: users.name, email: users.email, role: staff.role })
      .from(staff)
      .innerJoin(users, eq(users.id, staff.userId))
      .orderBy(users.name),
  );

/** An account manager's assigned customers; for an operator every tenant. Nobody else gets a row. */
export async function customersOf(person: Pick<Person, "userId">) {
  return (await tenantsOfStaff(person.userId)).map((row) => ({
    tenantId: row.tenant_id,
    slug: row.slug,
    name: row.name,
    state: row.state,
    createdAt: new Date(row.created_at),
    members: Number(row.members),
    models: Number(row.models),
    openJobs: Number(row.open_jobs),
    rowsAnswered: Number(row.rows_answered),
  }));
}

/** A customer of the person's, by slug; for everybody else there is no such customer. */
export async function customerOf(person: Pick<Person, "userId">, slug: string) {
  const found = (await customerOfStaff(person.userId, slug)) ?? fail("not_found");
  return { tenantId: found.tenant_id, slug: found.slug, name: found.name, state: found.state };
}

/** Jobs of all tenants by state, as numbers only. */
export async function fleet(): Promise<{ state: string; jobs: number }[]> {
  return (await fleetCounts()).map((row) => ({ state: row.state, jobs: Number(row.jobs) }));
}
