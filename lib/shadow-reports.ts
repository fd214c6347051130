import { sql } from "drizzle-orm";
import { shadowCounts } from "@/db/schema/serving";
import { forTenant } from "@/db/tenant";
import type { Deployed } from "./deployments";

export interface ShadowReport {
  /** Rows that both answered. */
  rows: number;
  same: number;
  /** Where they differ, most rows first; answers that are not labels are not named. */
  differences: { answered: string; shadowed: string; rows: number }[];
}

const MOST_LISTED = 100;

/** What the shadow said beside the version that answers now; null where there is none. */
export async function reportOfShadow({ deployment, model, shadow }: Deployed): Promise<ShadowReport | null> {
  if (!shadow) return null;
  const counts = await forTenant(deployment.tenantId, (tx) =>
    tx.select(
      shadowCounts,
      sql`deployment_id = ${deployment.id} and model_id = ${model.id} and shadow_model_id = ${shadow.id}`,
      { orderBy: sql`rows desc, answered, shadowed` },
    ),
  );
  const sum = (some: typeof counts) => some.reduce((rows, one) => rows + one.rows, 0);
  return {
    rows: sum(counts),
    same: sum(counts.filter(({ isSame }) => isSame)),
    differences: counts
      .filter(({ isSame }) => !isSame)
      .slice(0, MOST_LISTED)
      .map(({ answered, shadowed, rows }) => ({ answered, shadowed, rows })),
  };
}
