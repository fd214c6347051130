import { eq } from "drizzle-orm";
import { settings } from "@/db/schema/people";
import { forPlatform } from "@/db/tenant";
import { log } from "./log";

const SIGN_UP = "sign_up_open";

/** Closed until an operator opens it. */
export async function isSignUpOpen(): Promise<boolean> {
  const [row] = await forPlatform((tx) => tx.select().from(settings).where(eq(settings.name, SIGN_UP)));
  return row?.value === true;
}

export async function setSignUpOpen(isOpen: boolean, by: string): Promise<void> {
  await forPlatform((tx) =>
    tx
      .insert(settings)
      .values({ name: SIGN_UP, value: isOpen })
      .onConflictDoUpdate({ target: settings.name, set: { value: isOpen } }),
  );
  log().info({ by, isOpen }, "sign-up switch");
}
