import { sql } from "drizzle-orm";
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { closePools } from "@/db/index";
import { idempotencyKeys } from "@/db/schema/serving";
import { forgetOldCalls } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { fail } from "./errors";
import { unique } from "./people.fixture";
import { route } from "./route";
import { createTenant } from "./tenants";

/** A route that counts how often it computed, and can be held up or made to fail. */
let computed = 0;
let gate: Promise<void> | null = null;
let failing = false;
const handler = route(
  { auth: "tenant", permission: "predictions.create", isIdempotent: true, body: z.object({ n: z.number() }) },
  async ({ body }) => {
    await gate;
    if (failing) fail("overloaded");
    return { n: body.n, computed: ++computed };
  },
);

let made: Awaited<ReturnType<typeof createTenant>>;
beforeEach(async () => {
  [computed, gate, failing] = [0, null, false];
  made = await createTenant({ name: unique("Once"), email: `${unique("once")}@acme.test` });
});
afterAll(closePools);

async function ask(key: string | null, n = 1, by = made.apiKey) {
  const headers = { authorization: `Bearer ${by}`, "content-type": "application/json" };
  const response = await handler(
    new Request("http://127.0.0.1/v1/predictions", {
      method: "POST",
      headers: key === null ? headers : { ...headers, "idempotency-key": key },
      body: JSON.stringify({ n }),
    }),
  );
  const body = await response.json();
  return { status: response.status, body, replayed: response.headers.get("idempotent-replayed"), response };
}

test("asked again with its key, a question is answered with the same answer and computed once", async () => {
  const first = await ask("a");
  const again = await ask('"a"');
  expect(first).toMatchObject({ status: 200, body: { computed: 1 }, replayed: null });
  expect(again).toMatchObject({ status: 200, body: first.body, replayed: "true" });
  expect(again.response.headers.get("x-request-id")).toMatch(/^req_/);
  expect(again.response.headers.get("x-request-id")).not.toBe(first.response.headers.get("x-request-id"));
  expect((await ask(null)).body.computed).toBe(2);
});

test("another question under a key is refused, another organisation's key is its own", async () => {
  await ask("a", 1);
  expect(await ask("a", 2)).toMatchObject({ status: 422, body: { error: { code: "idempotency_mismatch" } } });
  const other = await createTenant({ name: unique("Other"), email: `${unique("other")}@acme.test` });
  expect(await ask("a", 2, other.apiKey)).toMatchObject({ status: 200, replayed: null });
});

test("while the first is answered the second is told to wait, and twenty at once compute once", async () => {
  let open = () => {};
  gate = new Promise((done) => {
    open = done;
  });
  const first = ask("a");
  await expect
    .poll(async () => (await forTenant(made.tenantId, (tx) => tx.select(idempotencyKeys))).length)
    .toBe(1);
  const meanwhile = await ask("a");
  expect(meanwhile).toMatchObject({ status: 409, body: { error: { code: "idempotency_in_flight" } } });
  expect(meanwhile.response.headers.get("retry-after-ms")).toBe("1000");
  expect(meanwhile.response.headers.get("x-should-retry")).toBeNull();
  open();
  expect((await first).status).toBe(200);
  gate = null;
  const all = await Promise.all(Array.from({ length: 20 }, () => ask("b")));
  expect(all.every(({ status }) => status === 200 || status === 409)).toBe(true);
  expect(computed).toBe(2);
});

test("a failure and a refusal are not kept: asking again is right", async () => {
  failing = true;
  expect((await ask("a")).status).toBe(429);
  failing = false;
  expect(await ask("a")).toMatchObject({ status: 200, replayed: null });
  const wrong = { n: "one" } as never;
  expect((await ask("b", wrong)).status).toBe(400);
  expect((await ask("b", 3)).status).toBe(200);
});

test("what a killed process had begun is taken over, and a day later a key is new", async () => {
  await ask("a");
  const age = (set: string) =>
    forTenant(made.tenantId, (tx) =>
      tx.query(sql`update idempotency_keys set ${sql.raw(set)} where tenant_id = ${tx.tenantId}`),
    );
  await age("status = null, body = null, held_until = now() - interval '1 second'");
  expect(await ask("a")).toMatchObject({ status: 200, body: { computed: 2 } });
  await age("created_at = now() - interval '25 hours'");
  expect(await ask("a", 9)).toMatchObject({ status: 200, body: { computed: 3 } });
  await age("created_at = now() - interval '25 hours'");
  await forgetOldCalls();
  expect(await forTenant(made.tenantId, (tx) => tx.select(idempotencyKeys))).toEqual([]);
});

test("a key that is none is refused", async () => {
  expect((await ask("")).status).toBe(400);
  expect(await ask("x".repeat(256))).toMatchObject({
    status: 400,
    body: { error: { param: "Idempotency-Key" } },
  });
});
