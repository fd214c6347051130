import { afterAll, expect, test } from "vitest";
import { PUT as take } from "@/app/api/desk/inquiries/[id]/owner/route";
import { POST as inquire } from "@/app/api/inquiries/route";
import { POST as accept } from "@/app/api/invitations/accept/route";
import { POST as createKey } from "@/app/api/keys/route";
import { PATCH as settings } from "@/app/api/settings/route";
import { closePools } from "@/db/index";
import { projects } from "@/db/schema/projects";
import { forTenant } from "@/db/tenant";
import { listInquiries } from "./inquiries";
import { ask, cookieOf, createPerson, linkTo, unique } from "./people.fixture";
import { timeline } from "./projects";
import { openSession } from "./session";
import { createStaff, customerOf, customersOf } from "./staff";

afterAll(closePools);

const hire = async () => {
  const { userId, email } = await createStaff({
    email: `${unique("am")}@graft.test`,
    role: "account_manager",
  });
  return { userId, email, cookie: await cookieOf(await openSession(userId)) };
};
async function inquiry(company = unique("Clinic")) {
  const email = `${unique("ada")}@clinic.test`;
  const body = { way: "custom", name: "Ada", email, company, message: "Can letters be sorted?" };
  const { status, body: answer } = await ask(inquire, { method: "POST", body });
  expect(status).toBe(200);
  const found = (await listInquiries()).find(({ id }) => id === answer.id);
  return { id: String(answer.id), email, slug: found?.tenantSlug ?? "", company };
}
const enter = async (email: string) => {
  const body = { token: await linkTo(email), name: "Ada", password: "a long password" };
  const { status } = await ask(accept, { method: "POST", body });
  expect(status).toBe(200);
  return (await createPerson(email)).cookie;
};
const takeIt = (by: { cookie: string }, id: string) =>
  ask(take, { method: "PUT", cookie: by.cookie, params: { id } });

test("an inquiry opens a place for a prospect, and its mailed link lets the person in as owner", async () => {
  const { email, slug } = await inquiry();
  const cookie = await enter(email);
  const changed = await ask(settings, {
    method: "PATCH",
    cookie,
    tenant: slug,
    body: { name: "Clinic One" },
  });
  expect(changed.status).toBe(200);
  // What costs something, or answers for others, waits for an agreement.
  const key = { name: "mine", scopes: ["files.read"] };
  expect(await ask(createKey, { method: "POST", cookie, tenant: slug, body: key })).toMatchObject({
    status: 403,
    code: "contract_needed",
  });
});

test("two companies of one name get a place each, and neither sees the other's", async () => {
  const company = unique("Twin");
  const [first, second] = [await inquiry(company), await inquiry(company)];
  expect(first.slug).not.toBe(second.slug);
  const cookie = await enter(first.email);
  const foreign = await ask(settings, {
    method: "PATCH",
    cookie,
    tenant: second.slug,
    body: { name: "Mine" },
  });
  expect(foreign.code).toBe("not_found");
});

test("of two who take an inquiry at once one gets it, and with it the customer and the project", async () => {
  const { id, slug } = await inquiry();
  const [ann, ben] = [await hire(), await hire()];
  expect(await customersOf(ann)).toEqual([]);
  const both = await Promise.all([takeIt(ann, id), takeIt(ben, id)]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  const winner = both[0]?.status === 200 ? ann : ben;
  // Asked again the answer is the same.
  expect((await takeIt(winner, id)).status).toBe(200);
  const { tenantId, state } = await customerOf(winner, slug);
  expect(state).toBe("prospect");
  const [project] = await forTenant(tenantId, (tx) => tx.select(projects));
  expect(project).toMatchObject({ ownerStaffId: winner.userId, state: "inquiry", inquiryId: id });
  const events = await forTenant(tenantId, (tx) => timeline(tx, project?.id ?? "", false));
  expect(events.map(({ kind }) => kind)).toEqual(["project.taken", "project.inquiry"]);
  expect(events.at(-1)).toMatchObject({ body: "Can letters be sorted?" });
});
