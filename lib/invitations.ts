import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import { invitations, members } from "@/db/schema/people";
import { invitationByToken } from "@/db/system";
import { forPlatform, forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { createId } from "./id";
import type { Locale } from "./mail-texts";
import { handOver, writeMail } from "./mails";
import { assertMayAssign } from "./members";
import { hashPassword } from "./passwords";
import { mayAssign, type Role } from "./permissions";
import { takeToken } from "./rate-limit";
import { type Actor, type Person, sha256 } from "./session";
import { createSecret } from "./user-tokens";
import { findUser } from "./users";

const VALID_DAYS = 7;
const INVITATIONS_PER_MINUTE = 30;
const isWaiting = () => [isNull(invitations.acceptedAt), gt(invitations.expiresAt, new Date())];

export async function invite(
  actor: Actor,
  input: { email: string; role: Role; locale: Locale },
): Promise<{ id: string; email: string; role: Role; expiresAt: Date }> {
  const { email, role, locale } = input;
  assertMayAssign(actor, role);
  takeToken(`invite:${actor.tenantId}`, INVITATIONS_PER_MINUTE);
  const made = await forTenant(actor.tenantId, async (tx) => {
    const [tenant] = await tx.query<{ name: string; isMember: boolean }>(
      sql`select t.name, exists (select 1 from members m join users u on u.id = m.user_id
        where m.tenant_id = t.id and u.email = ${email}) as "isMember" from tenants t where t.id = ${actor.tenantId}`,
    );
    if (!tenant) return fail("not_found");
    if (tenant.isMember) fail("already_exists", "This person is a member already.", "email");
    const invitedBy = actor.userId ?? fail("permission_denied");
    const { name: organisation } = tenant;
    const sent = await sendInvitation(tx, {
      email,
      role,
      locale,
      invitedBy,
      organisation,
      kind: "invitation",
    });
    await writeAudit(tx, actor, "member.invited", sent.row.id, { email, role });
    return sent;
  });
  await handOver(made.mail);
  return made.row;
}

/** Invitations that still wait, newest first. */
export const listInvitations = (tenantId: string) =>
  forTenant(tenantId, async (tx) => {
    const rows = await tx.select(invitations, and(...isWaiting()), { orderBy: desc(invitations.createdAt) });
    return rows.map(({ id, email, role, invitedBy, expiresAt, createdAt }) => {
      return { id, email, role, invitedBy, expiresAt, createdAt };
    });
  });

/** Who is let in by the platform itself: the inviter of a prospect's first person. */
export const PLATFORM = "system";

/** Writes the invitation and its mail; hand the mail over after the commit. */
export async function sendInvitation(
  tx: TenantTx,
  input: {
    email: string;
    role: Role;
    locale: Locale;
    invitedBy: string;
    organisation: string;
    kind: "invitation" | "prospect";
  },
) {
  const { email, role, locale, invitedBy, organisation, kind } = input;
  const token = createSecret();
  // A second invitation replaces the first: one working link an address.
  await tx.remove(invitations, sql`${eq(invitations.email, email)} and ${isNull(invitations.acceptedAt)}`);
  const row = {
    id: createId("invitation"),
    email,
    role,
    expiresAt: new Date(Date.now() + VALID_DAYS * 86_400_000),
  };
  await tx.insert(invitations, { ...row, tokenHash: sha256(token), invitedBy });
  const path = `/invitation?token=${token}`;
  return { row, mail: await writeMail(tx, { to: email, kind, locale, path, organisation }) };
}

export async function withdrawInvitation(actor: Actor, id: string): Promise<void> {
  await forTenant(actor.tenantId, async (tx) => {
    const waiting = sql`${eq(invitations.id, id)} and ${isNull(invitations.acceptedAt)}`;
    const [gone] = await tx.remove(invitations, waiting);
    if (!gone) return fail("not_found");
    assertMayAssign(actor, gone.role);
    await writeAudit(tx, actor, "invitation.withdrawn", id, { email: gone.email });
  });
}

/** What the invitation's page shows, or null when the link is not valid any more. */
export async function readInvitation(token: string) {
  const found = await invitationByToken(sha256(token));
  if (!found) return null;
  const user = await forPlatform((tx) => findUser(tx, found.email));
  return {
    organisation: found.tenant_name,
    email: found.email,
    role: found.role,
    /** They sign in first; others choose a name and a password with the link. */
    hasAccount: Boolean(user?.emailConfirmedAt),
  };
}

/**
 * Spends an invitation. The link proves the address, so somebody new gets an account with it; somebody who
 * has one must be signed in to it.
 */
export async function acceptInvitation(
  input: { token: string; name?: string; password?: string },
  person: Person | null,
): Promise<{ slug: string; email: string }> {
  const found = (await invitationByToken(sha256(input.token))) ?? fail("token_invalid");
  if (person && person.email !== found.email)
    fail("permission_denied", "This invitation is for another address. Sign out first.");
  const passwordHash = input.password === undefined ? null : await hashPassword(input.password);
  await forTenant(found.tenant_id, async (tx) => {
    await spend(tx, found.id);
    const userId = person?.userId ?? (await createPerson(tx, found.email, input.name, passwordHash));
    await tx.insertNew(members, { userId, role: found.role });
    await writeAudit(tx, userId, "invitation.accepted", found.id, { role: found.role });
  });
  return { slug: found.slug, email: found.email };
}

async function spend(tx: TenantTx, id: string): Promise<void> {
  const [spent] = await tx.update(
    invitations,
    { acceptedAt: new Date() },
    and(eq(invitations.id, id), ...isWaiting()) ?? sql`false`,
  );
  if (!spent) return fail("token_invalid");
  if (spent.invitedBy === PLATFORM) return;
  // Who was removed or demoted since then cannot let anybody in any more.
  const inviter = await tx.one(members, eq(members.userId, spent.invitedBy));
  if (!inviter || !mayAssign(inviter.role, spent.role)) fail("token_invalid");
}

async function createPerson(
  tx: TenantTx,
  email: string,
  name: string | undefined,
  passwordHash: string | null,
): Promise<string> {
  const [known] = await tx.query(
    sql`select 1 from users where email = ${email} and email_confirmed_at is not null`,
  );
  if (known) fail("unauthenticated", "This address has an account. Sign in, then open the link again.");
  if (!name) fail("invalid_request", "Enter your name.", "name");
  if (!passwordHash) fail("invalid_request", "Choose a password.", "password");
  const [user] = await tx.query<{ id: string }>(
    sql`insert into users (id, email, name, password_hash, email_confirmed_at)
      values (${createId("user")}, ${email}, ${name}, ${passwordHash}, now())
      on conflict (email) do update set name = excluded.name, password_hash = excluded.password_hash,
        email_confirmed_at = now() where users.email_confirmed_at is null returning id`,
  );
  if (!user) return fail("unauthenticated");
  // A sign-up that still waits must not replace this password later.
  await tx.query(sql`update user_tokens set used_at = now() where user_id = ${user.id} and used_at is null`);
  return user.id;
}
