import { createHash } from "node:crypto";
import { z } from "zod";
import { signatures } from "@/db/schema/projects";
import type { TenantTx } from "@/db/tenant";
import { canonical } from "./canonical";
import { fail } from "./errors";
import { createId } from "./id";
import { nameField } from "./users";

/** A customer's word on a document: over the hash of the bytes that were seen, kept with who gave it, when and from where. */

export interface Signing {
  userId: string;
  /** As the person wrote it. */
  name: string;
  /** Where the request came from. */
  address: string;
  /** Of the document that the person saw. */
  sha256: string;
}

/** What a person sends who signs. */
export const signedBody = z.object({ name: nameField, sha256: z.string().regex(/^[0-9a-f]{64}$/) });

export const hashOf = (document: object): string =>
  createHash("sha256").update(canonical(document)).digest("hex");

export function assertSeen(sha256: string | null, signing: Signing): void {
  if (sha256 !== signing.sha256)
    fail("invalid_request", "This is not the document that was sent; load the page again.", "sha256");
}

export const keepSignature = (
  tx: TenantTx,
  of: { quoteId: string } | { remedyId: string },
  signing: Signing,
  signedAt: Date,
) => tx.insert(signatures, { ...signing, ...of, id: createId("signature"), signedAt });
