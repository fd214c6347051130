import { createHmac, timingSafeEqual } from "node:crypto";
import { env } from "./env";
import { createId } from "./id";

/**
 * A call that is handed on keeps its id, so that it is billed once whichever serving process answers it in the end. The id is
 * signed, since whoever could choose ids could have many calls billed as one.
 */
export const REQUEST_ID_HEADER = "graft-request-id";

const signatureOf = (id: string) =>
  createHmac("sha256", env().NEXTAUTH_SECRET).update(`graft.request ${id}`).digest();

export function signedRequestId(): string {
  const id = createId("request");
  return `${id}.${signatureOf(id).toString("base64url")}`;
}

/** The id that our own process gave it, else a new one. */
export function requestIdOf(request: Request): string {
  const [id = "", signature = ""] = request.headers.get(REQUEST_ID_HEADER)?.split(".") ?? [];
  const given = Buffer.from(signature, "base64url");
  const expected = id === "" ? Buffer.alloc(0) : signatureOf(id);
  const isOurs = expected.length > 0 && given.length === expected.length && timingSafeEqual(given, expected);
  return isOurs ? id : createId("request");
}
