import { eq } from "drizzle-orm";
import { z } from "zod";
import { users } from "@/db/schema/people";
import { forPlatform, type Transaction } from "@/db/tenant";
import { createId } from "./id";
import { createPassword, hashPassword } from "./passwords";

/** Fields of people and organisations, the same on every form. Control characters would break mail and logs. */
const line = (limit: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(limit)
    .regex(/^\P{Cc}*$/u, "must not hold control characters");
export const nameField = line(100);
export const emailField = z.string().trim().toLowerCase().max(254).pipe(z.email());
export const passwordField = z.string().min(10, "must have at least 10 characters").max(200);
export const tokenField = z.string().max(100);
/** An id in a path: anything that could not be one is simply not found. */
export const idField = z
  .string()
  .max(100)
  .regex(/^[\w-]+$/);

export async function findUser(tx: Transaction, email: string) {
  const [user] = await tx.select().from(users).where(eq(users.email, email));
  return user;
}

/** The row of an address, made unconfirmed and without a password when there is none. */
export async function reserveUser(tx: Transaction, email: string, name: string) {
  await tx
    .insert(users)
    .values({ id: createId("user"), email, name })
    .onConflictDoNothing();
  const user = await findUser(tx, email);
  if (!user) throw new Error("the person's row is gone within its own transaction");
  return user;
}

/** A confirmed person for an operator's command. Who exists keeps their password: then `password` is null. */
export async function ensurePerson(person: {
  email: string;
  name: string;
  password?: string;
}): Promise<{ userId: string; password: string | null }> {
  const password = person.password ?? createPassword();
  const passwordHash = await hashPassword(password);
  return forPlatform(async (tx) => {
    const user = await reserveUser(tx, person.email, person.name);
    if (user.emailConfirmedAt) return { userId: user.id, password: null };
    await tx
      .update(users)
      .set({ name: person.name, passwordHash, emailConfirmedAt: new Date() })
      .where(eq(users.id, user.id));
    return { userId: user.id, password };
  });
}
