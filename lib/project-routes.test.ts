import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { POST as propose } from "@/app/api/desk/customers/[tenant]/milestones/[id]/remedies/route";
import { POST as staffComment } from "@/app/api/desk/customers/[tenant]/projects/[id]/comments/route";
import { GET as staffFile } from "@/app/api/desk/customers/[tenant]/projects/[id]/files/[file]/route";
import { POST as askRows } from "@/app/api/desk/customers/[tenant]/projects/[id]/grants/route";
import { POST as draft } from "@/app/api/desk/customers/[tenant]/projects/[id]/quotes/route";
import { PATCH as moveProject } from "@/app/api/desk/customers/[tenant]/projects/[id]/route";
import { PATCH as moveQuote } from "@/app/api/desk/customers/[tenant]/quotes/[id]/route";
import { PATCH as takeBack } from "@/app/api/desk/customers/[tenant]/remedies/[id]/route";
import { PATCH as decideGrant } from "@/app/api/grants/[id]/route";
import { PATCH as brief } from "@/app/api/projects/[id]/brief/route";
import { POST as comment } from "@/app/api/projects/[id]/comments/route";
import { POST as attach } from "@/app/api/projects/[id]/files/route";
import { POST as question } from "@/app/api/projects/route";
import { POST as sign } from "@/app/api/quotes/[id]/signature/route";
import { PATCH as declineRemedy } from "@/app/api/remedies/[id]/route";
import { POST as signRemedy } from "@/app/api/remedies/[id]/signature/route";
import { closePools } from "@/db/index";
import { datasets, datasetVersions } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { rowsByGrant } from "./access-grants";
import { openShop, profile } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { env } from "./env";
import { createId } from "./id";
import { recordAcceptanceRun } from "./milestones";
import { ask, cookieOf, createPerson, unique } from "./people.fixture";
import { projectView } from "./project-view";
import { createProject } from "./projects";
import { acceptanceOf, handIn, measurement, modelMilestone, quoteLine } from "./projects.fixture";
import { actorOf, openSession } from "./session";
import { assignCustomer, createStaff } from "./staff";
import { createTenant } from "./tenants";

type Tenant = Awaited<ReturnType<typeof createTenant>> & { cookie: string };
let [ours, theirs]: [Tenant, Tenant] = [] as never;
let manager: { userId: string; email: string; cookie: string };

beforeAll(async () => {
  await openShop();
  const make = async () => {
    const tenant = await createTenant({ name: unique("Shop"), email: `${unique("owner")}@shop.test` });
    await saveProfile(tenant.tenantId, profile(), "test");
    return { ...tenant, cookie: (await createPerson(tenant.email)).cookie };
  };
  [ours, theirs] = [await make(), await make()];
  const hired = await createStaff({ email: `${unique("am")}@graft.test`, role: "account_manager" });
  manager = { ...hired, cookie: await cookieOf(await openSession(hired.userId)) };
  await assignCustomer(ours.slug, manager.email);
});
afterAll(closePools);

type Handler = Parameters<typeof ask>[0];
const asCustomer = (
  handler: Handler,
  params: Record<string, string>,
  body?: unknown,
  method = "POST",
  who = ours,
) => ask(handler, { method, cookie: who.cookie, tenant: who.slug, params, body });
const asStaff = (
  handler: Handler,
  params: Record<string, string>,
  body?: unknown,
  method = "POST",
  slug = ours.slug,
) => ask(handler, { method, cookie: manager.cookie, params: { tenant: slug, ...params }, body });
const open = async () =>
  String((await asCustomer(question, {}, { title: "Letters", question: "Can you sort letters?" })).body.id);
const view = (id: string, side: "customer" | "staff") => projectView(ours.tenantId, id, side);

test("both sides talk; a note among staff stays with them", async () => {
  const id = await open();
  await asCustomer(comment, { id }, { text: "Hello there" });
  await asStaff(staffComment, { id }, { text: "Welcome" });
  await asStaff(staffComment, { id }, { text: "Small budget", isInternal: true });
  const said = async (side: "customer" | "staff") =>
    (await view(id, side)).events
      .filter(({ kind }) => kind === "comment")
      .map(({ body, isOurs }) => [body, isOurs]);
  expect(await said("customer")).toEqual([
    ["Welcome", true],
    ["Hello there", false],
  ]);
  expect((await said("staff")).map(([body]) => body)).toContain("Small budget");
});

test("nobody reaches a project of another organisation, from either side", async () => {
  const id = await open();
  const text = { text: "x" };
  expect((await asCustomer(comment, { id }, text, "POST", theirs)).code).toBe("not_found");
  expect((await asCustomer(brief, { id }, { decision: "x" }, "PATCH", theirs)).code).toBe("not_found");
  expect((await asStaff(staffComment, { id }, text, "POST", theirs.slug)).code).toBe("not_found");
  const foreign = await asStaff(moveProject, { id }, { state: "lost" }, "PATCH", theirs.slug);
  expect(foreign.code).toBe("not_found");
  const key = { authorization: `Bearer ${ours.apiKey}` };
  const actor = await actorOf(new Request("http://x/", { headers: key }));
  expect([...actor.permissions].filter((name) => name.startsWith("projects."))).toEqual([]);
});

test("a quote goes from a draft that the customer does not see to a signature over the bytes that were seen", async () => {
  const id = await open();
  const input = {
    validUntil: "2099-01-01",
    lines: [
      {
        key: "a",
        kind: "fixed",
        title: "Model",
        quantity: 1,
        unit_decimal: "100",
        discount_bp: 0,
        milestone_key: null,
      },
    ],
    milestones: [],
  };
  const drafted = await asStaff(draft, { id }, input);
  const quote = String(drafted.body.id);
  expect((await view(id, "customer")).quotes).toEqual([]);
  expect((await asStaff(moveQuote, { id: quote }, { state: "sent" }, "PATCH")).status).toBe(200);
  const [sent] = (await view(id, "customer")).quotes;
  const signing = { name: "Ada Owner", sha256: sent?.sha256 };
  expect((await asCustomer(sign, { id: quote }, { ...signing, sha256: "0".repeat(64) })).status).toBe(400);
  expect((await asCustomer(sign, { id: quote }, signing)).body.state).toBe("accepted");
  expect((await asCustomer(sign, { id: quote }, signing)).status).toBe(400);
  const [signed] = (await view(id, "staff")).quotes;
  expect(signed?.signature).toMatchObject({ name: "Ada Owner", sha256: sent?.sha256 });
  expect((await view(id, "customer")).project.state).toBe("active");
});

test("an attached file comes back byte for byte to both sides, as a download", async () => {
  const id = await open();
  const bytes = await readFile("app/fonts/geist.woff2");
  const request = new Request(`http://x/?name=${encodeURIComponent("spec.woff2")}`, {
    method: "POST",
    headers: { cookie: ours.cookie, "graft-tenant": ours.slug, origin: env().publicUrl },
    body: bytes,
  });
  const response = await attach(request, { params: Promise.resolve({ id }) });
  const { id: file } = (await response.json()) as { id: string };
  const got = await staffFile(new Request("http://x/", { headers: { cookie: manager.cookie } }), {
    params: Promise.resolve({ tenant: ours.slug, id, file }),
  });
  expect(got.headers.get("content-disposition")).toContain("attachment");
  expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
});

test("rows stay closed to staff until the customer allows them, and from the moment they take it back", async () => {
  const id = await open();
  const versionId = await forTenant(ours.tenantId, async (tx) => {
    const [dataset, id] = [createId("dataset"), createId("version")];
    await tx.insert(datasets, { id: dataset, name: "Letters", task: "text-classification" });
    const frozen = { fileId: "file-none", columns: {}, fingerprint: id, status: "ready" as const };
    await tx.insert(datasetVersions, { id, datasetId: dataset, number: 1, ...frozen });
    return id;
  });
  const look = () => rowsByGrant(ours.tenantId, versionId, manager.userId);
  const asked = { versionId, reason: "To see why letters differ", days: 7 };
  expect((await asStaff(askRows, { id }, { ...asked, days: 8 })).status).toBe(400);
  const grant = String((await asStaff(askRows, { id }, asked)).body.id);
  await expect(look()).rejects.toMatchObject({ code: "permission_denied" });
  const decide = (state: string) => asCustomer(decideGrant, { id: grant }, { state }, "PATCH");
  expect((await decide("allowed")).status).toBe(200);
  expect((await view(id, "staff")).grants).toMatchObject([{ isLive: true }]);
  // Allowed: only the bytes are missing, for this version has none.
  await expect(look()).rejects.toMatchObject({ code: "not_found" });
  expect((await decide("ended")).status).toBe(200);
  await expect(look()).rejects.toMatchObject({ code: "permission_denied" });
  expect((await decide("allowed")).code).toBe("state_conflict");
});

test("staff propose how a missed milestone ends, and only a signature of the customer's over what they saw ends it", async () => {
  const { id } = await createProject(ours.tenantId, { title: "Letters" }, manager.userId);
  const lines = [quoteLine("model", "100", { milestone_key: "model" })];
  const milestones = [modelMilestone(acceptanceOf())];
  const drafted = await asStaff(draft, { id }, { validUntil: "2099-01-01", lines, milestones });
  const quote = String(drafted.body.id);
  await asStaff(moveQuote, { id: quote }, { state: "sent" }, "PATCH");
  const [sent] = (await view(id, "customer")).quotes;
  await asCustomer(sign, { id: quote }, { name: "Ada Owner", sha256: sent?.sha256 });
  const milestone = async () => (await view(id, "customer")).milestones[0];
  const milestoneId = (await milestone())?.id ?? "";
  const less = { kind: "reduction", words: "It is 80 %.", shareBp: 2500 };
  expect((await asStaff(propose, { id: milestoneId }, less)).code).toBe("state_conflict");
  await handIn(ours.tenantId, milestoneId);
  await recordAcceptanceRun(ours.tenantId, milestoneId, measurement({ value: 0.8 }), manager.userId);

  expect((await asStaff(propose, { id: milestoneId }, { ...less, amount: "1" })).status).toBe(400);
  expect((await asStaff(propose, { id: milestoneId }, less, "POST", theirs.slug)).code).toBe("not_found");
  const asked = async () => String((await asStaff(propose, { id: milestoneId }, less)).body.id);
  const first = await asked();
  expect((await asStaff(takeBack, { id: first }, { state: "withdrawn" }, "PATCH")).status).toBe(200);
  const second = await asked();
  const no = { state: "declined", because: "Too little" };
  expect((await asCustomer(declineRemedy, { id: second }, no, "PATCH", theirs)).code).toBe("not_found");
  expect((await asCustomer(declineRemedy, { id: second }, no, "PATCH")).status).toBe(200);
  const third = await asked();
  const seen = (await milestone())?.remedies.at(-1);
  const signing = { name: "Ada Owner", sha256: seen?.sha256 };
  expect((await asCustomer(signRemedy, { id: third }, { ...signing, sha256: "0".repeat(64) })).status).toBe(
    400,
  );
  expect((await asCustomer(signRemedy, { id: third }, signing, "POST", theirs)).code).toBe("not_found");
  expect((await asCustomer(signRemedy, { id: third }, signing)).body.state).toBe("accepted");
  expect(await milestone()).toMatchObject({
    state: "invoiced",
    remedies: [
      { state: "withdrawn", signature: null },
      { state: "declined", signature: null },
      { state: "accepted", signature: { name: "Ada Owner", sha256: seen?.sha256 } },
    ],
  });
});
