import { openDatabase } from "../database";
import { median, report } from "../peer";

/**
 * Many tenants and many events: the run of a month over 10,000 tenants from their sums by hour, a day of a million
 * events sealed, and the usage page's figures of a tenant with five million events. Rows are made in SQL; what is
 * measured is the product's code on them. Run: `npm run bench -- commerce scale`, `--quick` for a tenth.
 */
const part = process.env.GRAFT_BENCH_QUICK === "1" ? 10 : 1;
const [TENANTS, SEALED, EVENTS] = [10_000, 1_000_000, 5_000_000].map((all) => all / part) as [
  number,
  number,
  number,
];
const [PAGES, DAYS] = [100, 30];
const DAY_MS = 86_400_000;

const database = await openDatabase("commerce-scale");
const { createBuyer, offer, openShop } = await import("../../lib/billing.fixture");
const { runInvoices } = await import("../../lib/invoice-run");
const { sealDays } = await import("../../lib/ledger");
const { runDay } = await import("../../lib/periods");
const { usageByDay } = await import("../../lib/usage");
const { closePools } = await import("../../db/index");
const { default: pg } = await import("pg");
const owner = new pg.Client(process.env.DATABASE_DIRECT_URL ?? "");
await owner.connect();

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
};
await openShop();
const sheetId = await offer("volume", {
  base: "190",
  meters: {
    "inference.row": {
      included: "3000",
      tiers: [
        { up_to: "20000", unit_decimal: "0.0125" },
        { up_to: null, unit_decimal: "0.0007" },
      ],
    },
  },
});

const insertEvents = (tenantId: string, count: number, spreadDays: number, from: string) =>
  owner.query(`insert into usage_events (tenant_id, id, meter, quantity, is_billable, model, key_id, route, tokens,
      occurred_at, recorded_at, counted_at)
    select '${tenantId}', 'req_' || n, 'inference.row', 1 + n % 30, true, 'ft:base:t:' || n % 5, 'key_' || n % 4,
      '/v1/predictions', 20, at, at, at
    from (select n, date_trunc('milliseconds', '${from}'::timestamptz
        + make_interval(secs => n * ${(spreadDays * 86_400) / count})) as at
      from generate_series(0, ${count - 1}) n) events`);
const sumHours = (tenantId: string) =>
  owner.query(`insert into usage_hours
    select tenant_id, date_trunc('hour', counted_at, 'UTC'), meter, model, key_id, route, '', '', count(*), sum(quantity),
      sum(tokens), 0, 0 from usage_events where tenant_id = '${tenantId}' group by 1, 2, 3, 4, 5, 6`);

const sealed = await createBuyer();
await insertEvents(sealed, SEALED, 1, "2026-02-01Z");
await sumHours(sealed);
await owner.query("analyze");
const seal = await seconds(() => sealDays(new Date("2026-02-05T00:00:00Z")));

// Each tenant used something in some hours of every day of January.
await owner.query(`insert into tenants (id, slug, name) select 'ten_' || n, 't' || n, 'Tenant ' || n
  from generate_series(1, ${TENANTS}) n`);
await owner.query(`insert into billing_profiles (tenant_id, version, legal_name, address, country, tax_status, currency,
    emails, created_by)
  select 'ten_' || n, 1, 'Buyer ' || n, '{"lines":["Street 1"],"postcode":"1","city":"Town"}', 'DE', 'standard', 'EUR',
    array['a@b.test'], 'bench' from generate_series(1, ${TENANTS}) n`);
await owner.query(
  `insert into subscriptions (tenant_id, id, plan_id, price_sheet_id, starts_at, created_by)
   select 'ten_' || n, 'sub_' || n, 'volume', $1, '2026-01-01Z', 'bench' from generate_series(1, ${TENANTS}) n`,
  [sheetId],
);
await owner.query(`insert into usage_hours
  select 'ten_' || n, '2026-01-01Z'::timestamptz + make_interval(hours => h), 'inference.row', 'ft:base:t:' || n, 'key_1',
    '/v1/predictions', '', '', 10, 100 + n % 7, 0, 0, 0
  from generate_series(1, ${TENANTS}) n, generate_series(0, 743, 7) h`);
await owner.query("analyze");
const run = await seconds(() => runInvoices("2026-01", runDay("2026-01")));
const { rows } = await owner.query<{ n: string }>(
  "select count(*) as n from invoices where state = 'issued'",
);

const heavy = await createBuyer();
const start = new Date(Math.floor(Date.now() / DAY_MS) * DAY_MS - (DAYS - 1) * DAY_MS).toISOString();
await insertEvents(heavy, EVENTS, DAYS - 1, start);
await sumHours(heavy);
await owner.query("analyze");
const pages: number[] = [];
for (let i = 0; i < PAGES; i++) pages.push(1000 * (await seconds(() => usageByDay(heavy, DAYS))));
const p95 = [...pages].sort((a, b) => a - b)[Math.floor(0.95 * PAGES)] ?? 0;

await owner.end();
await closePools();
await database.close();
report(
  "commerce scale",
  {
    claim: `A month's run over ${TENANTS.toLocaleString("en")} tenants, a day of ${SEALED.toLocaleString("en")} events sealed, and the usage figures of a tenant with ${EVENTS.toLocaleString("en")} events`,
    measured: `${rows[0]?.n} invoices in ${run.toFixed(0)} s; sealed in ${seal.toFixed(1)} s; usage figures p50 ${median(pages).toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`,
    target: "<= 60 s, <= 30 s, p95 <= 200 ms",
  },
  {
    tenants: TENANTS,
    sealedEvents: SEALED,
    events: EVENTS,
    runSeconds: run,
    sealSeconds: seal,
    pageMs: pages,
  },
);
