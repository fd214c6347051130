import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { createWriteStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { PriceSheet } from "../../lib/price-sheet";
import type { UsageEvent } from "../../lib/usage";
import { openDatabase } from "../database";
import { report } from "../peer";

/**
 * A synthetic year through the real code: tenants, plan changes in mid-month, credits that end or do not, credit notes in parts, events in every order, twice, late and
 * from the future. Every invoice is compared to the last minor unit with `recompute.py`, which was written apart. One
 * run is killed in the middle and run again; a second run of every month changes nothing.
 * Run: `npm run bench -- commerce year`, `--quick` for a twentieth of it.
 */
const isQuick = process.env.GRAFT_BENCH_QUICK === "1";
const TENANTS = isQuick ? 50 : 500;
const EVENTS = isQuick ? 100_000 : 5_000_000;
const YEAR = 2025;
const [DAY_MS, BATCH] = [86_400_000, 500];
const CURRENCIES = { EUR: 2, JPY: 0, KWD: 3 } as const;
const months = Array.from({ length: 12 }, (_, i) => `${YEAR}-${String(i + 1).padStart(2, "0")}`);
const from = Date.UTC(YEAR, 0, 1);
const until = Date.UTC(YEAR + 1, 0, 1);

let state = 7;
/** A whole number below: the same year each time. */
const below = (limit: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
};
const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T;

const row = (included: number, ...tiers: [upTo: number | null, unit: string][]) => ({
  included: String(included),
  tiers: tiers.map(([upTo, unit]) => ({ up_to: upTo === null ? null : String(upTo), unit_decimal: unit })),
});
const SHEETS: Record<string, PriceSheet> = {
  metered: {
    base: "0",
    meters: { "inference.row": row(0, [null, "0.0008"]), "batch.row": row(0, [null, "0.000333"]) },
  },
  volume: {
    base: "190",
    meters: {
      "inference.row": row(3000, [5000, "0.0125"], [20_000, "0.004"], [null, "0.0007"]),
      "batch.row": row(1000, [10_000, "0.002"], [null, "0.0019"]),
    },
  },
  scale: {
    base: "999.99",
    meters: {
      "inference.row": row(20_000, [7777, "0.001"], [null, "0.000123456789"]),
      "batch.row": row(0, [null, "0.0005"]),
    },
  },
};

const database = await openDatabase("commerce");
const { createBuyer, offer, openShop } = await import("../../lib/billing.fixture");
const { subscribe } = await import("../../lib/subscriptions");
const { recordUsage } = await import("../../lib/usage");
const { grantCredit } = await import("../../lib/prepaid");
const { runInvoices } = await import("../../lib/invoice-run");
const { linesOfInvoice, readInvoices } = await import("../../lib/invoices");
const { issueCreditNote } = await import("../../lib/credit-notes");
const { runDay } = await import("../../lib/periods");
const { closePools } = await import("../../db/index");
const { forTenant } = await import("../../db/tenant");

await openShop();
for (const [plan, sheet] of Object.entries(SHEETS))
  for (const currency of Object.keys(CURRENCIES)) await offer(plan, sheet, currency);

interface Contract {
  currency: keyof typeof CURRENCIES;
  rate_bp: number;
  until: string;
  plans: { plan: string; from: string }[];
  credits: { minor: number; through: string | null; from: string }[];
}
const contracts: Record<string, Contract> = {};
for (let i = 0; i < TENANTS; i++) {
  const currency = pick(Object.keys(CURRENCIES) as (keyof typeof CURRENCIES)[]);
  const tenantId = await createBuyer({ currency });
  let at = from + 1000 * below(200 * 86_400);
  const plans: Contract["plans"] = [];
  for (let left = 1 + below(4); left > 0 && at < until; left--) {
    const plan = pick(Object.keys(SHEETS));
    await subscribe(tenantId, { planId: plan, startsAt: new Date(at) }, "bench");
    plans.push({ plan, from: new Date(at).toISOString() });
    at += 1000 * (1 + below(150 * 86_400));
  }
  const credits: Contract["credits"] = [];
  for (let left = below(4); left > 0; left--) {
    const grant = { minor: 1 + below(40_000), through: below(2) ? pick(months) : null };
    const at = from + 1000 * below((until - from) / 1000);
    const values = { amountMinor: BigInt(grant.minor), reason: "bench", throughMonth: grant.through };
    await grantCredit(tenantId, values, "bench", new Date(at));
    credits.push({ ...grant, from: new Date(at).toISOString() });
  }
  contracts[tenantId] = { currency, rate_bp: 1900, until: new Date(until).toISOString(), plans, credits };
}
writeFileSync(
  join(database.home, "contracts.json"),
  JSON.stringify({ sheets: SHEETS, digits: CURRENCIES, tenants: contracts }),
);

const sent = createWriteStream(join(database.home, "events.ndjson"));
let [count, recordMs] = [0, 0];
/** Some events of one tenant that arrive together; a few lie far from their arrival on either side. */
async function send(tenantId: string, size: number): Promise<void> {
  const recordedMs = from + below((until - from) / 1000) * 1000;
  const events: UsageEvent[] = Array.from({ length: size }, () => {
    const odd = below(100);
    const delay = odd < 5 ? below(45 * DAY_MS) : odd < 6 ? -below(DAY_MS) : below(120_000);
    const isBillable = below(10) > 0;
    return {
      tenantId,
      id: `req_${count++}`,
      meter: below(4) === 0 ? "batch.row" : "inference.row",
      quantity: below(30),
      isBillable,
      reason: isBillable ? null : "console",
      model: `ft:base:bench::${below(3)}`,
      keyId: `key_${below(2)}`,
      userId: null,
      route: "/v1/predictions",
      tokens: below(500),
      occurredAt: new Date(Math.max(from, recordedMs - delay)).toISOString(),
    };
  });
  const recorded = new Date(recordedMs);
  const started = performance.now();
  await recordUsage(events, recorded);
  // A spool that is replayed: the same events, later.
  if (below(20) === 0) await recordUsage(events.slice(0, 50), new Date(recordedMs + DAY_MS));
  recordMs += performance.now() - started;
  const lines = events.map(({ id, meter, quantity, isBillable, occurredAt }) =>
    JSON.stringify({
      tenant: tenantId,
      id,
      meter,
      quantity,
      billable: isBillable,
      occurred: occurredAt,
      recorded: recorded.toISOString(),
    }),
  );
  if (!sent.write(`${lines.join("\n")}\n`)) await once(sent, "drain");
}
const tenants = Object.keys(contracts);
while (count < EVENTS) await Promise.all([1, 2, 3, 4].map(() => send(pick(tenants), BATCH)));
await new Promise<void>((done) => sent.end(done));

/** A run in a process of its own that is ended by force after so long. */
async function killedRun(month: string, afterMs: number): Promise<void> {
  const child = fork("bench/commerce/run-month.child.ts", [month], { execArgv: ["--import", "tsx"] });
  await once(child, "message");
  setTimeout(() => child.kill("SIGKILL"), afterMs);
  await once(child, "exit");
}
let runMs = 0;
for (const month of months) {
  if (month === months[6]) await killedRun(month, 300);
  const started = performance.now();
  await runInvoices(month, runDay(month));
  runMs += performance.now() - started;
}
const totals = async () => {
  const all: Record<string, Record<string, [number, number]>> = {};
  for (const tenantId of tenants) {
    const mine = await readInvoices(tenantId);
    all[tenantId] = Object.fromEntries(
      mine.map(({ month, netMinor, taxMinor }) => [month ?? "", [Number(netMinor), Number(taxMinor)]]),
    );
  }
  return all;
};
const ours = await totals();

/** Every third tenant is credited parts of one invoice, line by line; the last part of some is all that is left. */
const notes: { tenant: string; month: string; net: number; tax: number }[] = [];
for (const tenantId of tenants.filter((_, n) => n % 3 === 0)) {
  const mine = (await readInvoices(tenantId)).filter(
    ({ netMinor, month }) => month !== null && netMinor > 0n,
  );
  const invoice = mine.length > 0 ? pick(mine) : undefined;
  if (!invoice) continue;
  const left = new Map(
    (await forTenant(tenantId, (tx) => linesOfInvoice(tx, invoice.id)))
      .filter(({ amountMinor }) => amountMinor > 0n)
      .map(({ key, amountMinor }) => [key, Number(amountMinor)]),
  );
  let open = Number(invoice.netMinor);
  const isWhole = below(2) === 0;
  for (let part = 1 + below(4); part > 0 && open > 0; part--) {
    const wanted = isWhole && part === 1 ? open : 1 + below(open);
    const lines: { key: string; amountMinor: bigint }[] = [];
    let rest = wanted;
    for (const [key, there] of left) {
      const amount = Math.min(rest, there);
      if (amount === 0) continue;
      lines.push({ key, amountMinor: BigInt(amount) });
      left.set(key, there - amount);
      rest -= amount;
    }
    const note = await issueCreditNote(tenantId, invoice.id, { lines, reason: "bench" }, "bench");
    notes.push({
      ...{ tenant: tenantId, month: invoice.month ?? "" },
      ...{ net: Number(note.netMinor), tax: Number(note.taxMinor) },
    });
    open -= wanted;
  }
}
writeFileSync(
  join(database.home, "notes.json"),
  JSON.stringify(notes.map(({ tenant, month, net }) => ({ tenant, month, net }))),
);
for (const month of months) await runInvoices(month, runDay(month));
const isSame = JSON.stringify(await totals()) === JSON.stringify(ours);

const theirs = JSON.parse(
  execFileSync("python3", ["bench/commerce/recompute.py", database.home], {
    encoding: "utf8",
    maxBuffer: 1e9,
  }),
) as { invoices: typeof ours; notes: number[] };
const wrongNotes = notes.filter(({ tax }, n) => tax !== theirs.notes[n]).length;
let [compared, different] = [0, 0];
for (const tenantId of tenants)
  for (const month of months) {
    const [mine, expected] = [
      ours[tenantId]?.[month] ?? [0, 0],
      theirs.invoices[tenantId]?.[month] ?? [0, 0],
    ];
    if (ours[tenantId]?.[month]) compared++;
    if (mine[0] === expected[0] && mine[1] === expected[1]) continue;
    different++;
    if (different <= 5) console.log({ tenantId, month, mine, expected });
  }
await closePools();
await database.close();
report(
  "commerce year",
  {
    claim: `A year of ${TENANTS} tenants and ${count.toLocaleString("en")} events: invoices and credit notes beside a calculation written apart, to the last minor unit`,
    measured: `${different} of ${compared} invoices and ${wrongNotes} of ${notes.length} credit notes differ; a run that was killed and run again, and a second run of every month, ${isSame ? "change nothing" : "CHANGE SOMETHING"}`,
    target: "none differs, nothing changes",
  },
  {
    tenants: TENANTS,
    events: count,
    invoices: compared,
    different,
    creditNotes: notes.length,
    wrongNotes,
    secondRunChangesNothing: isSame,
    eventsPerSecond: Math.round(count / (recordMs / 1000)),
    invoicesPerSecond: Math.round(compared / (runMs / 1000)),
  },
);
