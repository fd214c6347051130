import { eq } from "drizzle-orm";
import { users } from "@/db/schema/people";
import { forPlatform, type Transaction } from "@/db/tenant";
import { fail } from "./errors";
import type { Locale } from "./mail-texts";
import { handOver, writeMail } from "./mails";
import { hashPassword, verifyPassword } from "./passwords";
import { isSignUpOpen } from "./platform-settings";
import { takeToken } from "./rate-limit";
import { revokeSessionsOf } from "./session";
import { takeSignInTurn } from "./sign-in-limits";
import { noteTenantCreated, openTenant } from "./tenants";
import { createUserToken, pendingSignUp, spendUserToken, voidUserTokens } from "./user-tokens";
import { findUser, reserveUser } from "./users";

/** Mails to one address a minute, whoever asks for them. */
const MAILS_PER_MINUTE = 5;
/** Longer than either way takes, so that the time of an answer does not say whether an address is known. */
const STEADY_MS = 400;

async function inSteadyTime<R>(work: () => Promise<R>): Promise<R> {
  const pause = new Promise((done) => setTimeout(done, STEADY_MS));
  const [result] = await Promise.allSettled([work(), pause]);
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** Mails a link that finishes the sign-up. A known address gets another mail, and the caller the same answer. */
export async function signUp(input: {
  name: string;
  email: string;
  password: string;
  organisation: string;
  locale: Locale;
}): Promise<void> {
  if (!(await isSignUpOpen())) fail("sign_up_closed");
  takeToken(`mail:${input.email}`, MAILS_PER_MINUTE);
  const { name, organisation, email, locale } = input;
  await inSteadyTime(async () => {
    const passwordHash = await hashPassword(input.password);
    const mail = await forPlatform(async (tx) => {
      const user = await reserveUser(tx, email, name);
      if (user.emailConfirmedAt) return writeMail(tx, { to: email, kind: "known", locale, path: "/sign-in" });
      return mailConfirmation(tx, user.id, { email, locale, pending: { name, organisation, passwordHash } });
    });
    await handOver(mail);
  });
}

async function mailConfirmation(
  tx: Transaction,
  userId: string,
  to: { email: string; locale: Locale; pending: Parameters<typeof createUserToken>[3] },
): Promise<string> {
  const token = await createUserToken(tx, userId, "confirm", to.pending);
  return writeMail(tx, {
    to: to.email,
    kind: "confirm",
    locale: to.locale,
    path: `/confirm?token=${token}`,
  });
}

/**
 * Mails the link of a waiting sign-up again. The password is asked for because two people may have signed up
 * with one address, and a link must only ever confirm the sign-up of the one who asks.
 */
export async function resendConfirmation(email: string, password: string, locale: Locale): Promise<void> {
  takeToken(`mail:${email}`, MAILS_PER_MINUTE);
  await inSteadyTime(async () => {
    const { user, pending } = await pendingOf(email);
    const isTheirs = await verifyPassword(pending?.passwordHash, password);
    if (!user || !pending || !isTheirs) return;
    await handOver(await forPlatform((tx) => mailConfirmation(tx, user.id, { email, locale, pending })));
  });
}

function pendingOf(email: string) {
  return forPlatform(async (tx) => {
    const user = await findUser(tx, email);
    const pending = user && !user.emailConfirmedAt ? await pendingSignUp(tx, user.id) : null;
    return { user, pending };
  });
}

/** Spends the link of a sign-up: the person becomes real with the password typed then, and gets their tenant. */
export async function confirmEmail(token: string): Promise<{ slug: string; email: string }> {
  const made = await forPlatform(async (tx) => {
    const { userId, data } = await spendUserToken(tx, token, "confirm");
    const [user] = await tx.select().from(users).where(eq(users.id, userId)).for("update");
    // Confirmed in another way meanwhile: an old link must not change the password of a living account.
    if (!user || user.emailConfirmedAt || !data) return fail("token_invalid");
    const { name, passwordHash } = data;
    await tx
      .update(users)
      .set({ name, passwordHash, emailConfirmedAt: new Date() })
      .where(eq(users.id, userId));
    await voidUserTokens(tx, userId, "confirm");
    return { userId, email: user.email, ...(await openTenant(tx, data.organisation, userId)) };
  });
  await noteTenantCreated(made.tenantId, made.userId);
  return { slug: made.slug, email: made.email };
}

/** The person of an address and password, or 401; 403 when the address still waits for its link. */
export async function checkPassword(email: string, password: string, address: string) {
  const turn = await takeSignInTurn(email, address);
  const { user, pending } = await pendingOf(email);
  const isRight = await verifyPassword(user?.passwordHash ?? pending?.passwordHash, password);
  if (!user || !isRight || user.disabledAt) fail("unauthenticated", "The address or the password is wrong.");
  turn.succeeded();
  if (!user.emailConfirmedAt) fail("email_not_confirmed");
  return { id: user.id, email: user.email, name: user.name };
}

export async function requestReset(email: string, locale: Locale): Promise<void> {
  takeToken(`mail:${email}`, MAILS_PER_MINUTE);
  await inSteadyTime(async () => {
    const mail = await forPlatform(async (tx) => {
      const user = await findUser(tx, email);
      // People of a company's identity provider have no password, and shall not get one by mail.
      if (!user?.passwordHash || user.disabledAt) return null;
      const token = await createUserToken(tx, user.id, "reset");
      return writeMail(tx, { to: email, kind: "reset", locale, path: `/reset/confirm?token=${token}` });
    });
    if (mail) await handOver(mail);
  });
}

/** Spends a reset link and ends every session of the person, the thief's too. */
export async function resetPassword(token: string, password: string): Promise<void> {
  const passwordHash = await hashPassword(password);
  await forPlatform(async (tx) => {
    const { userId } = await spendUserToken(tx, token, "reset");
    await voidUserTokens(tx, userId, "reset");
    await tx.update(users).set({ passwordHash }).where(eq(users.id, userId));
    await revokeSessionsOf(tx, userId);
  });
}

/** The person behind a verified address of the company's identity provider; made on their first sign-in. */
export async function personOfIssuer(email: string, name: string): Promise<string> {
  return forPlatform(async (tx) => {
    const user = await reserveUser(tx, email, name);
    if (user.disabledAt) fail("unauthenticated");
    if (!user.emailConfirmedAt) {
      await tx.update(users).set({ emailConfirmedAt: new Date(), name }).where(eq(users.id, user.id));
      await voidUserTokens(tx, user.id, "confirm");
    }
    return user.id;
  });
}
