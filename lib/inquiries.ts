import { and, desc, eq, isNull, or, sql } from "drizzle-orm";
import { inquiries, users } from "@/db/schema/people";
import { projects } from "@/db/schema/projects";
import { forPlatform, forTenant } from "@/db/tenant";
import { fail } from "./errors";
import { createId } from "./id";
import { PLATFORM, sendInvitation } from "./invitations";
import type { Locale } from "./mail-texts";
import { handOver } from "./mails";
import { createProject, note } from "./projects";
import { takeToken } from "./rate-limit";
import type { Person } from "./session";
import { assignCustomer } from "./staff";
import { openProspect } from "./tenants";

/** The three ways in: call a model, have one made, learn from my data. */
export const WAYS = ["call", "custom", "insight"] as const;

const MAILS_PER_MINUTE = 5;

export interface Inquiry {
  way: (typeof WAYS)[number];
  name: string;
  email: string;
  company: string;
  message: string;
}

/**
 * Somebody asks at the front door: an organisation in state `prospect` with a project in it, and a link by mail that lets
 * the person in, to show a sample and to read our offer. Who knows the address only gets nothing by it.
 */
export async function openInquiry(inquiry: Inquiry, locale: Locale): Promise<string> {
  const { name, email, company, message } = inquiry;
  takeToken(`mail:${email}`, MAILS_PER_MINUTE);
  const id = createId("inquiry");
  const mail = await openProspect(company, async (tx, { tenantId, slug }) => {
    const project = await createProject(
      tenantId,
      { title: company, inquiryId: id, question: message, about: { name, email } },
      id,
    );
    // The platform's own table, in this transaction: an inquiry without its project would be lost.
    await tx.query(
      sql`insert into inquiries (id, way, name, email, company, message, tenant_slug, project_id)
        values (${id}, ${inquiry.way}, ${name}, ${email}, ${company}, ${message}, ${slug}, ${project.id})`,
    );
    const invitation = { role: "owner", invitedBy: PLATFORM, kind: "prospect" } as const;
    return (await sendInvitation(tx, { ...invitation, email, locale, organisation: company })).mail;
  });
  await handOver(mail);
  return id;
}

/** Newest first, with who answers them. */
export const listInquiries = (limit = 200) =>
  forPlatform(async (tx) => {
    const rows = await tx
      .select({ inquiry: inquiries, takenByName: users.name })
      .from(inquiries)
      .leftJoin(users, eq(users.id, inquiries.takenBy))
      .orderBy(desc(inquiries.createdAt))
      .limit(limit);
    return rows.map(({ inquiry, takenByName }) => ({ ...inquiry, takenByName }));
  });

/** One member of staff makes an inquiry theirs: the customer is assigned to them, and the project has an owner. */
export async function takeInquiry(person: Person, id: string): Promise<{ slug: string; projectId: string }> {
  const [taken] = await forPlatform((tx) =>
    tx
      .update(inquiries)
      .set({ takenBy: person.userId })
      .where(and(eq(inquiries.id, id), or(isNull(inquiries.takenBy), eq(inquiries.takenBy, person.userId))))
      .returning(),
  );
  if (!taken) return fail("state_conflict", "Somebody else has taken this inquiry.");
  const { tenantSlug: slug, projectId } = taken;
  if (slug === null || projectId === null) return fail("state_conflict", "This inquiry has no project.");
  const tenantId = await assignCustomer(slug, person.email, person.userId);
  await forTenant(tenantId, async (tx) => {
    const isOther = sql`${eq(projects.id, projectId)} and owner_staff_id is distinct from ${person.userId}`;
    const changed = await tx.update(projects, { ownerStaffId: person.userId }, isOther);
    if (changed.length > 0) await note(tx, projectId, { kind: "project.taken", actor: person.userId });
  });
  return { slug, projectId };
}
