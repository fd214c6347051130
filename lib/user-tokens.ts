import { randomBytes } from "node:crypto";
import { and, desc, eq, gt, isNull } from "drizzle-orm";
import { type PendingSignUp, userTokens } from "@/db/schema/people";
import type { Transaction } from "@/db/tenant";
import { fail } from "./errors";
import { createId } from "./id";
import { sha256 } from "./session";

type Kind = "confirm" | "reset";
const HOURS: Record<Kind, number> = { confirm: 24, reset: 1 };

export const createSecret = () => randomBytes(32).toString("base64url");

/** A one-time link's secret; only its hash is stored. */
export async function createUserToken(
  tx: Transaction,
  userId: string,
  kind: Kind,
  data?: PendingSignUp,
): Promise<string> {
  const secret = createSecret();
  const expiresAt = new Date(Date.now() + HOURS[kind] * 3600_000);
  await tx
    .insert(userTokens)
    .values({ id: createId("token"), userId, kind, tokenHash: sha256(secret), data, expiresAt });
  return secret;
}

/** Spends a link once. Unknown, expired, spent and of another kind look alike. */
export async function spendUserToken(tx: Transaction, secret: string, kind: Kind) {
  const [token] = await tx
    .update(userTokens)
    .set({ usedAt: new Date() })
    .where(and(eq(userTokens.tokenHash, sha256(secret)), ...isOpen(kind)))
    .returning();
  return token ?? fail("token_invalid");
}

/** Voids what other links of this kind a person still has. */
export async function voidUserTokens(tx: Transaction, userId: string, kind: Kind): Promise<void> {
  await tx
    .update(userTokens)
    .set({ usedAt: new Date() })
    .where(and(eq(userTokens.userId, userId), eq(userTokens.kind, kind), isNull(userTokens.usedAt)));
}

/** The newest sign-up of a person that waits for its link. */
export async function pendingSignUp(tx: Transaction, userId: string): Promise<PendingSignUp | null> {
  const [row] = await tx
    .select({ data: userTokens.data })
    .from(userTokens)
    .where(and(eq(userTokens.userId, userId), ...isOpen("confirm")))
    .orderBy(desc(userTokens.createdAt))
    .limit(1);
  return row?.data ?? null;
}

const isOpen = (kind: Kind) => [
  eq(userTokens.kind, kind),
  isNull(userTokens.usedAt),
  gt(userTokens.expiresAt, new Date()),
];
