import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeAudit } from "@/lib/audit";
import { createTenant } from "@/lib/tenants";
import { closePools } from "./index";
import { apiKeys, auditEvents, inquiries, members } from "./schema/people";
import { forPlatform, forTenant } from "./tenant";

let a: string;
let b: string;
let keyOfB: string;
const stamp = Date.now().toString(36);
beforeAll(async () => {
  a = (await createTenant({ name: `A ${stamp}`, email: `a-${stamp}@a.test` })).tenantId;
  b = (await createTenant({ name: `B ${stamp}`, email: `b-${stamp}@b.test` })).tenantId;
  keyOfB = (await forTenant(b, (tx) => tx.select(apiKeys)))[0]?.id ?? "";
});
afterAll(closePools);

test("a tenant reads, changes and deletes its own rows only, even when it knows a foreign id", async () => {
  expect(keyOfB).toMatch(/^key_/);
  await forTenant(a, async (tx) => {
    const foreign = eq(apiKeys.id, keyOfB);
    expect(await tx.select(members)).toHaveLength(1);
    expect(await tx.one(apiKeys, foreign)).toBeUndefined();
    expect(await tx.update(apiKeys, { name: "taken" }, foreign)).toEqual([]);
    expect(await tx.remove(apiKeys, foreign)).toEqual([]);
    // Plain SQL has no predicate added: the database itself holds the line.
    expect(await tx.query(sql`select id from api_keys where id = ${keyOfB}`)).toEqual([]);
    expect(await tx.query(sql`update api_keys set name = 'taken' where id = ${keyOfB} returning id`)).toEqual(
      [],
    );
  });
  expect(await forTenant(b, (tx) => tx.one(apiKeys, eq(apiKeys.id, keyOfB)))).toMatchObject({
    name: "First key",
  });
});

test("a row cannot be written into another tenant, by value or by plain SQL", async () => {
  const [row] = await forTenant(a, (tx) =>
    // A caller that smuggles a tenant in is overruled.
    tx.insert(auditEvents, {
      id: `aud_${stamp}`,
      actor: "x",
      action: "x",
      target: "x",
      tenantId: b,
    } as never),
  );
  expect(row?.tenantId).toBe(a);
  const smuggle = forTenant(a, (tx) =>
    tx.query(
      sql`insert into audit_events (tenant_id, id, actor, action, target) values (${b}, 'aud_y', 'x', 'x', 'x')`,
    ),
  );
  await expect(smuggle).rejects.toMatchObject({
    cause: { message: expect.stringMatching(/row-level security/) },
  });
});

test("a nested call joins the open transaction, and rolls back with it", async () => {
  const action = `nested-${stamp}`;
  const broken = forTenant(a, async () => {
    await forTenant(a, (tx) => writeAudit(tx, "system", action, a));
    throw new Error("afterwards");
  });
  await expect(broken).rejects.toThrow("afterwards");
  expect(await forTenant(a, (tx) => tx.select(auditEvents, eq(auditEvents.action, action)))).toEqual([]);
});

test("a transaction of one tenant cannot be left for another", async () => {
  await expect(forTenant(a, () => forTenant(b, async () => "never"))).rejects.toThrow(/another tenant/);
});

test("the tenant of a transaction does not stay on its connection", async () => {
  await forTenant(a, (tx) => tx.select(members));
  const left = await forPlatform(async (tx) => {
    const seen = await tx.execute(sql`select current_setting('app.tenant_id', true) as tenant`);
    return [
      seen.rows[0]?.tenant,
      (await tx.select().from(members)).length,
      await tx.select().from(inquiries).limit(0),
    ];
  });
  expect(left[0] === "" || left[0] === null).toBe(true);
  expect(left[1]).toBe(0);
});

test("many tenants at once on few connections never see each other", async () => {
  const seen = await Promise.all(
    Array.from({ length: 60 }, (_, i) => (i % 2 ? a : b)).map(async (id) => {
      const rows = await forTenant(id, (tx) => tx.query<{ id: string }>(sql`select id from tenants`));
      return rows.length === 1 && rows[0]?.id === id;
    }),
  );
  expect(seen.every(Boolean)).toBe(true);
});
