import { sql } from "drizzle-orm";
import { forPlatform } from "@/db/tenant";
import { env } from "./env";
import { pingQueue } from "./queue";

/** What the product needs to do its work, each part asked for itself. */
const PATIENCE_MS = 2500;

export async function pingDatabase(): Promise<boolean> {
  const answer = forPlatform((tx) => tx.execute(sql`select 1`)).then(
    () => true,
    () => false,
  );
  const late = new Promise<false>((done) => setTimeout(() => done(false), PATIENCE_MS).unref());
  return Promise.race([answer, late]);
}

/** Serve's own word: `null` when it does not answer at all. */
async function askServe(): Promise<{ base: string } | null> {
  try {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const asked = env().serveUrls.map((url) => fetch(new URL("/ready", url), { signal, cache: "no-store" }));
    // One of several is enough to answer.
    const response = await Promise.any(asked);
    const body = (await response.json()) as { base?: unknown };
    return { base: typeof body.base === "string" ? body.base : "failed" };
  } catch {
    return null;
  }
}

export interface Readiness {
  ready: boolean;
  /** Of `database`, `queue`, `serving`, `base`: what has to come back first. */
  missing: string[];
  /** `absent` is not missing: without a pretrained base the lexical recipe still trains and answers. */
  base: string;
}

export async function readiness(): Promise<Readiness> {
  const [database, queue, serving] = await Promise.all([pingDatabase(), pingQueue(), askServe()]);
  const base = serving?.base ?? "unknown";
  const isBaseThere = base === "ready" || base === "absent";
  const missing = [
    ...(database ? [] : ["database"]),
    ...(queue ? [] : ["queue"]),
    ...(serving ? [] : ["serving"]),
    ...(serving && !isBaseThere ? ["base"] : []),
  ];
  return { ready: missing.length === 0, missing, base };
}
