import { and, desc, eq, type SQL } from "drizzle-orm";
import { z } from "zod";
import { timeEntries } from "@/db/schema/margin";
import { forTenant, type TenantTx } from "@/db/tenant";
import { readProfile } from "./billing-profiles";
import { fail } from "./errors";
import { createId } from "./id";
import { findProject } from "./projects";
import { rateOn } from "./rate-card";

/** Hours of our people on a project. */

export type TimeEntry = typeof timeEntries.$inferSelect;

const DAY_MINUTES = 24 * 60;

export const timeSchema = z.object({
  day: z.iso.date(),
  minutes: z.number().int().min(1).max(DAY_MINUTES),
  isBillable: z.boolean(),
  note: z.string().trim().max(500).default(""),
});

export async function addTime(
  tenantId: string,
  projectId: string,
  spent: z.infer<typeof timeSchema>,
  staffId: string,
  now = new Date(),
): Promise<TimeEntry> {
  // A day may begin earlier than in UTC where the person sits; two of them cannot lie ahead.
  if (Date.parse(spent.day) > now.getTime() + 86_400_000)
    fail("invalid_request", "`day`: this day has not come yet.", "day");
  const profile = await readProfile(tenantId);
  if (!profile)
    return fail("state_conflict", "The customer's billing profile is missing; it names the currency.");
  const rate = await rateOn("hour", profile.currency, spent.day);
  if (!rate)
    return fail(
      "state_conflict",
      `Nobody has said what an hour costs in ${profile.currency} on ${spent.day}: \`npm run admin -- rate add\`.`,
    );
  return forTenant(tenantId, async (tx) => {
    await findProject(tx, projectId);
    const entry = { id: createId("time"), projectId, staffId, costDecimal: rate.costDecimal, ...spent };
    const [stored] = await tx.insert(timeEntries, entry);
    return stored ?? fail("internal_error");
  });
}

/** Takes back an entry of one's own. */
export const removeTime = (tenantId: string, id: string, staffId: string): Promise<void> =>
  forTenant(tenantId, async (tx) => {
    const own = and(eq(timeEntries.id, id), eq(timeEntries.staffId, staffId)) as SQL;
    const gone = await tx.remove(timeEntries, own);
    if (gone.length === 0) fail("not_found");
  });

export const timeOf = (tx: TenantTx, projectId: string): Promise<TimeEntry[]> =>
  tx.select(timeEntries, eq(timeEntries.projectId, projectId), {
    orderBy: [desc(timeEntries.day), desc(timeEntries.createdAt)],
  });
