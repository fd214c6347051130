import { randomBytes } from "node:crypto";
import { hash, verify } from "@node-rs/argon2";

/** Argon2id with 19 MiB and two passes, the library's and OWASP's figures. */
export const hashPassword = (password: string) => hash(password);

let dummy: Promise<string> | undefined;

/**
 * True when the password fits. With no hash (an address nobody has) the same work is done against a dummy,
 * so that the time of the answer does not say whether the address is known.
 */
export async function verifyPassword(stored: string | null | undefined, password: string): Promise<boolean> {
  dummy ??= hash(randomBytes(16).toString("hex"));
  const isRight = await verify(stored ?? (await dummy), password);
  return isRight && stored !== null && stored !== undefined;
}

/** 96 random bits, for accounts that a command creates. */
export const createPassword = () => randomBytes(12).toString("base64url");
