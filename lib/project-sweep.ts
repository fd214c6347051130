import { and, eq } from "drizzle-orm";
import { milestones, projectEvents } from "@/db/schema/projects";
import { projectsDue } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { dayIn } from "./invoices";
import { log } from "./log";
import { acceptMilestone, reviewDaysOf } from "./milestones";
import { tell } from "./project-notices";
import { findProject, note } from "./projects";
import { expireQuote } from "./quotes";
import { findSeller } from "./seller";

/** What time alone brings about: offers end, and silence after two reminders is acceptance. */

const REMINDERS = 2;
const REMINDED = "milestone.reminded";

export async function sweepProjects(now = new Date()): Promise<void> {
  const seller = await findSeller();
  if (!seller) return;
  for (const { kind, tenant_id: tenantId, id } of await projectsDue(dayIn(seller.timeZone, now, 0), now)) {
    const work = kind === "quote" ? expireQuote(tenantId, id, now) : followReview(tenantId, id, now);
    await work.catch((error: Error) => log().warn({ kind, id, error: error.message }, "left for later"));
  }
}

/** Reminds a third and two thirds into the review; at its end, when both were sent, the milestone is accepted. */
async function followReview(tenantId: string, id: string, now: Date): Promise<void> {
  const isOver = await forTenant(tenantId, async (tx) => {
    const milestone = await tx.one(milestones, eq(milestones.id, id));
    if (milestone?.state !== "passed" || !milestone.reviewEndsAt) return false;
    const { projectId, key, reviewEndsAt } = milestone;
    const reviewMs = reviewDaysOf(milestone) * 86_400_000;
    const startedAt = reviewEndsAt.getTime() - reviewMs;
    const events = await tx.select(
      projectEvents,
      and(eq(projectEvents.projectId, projectId), eq(projectEvents.kind, REMINDED)),
    );
    const sent = events.filter(({ data }) => data.key === key && data.review === String(startedAt)).length;
    if (sent === REMINDERS) return now >= reviewEndsAt;
    if (now.getTime() < startedAt + ((sent + 1) / (REMINDERS + 1)) * reviewMs) return false;
    const data = { key, milestone: milestone.title, review: String(startedAt) };
    await note(tx, projectId, { kind: REMINDED, actor: "system", data });
    await tell(tx, "customer", "milestone_reminder", await findProject(tx, projectId));
    return false;
  });
  if (isOver) await acceptMilestone(tenantId, id, "accepted", "system", now);
}
