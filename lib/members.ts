import { eq, sql } from "drizzle-orm";
import { members } from "@/db/schema/people";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { revokeKeysOf } from "./keys";
import { mayAssign, type Role } from "./permissions";
import type { Actor } from "./session";

export interface ListedMember {
  userId: string;
  name: string;
  email: string;
  role: Role;
  createdAt: Date;
}

export const listMembers = (tenantId: string): Promise<ListedMember[]> =>
  forTenant(tenantId, async (tx) => {
    const rows = await tx.select(members);
    const people = await tx.query<{ id: string; name: string; email: string }>(
      sql`select u.id, u.name, u.email from members m join users u on u.id = m.user_id
        where m.tenant_id = ${tenantId} order by u.name, u.id`,
    );
    return people.flatMap(({ id, name, email }) => {
      const row = rows.find((one) => one.userId === id);
      return row ? [{ userId: id, name, email, role: row.role, createdAt: row.createdAt }] : [];
    });
  });

/** Where people of some roles are written to. */
export const emailsOf = async (tx: TenantTx, ...roles: Role[]): Promise<string[]> =>
  (
    await tx.query<{ email: string }>(
      sql`select u.email from members m join users u on u.id = m.user_id
        where m.tenant_id = ${tx.tenantId} and m.role in ${roles} order by u.email`,
    )
  ).map(({ email }) => email);

/** Only people hand out roles, and only roles they may hand out. */
export function assertMayAssign(actor: Actor, ...roles: Role[]): void {
  const own = actor.role;
  if (own === null || !roles.every((role) => mayAssign(own, role)))
    fail("permission_denied", "Your role does not allow you to give or change this role.", "role");
}

export async function changeRole(actor: Actor, userId: string, role: Role): Promise<void> {
  await forTenant(actor.tenantId, async (tx) => {
    const member = await memberToChange(tx, actor, userId, role);
    if (member.role === role) return;
    await tx.update(members, { role }, eq(members.userId, userId));
    await writeAudit(tx, actor, "member.role_changed", userId, { from: member.role, to: role });
  });
}

/** Takes a member out of the tenant, together with the keys they made in it. */
export async function removeMember(actor: Actor, userId: string): Promise<void> {
  await forTenant(actor.tenantId, async (tx) => {
    const member = await memberToChange(tx, actor, userId, null);
    const revokedKeys = await revokeKeysOf(tx, userId);
    await tx.remove(members, eq(members.userId, userId));
    await writeAudit(tx, actor, "member.removed", userId, { role: member.role, revokedKeys });
  });
}

/** The member, when the actor may change them and an owner is left afterwards. */
async function memberToChange(tx: TenantTx, actor: Actor, userId: string, next: Role | null) {
  // Owners are locked first: two owners who remove each other at once must not both succeed.
  const owners = await tx.query<{ user_id: string }>(
    sql`select user_id from members where tenant_id = ${actor.tenantId} and role = 'owner'
      order by user_id for update`,
  );
  const member = await tx.one(members, eq(members.userId, userId));
  if (!member) return fail("not_found");
  assertMayAssign(actor, member.role, ...(next === null ? [] : [next]));
  const isLastOwner = owners.length === 1 && owners[0]?.user_id === userId;
  if (isLastOwner && next !== "owner")
    fail("state_conflict", "The last owner cannot be removed or changed. Make somebody else an owner first.");
  return member;
}
