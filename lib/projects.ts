import { and, desc, eq, type SQL } from "drizzle-orm";
import { projectEvents, projects } from "@/db/schema/projects";
import { forTenant, type TenantTx } from "@/db/tenant";
import { fail } from "./errors";
import { createId } from "./id";
import { mover } from "./moves";
import { tell } from "./project-notices";
import { type Brief, briefSchema } from "./scope";

/** A customised engagement and its one timeline. What a board shows as columns is derived from quotes and milestones. */

export type Project = typeof projects.$inferSelect;
type ProjectState = Project["state"];
type ProjectEvent = typeof projectEvents.$inferSelect;

export const PROJECT_MOVES = {
  inquiry: ["scoping", "lost"],
  scoping: ["active", "paused", "lost"],
  active: ["maintenance", "paused", "closed"],
  maintenance: ["active", "paused", "closed"],
  /** To where it was paused, or to its end. */
  paused: ["scoping", "active", "maintenance", "closed", "lost"],
  closed: [],
  lost: ["scoping"],
} as const satisfies Record<ProjectState, readonly ProjectState[]>;

const setState = mover(projects, "A project", PROJECT_MOVES);

const PROJECT_ENDS = ["closed", "lost"] as const;
const PAUSABLE = ["scoping", "active", "maintenance"] as const;

export async function createProject(
  tenantId: string,
  input: {
    id?: string;
    title: string;
    inquiryId?: string;
    datasetId?: string | undefined;
    ownerStaffId?: string;
    brief?: Brief;
    /** What was asked, in the customer's words, and what it was asked about. */
    question?: string;
    about?: Record<string, string>;
  },
  by: string,
): Promise<Project> {
  return forTenant(tenantId, async (tx) => {
    const [made] = await tx.insert(projects, {
      id: input.id ?? createId("project"),
      state: "inquiry",
      title: input.title,
      inquiryId: input.inquiryId ?? null,
      datasetId: input.datasetId ?? null,
      ownerStaffId: input.ownerStaffId ?? null,
      brief: briefSchema.parse(input.brief ?? {}),
    });
    if (!made) throw new Error("the project was not stored");
    await note(tx, made.id, {
      kind: "project.inquiry",
      actor: by,
      body: input.question ?? "",
      data: input.about ?? {},
    });
    return made;
  });
}

export async function findProject(tx: TenantTx, id: string): Promise<Project> {
  return (await tx.one(projects, eq(projects.id, id))) ?? fail("not_found");
}

/** Moves a project in the open transaction; somebody who moved it first wins. */
export async function moveProject(
  tx: TenantTx,
  id: string,
  to: ProjectState,
  { actor, because }: { actor: string; because?: string },
): Promise<Project> {
  const before = await findProject(tx, id);
  if (before.state === "paused" && PAUSABLE.some((one) => one === to) && to !== before.pausedFrom)
    fail("invalid_request", `It was paused in ${before.pausedFrom} and goes on there.`, "state");
  if (to === "paused" && !because) fail("invalid_request", "Say why it is paused.", "because");
  const pausedFrom = to === "paused" ? (PAUSABLE.find((one) => one === before.state) ?? null) : null;
  const pausedBecause = to === "paused" ? (because ?? null) : null;
  const endedAt = PROJECT_ENDS.some((one) => one === to) ? new Date() : null;
  const moved = await setState(tx, id, to, { pausedFrom, pausedBecause, endedAt });
  await note(tx, id, { kind: `project.${to}`, actor, body: because ?? "" });
  return moved;
}

/** The guided questions, answered one by one; an answer that is not given again stays. */
export async function answerBrief(
  tenantId: string,
  id: string,
  answers: Brief,
  by: string,
): Promise<Project> {
  const brief = briefSchema.parse(answers);
  return forTenant(tenantId, async (tx) => {
    const before = await findProject(tx, id);
    const [changed] = await tx.update(
      projects,
      { brief: { ...before.brief, ...brief } },
      eq(projects.id, id),
    );
    await note(tx, id, {
      kind: "brief.answered",
      actor: by,
      data: { answers: Object.keys(brief).join(", ") },
    });
    return changed ?? before;
  });
}

/** A message to the other side; `isInternal`: a note among staff. */
export async function addComment(
  tenantId: string,
  projectId: string,
  said: { text: string; isInternal?: boolean },
  from: { by: string; side: Side },
): Promise<void> {
  await forTenant(tenantId, async (tx) => {
    const project = await findProject(tx, projectId);
    const { isInternal = false } = said;
    await note(tx, projectId, { kind: "comment", actor: from.by, body: said.text, isInternal });
    if (!isInternal) await tell(tx, otherSide(from.side), "comment", project);
  });
}

export type Side = "customer" | "staff";
const otherSide = (side: Side): Side => (side === "staff" ? "customer" : "staff");

interface Note {
  kind: string;
  actor: string;
  body?: string;
  data?: Record<string, string>;
  /** For staff alone. */
  isInternal?: boolean;
}

export const note = (tx: TenantTx, projectId: string, { isInternal = false, ...event }: Note) =>
  tx.insert(projectEvents, { id: createId("note"), projectId, isInternal, ...event });

/** Newest first; the customer's side leaves out what is for staff alone. */
export const timeline = (tx: TenantTx, projectId: string, isStaff: boolean): Promise<ProjectEvent[]> => {
  const mine = eq(projectEvents.projectId, projectId);
  const shown = isStaff ? mine : (and(mine, eq(projectEvents.isInternal, false)) as SQL);
  return tx.select(projectEvents, shown, {
    orderBy: desc(projectEvents.seq),
  });
};

export const projectsOfTenant = (tenantId: string): Promise<Project[]> =>
  forTenant(tenantId, (tx) => tx.select(projects, undefined, { orderBy: desc(projects.createdAt) }));
