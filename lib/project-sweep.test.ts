import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { forTenant } from "@/db/tenant";
import { createBuyer, openShop } from "./billing.fixture";
import { readInvoices } from "./invoices";
import { milestonesOf, recordAcceptanceRun } from "./milestones";
import { mailsWith } from "./people.fixture";
import { pipelineOf, stageOf } from "./pipeline";
import { sweepProjects } from "./project-sweep";
import { createProject, timeline } from "./projects";
import { acceptanceOf, handIn, measurement, modelMilestone, quoteLine } from "./projects.fixture";
import { draftQuote, quotesOf, sendQuote, signQuote } from "./quotes";
import { assignCustomer, createStaff } from "./staff";
import { listTenants } from "./tenants";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

const NOW = new Date("2026-03-01T12:00:00Z");
const days = (n: number) => new Date(NOW.getTime() + n * 86_400_000);

async function start() {
  const tenantId = await createBuyer();
  const project = await createProject(tenantId, { title: "Ticket routing" }, "usr_am");
  const acceptance = acceptanceOf({ minRows: 100, reviewDays: 9 });
  const input = {
    validUntil: "2026-03-10",
    lines: [quoteLine("model", "4000", { milestone_key: "model" })],
    milestones: [modelMilestone(acceptance)],
  };
  const draft = await draftQuote(tenantId, project.id, input, "usr_am");
  const quote = await sendQuote(tenantId, draft.id, "usr_am", NOW);
  const sign = () => {
    const signing = { userId: "usr_owner", name: "Ada", address: "127.0.0.1", sha256: quote.sha256 ?? "" };
    return signQuote(tenantId, quote.id, signing, NOW);
  };
  const milestone = async () => (await forTenant(tenantId, (tx) => milestonesOf(tx, project.id)))[0];
  const happened = async (kind: string) =>
    (await forTenant(tenantId, (tx) => timeline(tx, project.id, true))).filter((one) => one.kind === kind)
      .length;
  return { tenantId, project, sign, milestone, happened };
}

test("an offer that nobody signed ends with its last day where the seller is", async () => {
  const { tenantId, project } = await start();
  const state = async () => (await forTenant(tenantId, (tx) => quotesOf(tx, project.id)))[0]?.state;
  await sweepProjects(new Date("2026-03-10T22:30:00Z"));
  expect(await state()).toBe("sent");
  await sweepProjects(new Date("2026-03-10T23:30:00Z"));
  expect(await state()).toBe("expired");
});

test("silence is acceptance after two reminders, and not before the review is over", async () => {
  const { tenantId, sign, milestone, happened } = await start();
  await sign();
  const id = (await milestone())?.id ?? "";
  await handIn(tenantId, id);
  await recordAcceptanceRun(tenantId, id, measurement(), "usr_am", NOW);
  const reminded = () => happened("milestone.reminded");
  await sweepProjects(days(2));
  expect(await reminded()).toBe(0);
  await sweepProjects(days(3));
  await sweepProjects(days(4));
  expect(await reminded()).toBe(1);
  await sweepProjects(days(6));
  expect(await reminded()).toBe(2);
  await sweepProjects(days(8.9));
  expect((await milestone())?.state).toBe("passed");
  await sweepProjects(days(9));
  expect((await milestone())?.state).toBe("invoiced");
  expect(await readInvoices(tenantId)).toMatchObject([{ state: "issued", netMinor: 400_000n }]);
});

test("a worker that slept through the whole review still reminds twice before silence counts", async () => {
  const { tenantId, sign, milestone, happened } = await start();
  await sign();
  const id = (await milestone())?.id ?? "";
  await handIn(tenantId, id);
  await recordAcceptanceRun(tenantId, id, measurement(), "usr_am", NOW);
  await sweepProjects(days(20));
  await sweepProjects(days(20));
  expect([await happened("milestone.reminded"), (await milestone())?.state]).toEqual([2, "passed"]);
  await sweepProjects(days(20));
  expect((await milestone())?.state).toBe("invoiced");
});

test("the pipeline shows a manager's projects alone, each with its stage, value, day and risks", async () => {
  const { tenantId, project, sign } = await start();
  const { userId, email } = await createStaff({
    email: `am-${project.id}@graft.test`,
    role: "account_manager",
  });
  expect(await pipelineOf({ userId })).toEqual([]);
  const slug = (await listTenants()).find((one) => one.tenantId === tenantId)?.slug ?? "";
  await assignCustomer(slug, email);
  const seen = async (now: Date) => (await pipelineOf({ userId }, now))[0];
  const value = { net: "4000.00", currency: "EUR" };
  expect(await seen(NOW)).toMatchObject({ stage: "quoted", value, dueOn: "2026-03-10", risks: [] });
  expect(await seen(days(8))).toMatchObject({ risks: ["expiring"] });
  await sign();
  expect(await seen(NOW)).toMatchObject({ stage: "delivering", value, dueOn: "2026-05-01", risks: [] });
  expect(await seen(days(62))).toMatchObject({ risks: ["overdue"] });
});

test("every state has a stage", () => {
  const states = ["inquiry", "scoping", "active", "maintenance", "paused", "closed", "lost"];
  const stages = states.map((state) =>
    stageOf({ state, quote_state: null, milestone_state: null, milestones: "0" }),
  );
  expect(stages).toEqual(["new", "scoping", "delivering", "maintenance", "paused", "closed", "lost"]);
});

test("what happens is mailed to those who sign, and quotes nobody", async () => {
  const { project } = await start();
  const sent = await mailsWith(project.id);
  expect(sent.map(({ subject }) => subject)).toContainEqual(expect.stringMatching(/^A quote for /));
  expect(sent.some(({ body }) => body.includes("Ticket routing"))).toBe(false);
});
