import { projectsOfStaff } from "@/db/system";
import { decimalOf, price, toMinor } from "./money";
import type { Person } from "./session";

/** Every project of somebody's customers, with what follows from quotes and milestones: stage, value, due day, risks. */

export const STAGES = [
  "new",
  "scoping",
  "quoted",
  "delivering",
  "review",
  "delivered",
  "maintenance",
  "paused",
  "closed",
  "lost",
] as const;
export type Stage = (typeof STAGES)[number];
export type Risk = "overdue" | "missed" | "expiring" | "expired" | "waiting";

type Row = Awaited<ReturnType<typeof projectsOfStaff>>[number];

export interface PipelineProject {
  id: string;
  slug: string;
  customer: string;
  title: string;
  owner: string | null;
  stage: Stage;
  /** Of the accepted quote, else of the newest: a decimal string. */
  value: { net: string; currency: string } | null;
  /** The next day that matters: of the open milestone, or the last of an open quote. */
  dueOn: string | null;
  risks: Risk[];
  createdAt: Date;
}

/** An offer that ends so soon, and a customer who waits so long, want a word. */
const EXPIRING_DAYS = 3;
const WAITING_MS = 2 * 86_400_000;
const OVER: readonly string[] = ["closed", "lost", "paused"];

export async function pipelineOf(
  person: Pick<Person, "userId">,
  now = new Date(),
): Promise<PipelineProject[]> {
  return (await projectsOfStaff(person.userId)).map((row) => derive(row, now));
}

function derive(row: Row, now: Date): PipelineProject {
  const stage = stageOf(row);
  const dueOn = row.due_on ?? (stage === "quoted" ? row.valid_until : null);
  return {
    id: row.project_id,
    ...{ slug: row.slug, customer: row.customer, title: row.title, owner: row.owner, stage, dueOn },
    value: row.quote_net && row.currency ? { net: row.quote_net, currency: row.currency } : null,
    risks: OVER.includes(row.state) ? [] : risksOf(row, now),
    createdAt: new Date(row.created_at),
  };
}

/** The column of a board: quotes and milestones say it, nobody sets it. */
export function stageOf(row: Pick<Row, "state" | "quote_state" | "milestone_state" | "milestones">): Stage {
  if (row.state === "inquiry") return "new";
  if (row.state === "scoping") return row.quote_state === "sent" ? "quoted" : "scoping";
  if (row.state === "active" && row.milestone_state === null && Number(row.milestones) > 0)
    return "delivered";
  if (row.state === "active")
    return row.milestone_state === "passed" || row.milestone_state === "submitted" ? "review" : "delivering";
  return row.state as Stage;
}

function risksOf(row: Row, now: Date): Risk[] {
  const today = now.toISOString().slice(0, 10);
  const soon = new Date(now.getTime() + EXPIRING_DAYS * 86_400_000).toISOString().slice(0, 10);
  const isOpenQuote = row.quote_state === "sent" && row.valid_until !== null;
  const risks: [Risk, boolean][] = [
    ["overdue", row.due_on !== null && row.due_on < today],
    ["missed", row.milestone_state === "missed"],
    ["expired", row.quote_state === "expired"],
    ["expiring", isOpenQuote && String(row.valid_until) <= soon],
    ["waiting", row.waiting_since !== null && now.getTime() - Date.parse(row.waiting_since) > WAITING_MS],
  ];
  return risks.flatMap(([risk, is]) => (is ? [risk] : []));
}

/** What offers that wait and projects under way are worth, by currency. */
export function openValues(pipeline: readonly PipelineProject[]): { net: string; currency: string }[] {
  const sums = new Map<string, bigint>();
  for (const { stage, value } of pipeline)
    if (value && ["quoted", "delivering", "review"].includes(stage))
      sums.set(value.currency, (sums.get(value.currency) ?? 0n) + toMinor(price(value.net), value.currency));
  return [...sums].map(([currency, minor]) => ({ currency, net: decimalOf(minor, currency) }));
}
