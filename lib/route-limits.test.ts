import { afterAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { ask, cookieOf, createPerson, unique } from "./people.fixture";
import { route } from "./route";
import { openSession } from "./session";
import { createTenant } from "./tenants";

const answer = async () => ({ ok: true });
const usual = route({ auth: "tenant", permission: "usage.read" }, answer);
const rare = route({ auth: "tenant", permission: "usage.read", perMinute: 3 }, answer);
const own = route({ auth: "person", perMinute: 2 }, answer);
const ownUsual = route({ auth: "person" }, answer);

afterAll(closePools);
const statuses = async (times: number, call: () => Promise<{ status: number }>) => {
  const seen: number[] = [];
  for (let i = 0; i < times; i++) seen.push((await call()).status);
  return seen;
};

test("a route with a limit of its own counts its own calls, not those of the others", async () => {
  const { apiKey } = await createTenant({ name: unique("Busy"), email: `${unique("busy")}@acme.test` });
  const call = (handler: typeof usual) => () =>
    handler(new Request("http://graft.test/v1/x", { headers: { authorization: `Bearer ${apiKey}` } }));
  expect(await statuses(20, call(usual))).toEqual(Array(20).fill(200));
  expect(await statuses(4, call(rare))).toEqual([200, 200, 200, 429]);
  expect(await statuses(1, call(usual))).toEqual([200]);
});

test("a signed-in person's calls of other pages leave a rare route its whole limit", async () => {
  const { userId } = await createPerson();
  const cookie = await cookieOf(await openSession(userId));
  expect(await statuses(5, () => ask(ownUsual, { cookie }))).toEqual(Array(5).fill(200));
  expect(await statuses(3, () => ask(own, { cookie }))).toEqual([200, 200, 429]);
});
