import { cookies } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { membershipsOf } from "@/db/system";
import { AppError } from "./errors";
import type { Permission, StaffPermission } from "./permissions";
import {
  type Actor,
  actorOfMembership,
  type Membership,
  type Person,
  personOfSession,
  sessionIdOf,
  staffMay,
} from "./session";

/** Who looks at a page, for server components. Read once a request: layouts and pages ask alike. */
export const currentPerson = cache(async (): Promise<Person | null> => {
  const all = (await cookies()).getAll().map(({ name, value }) => [name, value] as const);
  const sessionId = await sessionIdOf(Object.fromEntries(all));
  return sessionId === null ? null : personOfSession(sessionId);
});

export async function requirePerson(): Promise<Person> {
  return (await currentPerson()) ?? redirect("/sign-in");
}

const membershipsOnce = cache(membershipsOf);

/** A member of the tenant with this slug; a foreign, absent or forbidden page is a page that does not exist. */
export async function requireMember(
  slug: string,
  permission?: Permission,
): Promise<{ person: Person; actor: Actor; membership: Membership; memberships: Membership[] }> {
  const person = await requirePerson();
  const memberships = await membershipsOnce(person.userId);
  const membership = memberships.find((one) => one.slug === slug);
  if (!membership) return notFound();
  const actor = actorOfMembership(person, membership);
  if (permission && !actor.permissions.has(permission)) return notFound();
  return { person, actor, membership, memberships };
}

/** Staff pages do not exist for others. */
export async function requireStaff(permission: StaffPermission): Promise<Person> {
  const person = await requirePerson();
  return staffMay(person, permission) ? person : notFound();
}

/** What a page shows, or the page that does not exist: foreign and absent are the same. */
export async function orNotFound<R>(work: Promise<R>): Promise<R> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError && (error.status === 404 || error.code === "permission_denied")) notFound();
    throw error;
  }
}

/** The tenants of a person, for the page after sign-in and the switcher. */
export const membershipsOfPerson = (person: Person): Promise<Membership[]> => membershipsOnce(person.userId);
