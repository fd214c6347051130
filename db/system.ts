import { sql } from "drizzle-orm";
import type { Role, TenantState } from "@/lib/permissions";
import { database } from "./index";
import type { TenantTx, Transaction } from "./tenant";

/**
 * The only ways across tenants: SECURITY DEFINER functions of the owner, each with one narrow purpose, each
 * called from here alone. `db/migrate.ts` (re)creates them after every migration.
 */
export const SYSTEM_FUNCTIONS: Record<string, string> = {
  key_by_hash: `create or replace function key_by_hash(wanted text) returns table (
      tenant_id text, slug text, state text, tenant_settings jsonb, key_id text, scopes text[], created_by text,
      creator_role text, is_internal boolean) language sql security definer set search_path = public as $$
    with found as (
      select k.*, t.slug, t.state, t.settings from api_keys k join tenants t on t.id = k.tenant_id
      where k.hash = wanted and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())),
    touched as (
      update api_keys k set last_used_at = now() from found f
      where k.tenant_id = f.tenant_id and k.id = f.id
        and (k.last_used_at is null or k.last_used_at < now() - interval '30 seconds'))
    select f.tenant_id, f.slug, f.state, f.settings, f.id, f.scopes, f.created_by, m.role, f.is_internal
    from found f left join members m on m.tenant_id = f.tenant_id and m.user_id = f.created_by $$`,
  // What a call has to know of a model before it trusts the row that it read last: no transaction for one look.
  model_versions: `create or replace function model_versions(tenant text, wanted text) returns table (
      id text, state text, version text, bytes integer) language sql security definer set search_path = public as $$
    select m.id, m.state, m.xmin::text, pg_column_size(m.report) from models m
    where m.tenant_id = tenant and (m.id = wanted or m.name = wanted) $$`,
  // The whole row for serve's first call of it, or the first after it changed: a transaction is four more ways to the database.
  model_row: `create or replace function model_row(tenant text, wanted text) returns table (stored jsonb)
      language sql security definer set search_path = public as $$
    select to_jsonb(m) from models m where m.tenant_id = tenant and m.id = wanted $$`,
  memberships_of: `create or replace function memberships_of(person text) returns table (
      tenant_id text, slug text, name text, state text, tenant_settings jsonb, role text)
      language sql security definer set search_path = public as $$
    select t.id, t.slug, t.name, t.state, t.settings, m.role from members m join tenants t on t.id = m.tenant_id
    where m.user_id = person and t.state <> 'closed' order by t.name $$`,
  create_tenant: `create or replace function create_tenant(new_id text, new_slug text, new_name text, owner_id text)
      returns void language sql security definer set search_path = public as $$
    insert into tenants (id, slug, name) values (new_id, new_slug, new_name);
    insert into members (tenant_id, user_id, role) values (new_id, owner_id, 'owner') $$`,
  create_prospect: `create or replace function create_prospect(new_id text, new_slug text, new_name text)
      returns void language sql security definer set search_path = public as $$
    insert into tenants (id, slug, name, state) values (new_id, new_slug, new_name, 'prospect') $$`,
  all_tenants: `create or replace function all_tenants() returns table (
      tenant_id text, slug text, name text, state text, created_at timestamptz, members bigint)
      language sql security definer set search_path = public as $$
    select t.id, t.slug, t.name, t.state, t.created_at, (select count(*) from members m where m.tenant_id = t.id)
    from tenants t order by t.name $$`,
  set_tenant_state: `create or replace function set_tenant_state(which text, new_state text) returns integer
      language sql security definer set search_path = public as $$
    with done as (update tenants set state = new_state where slug = which returning 1)
    select count(*)::integer from done $$`,
  rename_tenant: `create or replace function rename_tenant(which text, new_slug text, new_name text) returns void
      language sql security definer set search_path = public as $$
    update tenants set slug = new_slug, name = new_name where id = which $$`,
  // Rows that others refer to go after them, in as many rounds as it takes.
  erase_tenant: `create or replace function erase_tenant(which text, kept text[]) returns void
      language plpgsql security definer set search_path = public as $$
    declare waiting text[]; again text[]; one text; begin
      select array_agg(c.relname::text) into waiting from pg_class c join pg_attribute a on a.attrelid = c.oid
      where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'tenant_id'
        and not a.attisdropped and c.relname <> all (kept);
      while waiting is not null loop
        again := null;
        foreach one in array waiting loop
          begin execute format('delete from %I where tenant_id = $1', one) using which;
          exception when foreign_key_violation then again := again || one; end;
        end loop;
        if cardinality(again) = cardinality(waiting) then
          raise exception 'rows of % cannot go: others refer to them', again;
        end if;
        waiting := again;
      end loop;
      delete from inquiries where tenant_slug = (select slug from tenants where id = which);
    end $$`,
  delete_tenant: `create or replace function delete_tenant(which text) returns text
      language plpgsql security definer set search_path = public as $$
    declare gone text; begin
      select id into gone from tenants where slug = which;
      perform erase_tenant(gone, '{}');
      delete from tenants where id = gone;
      return gone;
    end $$`,
  tenants_of_staff: `create or replace function tenants_of_staff(person text) returns table (
      tenant_id text, slug text, name text, state text, created_at timestamptz, members bigint, models bigint,
      open_jobs bigint, rows_answered numeric) language sql security definer set search_path = public as $$
    select t.id, t.slug, t.name, t.state, t.created_at,
      (select count(*) from members m where m.tenant_id = t.id),
      (select count(*) from models o where o.tenant_id = t.id and o.state = 'ready' and o.checkpoint_step is null),
      (select count(*) from jobs j where j.tenant_id = t.id
        and j.state in ('validating_files', 'queued', 'running', 'paused')),
      (select coalesce(sum(u.quantity), 0) from usage_events u where u.tenant_id = t.id and u.meter = 'inference.row')
    from tenants t join staff s on s.user_id = person
    where s.role = 'operator' or exists
      (select 1 from assignments a where a.tenant_id = t.id and a.staff_id = person)
    order by t.name $$`,
  customer_of_staff: `create or replace function customer_of_staff(person text, which text) returns table (
      tenant_id text, slug text, name text, state text) language sql security definer set search_path = public as $$
    select t.id, t.slug, t.name, t.state from tenants t join staff s on s.user_id = person
    where t.slug = which and (s.role = 'operator' or exists
      (select 1 from assignments a where a.tenant_id = t.id and a.staff_id = person)) $$`,
  projects_of_staff: `create or replace function projects_of_staff(person text) returns table (
      slug text, customer text, project_id text, title text, state text, owner text, created_at timestamptz,
      quote_state text, quote_net text, currency text, valid_until date, milestone text, milestone_state text,
      due_on date, milestones bigint, waiting_since timestamptz) language sql security definer set search_path = public as $$
    select t.slug, t.name, p.id, p.title, p.state, u.name, p.created_at,
      q.state, q.document->>'net', q.currency, q.valid_until, m.title, m.state, m.due_on,
      (select count(*) from milestones n where n.tenant_id = t.id and n.project_id = p.id), last.waiting_since
    from tenants t join staff s on s.user_id = person join projects p on p.tenant_id = t.id
    left join users u on u.id = p.owner_staff_id
    left join lateral (select * from quotes q where q.tenant_id = t.id and q.project_id = p.id
      and q.state <> 'withdrawn' order by q.state = 'accepted' desc, q.version desc limit 1) q on true
    left join lateral (select * from milestones m where m.tenant_id = t.id and m.project_id = p.id
      and m.state not in ('accepted', 'waived', 'invoiced', 'cancelled') order by m.due_on limit 1) m on true
    -- The customer's last word, where nobody of ours has spoken since.
    left join lateral (select case when exists (select 1 from staff f where f.user_id = e.actor) then null
        else e.created_at end as waiting_since from project_events e
      where e.tenant_id = t.id and e.project_id = p.id and not e.is_internal
        and e.kind in ('comment', 'project.inquiry', 'quote.sent', 'project.taken', 'quote.declined')
      order by e.seq desc limit 1) last on true
    where t.state <> 'closed' and (s.role = 'operator' or exists
      (select 1 from assignments a where a.tenant_id = t.id and a.staff_id = person))
    order by p.created_at desc $$`,
  overdue_invoices: `create or replace function overdue_invoices(today date) returns table (tenant_id text, id text)
      language sql security definer set search_path = public as $$
    select i.tenant_id, i.id from invoices i where i.state in ('issued', 'part_paid') and i.due_on < today
    order by i.due_on, i.id $$`,
  projects_due: `create or replace function projects_due(today date, instant timestamptz) returns table (
      kind text, tenant_id text, id text) language sql security definer set search_path = public as $$
    select 'quote', q.tenant_id, q.id from quotes q where q.state = 'sent' and q.valid_until < today
    union all select 'review', m.tenant_id, m.id from milestones m
      where m.state = 'passed' and m.review_ends_at < instant + interval '30 days' $$`,
  assign_staff: `create or replace function assign_staff(which text, person text) returns integer
      language sql security definer set search_path = public as $$
    with done as (insert into assignments (tenant_id, staff_id) select id, person from tenants where slug = which
      on conflict do nothing returning 1) select count(*)::integer from done $$`,
  invitation_by_token: `create or replace function invitation_by_token(wanted text) returns table (
      tenant_id text, slug text, tenant_name text, id text, email text, role text)
      language sql security definer set search_path = public as $$
    select i.tenant_id, t.slug, t.name, i.id, i.email, i.role from invitations i join tenants t on t.id = i.tenant_id
    where i.token_hash = wanted and i.accepted_at is null and i.expires_at > now() and t.state <> 'closed' $$`,
  admit_jobs: `create or replace function admit_jobs(room integer) returns table (tenant_id text, job_id text)
      language plpgsql security definer set search_path = public as $$
    begin
      -- One admission at a time: two workers must not both see the same free place.
      perform pg_advisory_xact_lock(hashtext('graft.admit'));
      return query
        with busy as (
          select j.tenant_id as tenant, count(*) as held from jobs j
          where j.state = 'running' or (j.state = 'queued' and j.enqueued_at is not null) group by j.tenant_id),
        waiting as (
          select j.tenant_id as tenant, j.id as job, j.created_at,
            row_number() over (partition by j.tenant_id order by j.created_at) + coalesce(b.held, 0) as turn
          from jobs j join tenants t on t.id = j.tenant_id left join busy b on b.tenant = j.tenant_id
          where j.state = 'queued' and j.enqueued_at is null and t.state = 'active'),
        chosen as (
          select w.tenant, w.job from waiting w order by w.turn, w.created_at
          limit greatest(0, room - (select coalesce(sum(held), 0) from busy)::integer))
        update jobs j set enqueued_at = now() from chosen c where j.tenant_id = c.tenant and j.id = c.job
        returning j.tenant_id, j.id;
    end $$`,
  queue_position: `create or replace function queue_position(tenant text, job text) returns integer
      language sql security definer set search_path = public as $$
    select count(*)::integer from jobs j, jobs mine where mine.tenant_id = tenant and mine.id = job
      and j.state = 'queued' and j.created_at <= mine.created_at $$`,
  sweep_jobs: `create or replace function sweep_jobs(stale interval, lost interval) returns table (
      tenant_id text, job_id text, why text) language plpgsql security definer set search_path = public as $$
    begin
      -- A running job whose worker went silent waits again, and so does a pointer that the broker lost.
      return query update jobs j set state = 'queued', enqueued_at = null, heartbeat_at = null,
        crashes = crashes + 1
        where j.state = 'running' and j.heartbeat_at < now() - stale returning j.tenant_id, j.id, 'stalled'::text;
      return query update jobs j set enqueued_at = null
        where j.state = 'queued' and j.enqueued_at < now() - lost returning j.tenant_id, j.id, 'lost'::text;
    end $$`,
  unchecked: `create or replace function unchecked(older interval) returns table (
      kind text, tenant_id text, id text) language sql security definer set search_path = public as $$
    select 'file', f.tenant_id, f.id from files f where f.status = 'uploaded' and f.created_at < now() - older
    union all select 'version', v.tenant_id, v.id from dataset_versions v
      where v.status = 'checking' and v.created_at < now() - older
    union all select 'job', j.tenant_id, j.id from jobs j
      where j.state = 'validating_files' and j.created_at < now() - older
    union all select 'appraisal', a.tenant_id, a.version_id from appraisals a
      where a.state = 'running' and a.created_at < now() - older
    union all select 'labelling', l.tenant_id, l.id from labelling_sets l
      where l.status <> 'failed' and l.ranked_revision < l.revision and l.created_at < now() - older
    union all select 'acceptance', m.tenant_id, m.id from milestones m
      where m.state = 'submitted' and m.submitted_model_id is not null
    union all select 'deployment', j.tenant_id, j.id from jobs j
      where j.state = 'succeeded' and j.asked #>> '{graft,deployment}' is not null and j.effective -> 'deployment' is null
        and j.finished_at between now() - interval '1 day' and now() - older $$`,
  expired_files: `create or replace function expired_files() returns table (tenant_id text, id text)
      language sql security definer set search_path = public as $$
    select f.tenant_id, f.id from files f where f.expires_at < now() and not exists
      (select 1 from jobs j where j.tenant_id = f.tenant_id
        and j.state in ('validating_files', 'queued', 'running', 'paused')
        and f.id in (j.training_file_id, j.validation_file_id)) limit 100 $$`,
  days_to_seal: `create or replace function days_to_seal(last date) returns table (tenant_id text, day text)
      language sql security definer set search_path = public as $$
    select distinct t.id, to_char(h.hour at time zone 'UTC', 'YYYY-MM-DD') from tenants t
    cross join lateral (select max(d.day) as day from usage_days d where d.tenant_id = t.id) sealed
    join usage_hours h on h.tenant_id = t.id and h.hour < (last + 1)::timestamp at time zone 'UTC'
      and h.hour >= coalesce(sealed.day + 1, '-infinity'::date)::timestamp at time zone 'UTC'
    order by 1, 2 $$`,
  tenants_to_invoice: `create or replace function tenants_to_invoice(until timestamptz) returns table (tenant_id text)
      language sql security definer set search_path = public as $$
    select s.tenant_id from subscriptions s
    left join lateral (select max(p.ends_at) as closed from billing_periods p
      where p.tenant_id = s.tenant_id and p.subscription_id = s.id and p.closed_at is not null) done on true
    where s.starts_at < until and coalesce(done.closed, s.starts_at) < least(until, coalesce(s.ends_at, until))
    -- Who pays a retainer is looked at in every run: which months are due is arithmetic.
    union select q.tenant_id from quotes q join quote_lines l on l.tenant_id = q.tenant_id and l.quote_id = q.id
      where q.state = 'accepted' and l.kind = 'retainer'
    order by 1 $$`,
  plan_use: `create or replace function plan_use(instant timestamptz) returns table (
      price_sheet_id text, tenants bigint, billed_until timestamptz)
      language sql security definer set search_path = public as $$
    select s.price_sheet_id, count(distinct s.tenant_id) filter
        (where s.starts_at <= instant and (s.ends_at is null or s.ends_at > instant)),
      max(p.ends_at) filter (where p.closed_at is not null)
    from subscriptions s left join billing_periods p on p.tenant_id = s.tenant_id and p.subscription_id = s.id
    group by 1 $$`,
  revenue_lines: `create or replace function revenue_lines() returns table (
      month text, slug text, document text, line text, mode text, currency text, minor text)
      language sql security definer set search_path = public as $$
    with lines as (
      select i.issued_at, i.tenant_id, i.number, l.key, i.currency, l.amount_minor as minor
      from invoices i join invoice_lines l on l.tenant_id = i.tenant_id and l.invoice_id = i.id
      where i.state in ('issued', 'part_paid', 'paid')
      union all
      select n.issued_at, n.tenant_id, n.number, l.key, n.currency, -l.amount_minor
      from credit_notes n join credit_note_lines l on l.tenant_id = n.tenant_id and l.credit_note_id = n.id)
    select to_char(l.issued_at at time zone 'UTC', 'YYYY-MM'), t.slug, l.number, l.key,
      case when starts_with(l.key, 'prj_') then 'projects' when l.key like '%insight.report%' then 'insight'
        else 'calls' end, l.currency, l.minor::text
    from lines l join tenants t on t.id = l.tenant_id order by l.issued_at desc, l.number, l.key $$`,
  expired_uploads: `create or replace function expired_uploads() returns table (tenant_id text, id text)
      language sql security definer set search_path = public as $$
    select u.tenant_id, u.id from uploads u where u.state = 'pending' and u.expires_at < now() $$`,
  // The oldest that nobody works on, of an organisation of which no other is worked on.
  claim_batch: `create or replace function claim_batch(who text, hold interval) returns table (
      tenant_id text, id text) language sql security definer set search_path = public as $$
    with next as (select b.tenant_id, b.id from batches b
      where b.state in ('validating', 'in_progress', 'finalizing', 'cancelling')
        and (b.held_until is null or b.held_until < now())
        and not exists (select 1 from batches o where o.tenant_id = b.tenant_id and o.held_until > now()
          and o.id <> b.id)
      order by b.created_at limit 1 for update skip locked)
    update batches b set holder = who, held_until = now() + hold from next
      where b.tenant_id = next.tenant_id and b.id = next.id returning b.tenant_id, b.id $$`,
  // Whoever claims one has it alone for so long. `flying` names tenant and endpoint of each that the claimant has already:
  // neither gets more than its share, and tenants take turns.
  claim_deliveries: `create or replace function claim_deliveries(most integer, hold interval, flying text[],
      per_tenant integer, per_endpoint integer) returns table (tenant_id text, id text, endpoint_id text)
      language sql security definer set search_path = public as $$
    with busy as (select f.who, count(*) as n from unnest(flying) f(who) group by 1),
    waiting as (
      select d.tenant_id, d.endpoint_id, d.id, d.next_at, coalesce(b.n, 0)
          + row_number() over (partition by d.tenant_id, d.endpoint_id order by d.next_at, d.id) as of_endpoint
      from webhook_deliveries d join tenants t on t.id = d.tenant_id left join busy b on b.who = d.endpoint_id
      where d.state = 'pending' and d.next_at <= now() and t.state <> 'closed'),
    turns as (
      select w.*, coalesce(b.n, 0)
          + row_number() over (partition by w.tenant_id order by w.of_endpoint, w.next_at) as of_tenant
      from waiting w left join busy b on b.who = w.tenant_id where w.of_endpoint <= per_endpoint),
    due as (
      select d.tenant_id, d.id from webhook_deliveries d join turns t on t.tenant_id = d.tenant_id and t.id = d.id
      where t.of_tenant <= per_tenant and d.state = 'pending' and d.next_at <= now()
      order by t.of_tenant, t.next_at limit most for update of d skip locked)
    update webhook_deliveries d set next_at = now() + hold from due
      where d.tenant_id = due.tenant_id and d.id = due.id returning d.tenant_id, d.id, d.endpoint_id $$`,
  // What nobody needs any more, of all tenants at once.
  forget_old_calls: `create or replace function forget_old_calls() returns void
      language sql security definer set search_path = public as $$
    delete from idempotency_keys where created_at < now() - interval '24 hours';
    delete from webhook_events where created_at < now() - interval '30 days';
    delete from rate_windows where starts_at < now() - interval '5 minutes';
    delete from serve_processes where seen_at < now() - interval '1 hour' $$`,
  tenants_with_limits: `create or replace function tenants_with_limits() returns table (tenant_id text)
      language sql security definer set search_path = public as $$
    select b.tenant_id from budgets b union select r.tenant_id from row_limits r order by 1 $$`,
  tenant_of_payment: `create or replace function tenant_of_payment(of_provider text, wanted text) returns text
      language sql security definer set search_path = public as $$
    select p.tenant_id from payments p where p.provider = of_provider and p.provider_id = wanted $$`,
  fleet_counts: `create or replace function fleet_counts() returns table (state text, jobs bigint)
      language sql security definer set search_path = public as $$
    select j.state, count(*) from jobs j group by j.state $$`,
};

type Call = Record<string, unknown>;
/** Joins the platform transaction when one is given; a statement alone is one, and the functions are their owner's. */
const call = async <R extends Call>(query: ReturnType<typeof sql>, open?: Transaction): Promise<R[]> => {
  const { rows } = await (open ?? database()).execute(query);
  return rows as R[];
};

export interface TenantSettings {
  storePredictions?: boolean;
  requestsPerMinute?: number;
  tokensPerMinute?: number;
  /** After the last step of dunning. */
  callsRefused?: boolean;
}

export const modelVersions = (tenantId: string, idOrName: string) =>
  call<{ id: string; state: string; version: string; bytes: number }>(
    sql`select * from model_versions(${tenantId}, ${idOrName})`,
  );

/** As PostgreSQL writes it as JSON, by its columns' names; undefined when it is gone. */
export const modelRow = async (tenantId: string, id: string) =>
  (await call<{ stored: Record<string, unknown> }>(sql`select * from model_row(${tenantId}, ${id})`))[0]
    ?.stored;

export const keyByHash = async (hash: string) =>
  (
    await call<{
      tenant_id: string;
      slug: string;
      state: TenantState;
      tenant_settings: TenantSettings;
      key_id: string;
      scopes: string[];
      created_by: string | null;
      creator_role: Role | null;
      is_internal: boolean;
    }>(sql`select * from key_by_hash(${hash})`)
  )[0];

export const membershipsOf = (userId: string) =>
  call<{
    tenant_id: string;
    slug: string;
    name: string;
    state: TenantState;
    tenant_settings: TenantSettings;
    role: Role;
  }>(sql`select * from memberships_of(${userId})`);

export const insertTenant = (id: string, slug: string, name: string, ownerId: string, open?: Transaction) =>
  call(sql`select create_tenant(${id}, ${slug}, ${name}, ${ownerId})`, open);

/** A tenant without a member yet, in the transaction that goes on in it. */
export const insertProspect = (tx: Pick<TenantTx, "query">, id: string, slug: string, name: string) =>
  tx.query(sql`select create_prospect(${id}, ${slug}, ${name})`);

/** For the operator's command, which acts without a person. */
export const allTenants = () =>
  call<{
    tenant_id: string;
    slug: string;
    name: string;
    state: string;
    /** As PostgreSQL writes it: plain SQL has no column types here. */
    created_at: string;
    members: string;
  }>(sql`select * from all_tenants()`);

export const setTenantState = async (slug: string, state: "active" | "suspended" | "closed") =>
  Number((await call<{ n: number }>(sql`select set_tenant_state(${slug}, ${state}) as n`))[0]?.n) > 0;

export const expiredUploads = () =>
  call<{ tenant_id: string; id: string }>(sql`select * from expired_uploads()`);

export const claimBatch = async (holder: string, holdSeconds: number) =>
  (
    await call<{ tenant_id: string; id: string }>(
      sql`select * from claim_batch(${holder}, ${`${holdSeconds} seconds`}::interval)`,
    )
  )[0];

/** Of what is due as many as there is room for; `flying` are the ids of tenants and endpoints that are being sent to. */
export const claimDeliveries = (room: {
  most: number;
  perTenant: number;
  perEndpoint: number;
  holdSeconds: number;
  flying: readonly string[];
}) =>
  call<{ tenant_id: string; id: string; endpoint_id: string }>(
    sql`select * from claim_deliveries(${room.most}, ${`${room.holdSeconds} seconds`}::interval,
      ${sql.param(room.flying)}::text[], ${room.perTenant}, ${room.perEndpoint})`,
  );

export const forgetOldCalls = () => call(sql`select forget_old_calls()`);

export const tenantsWithLimits = async (): Promise<string[]> =>
  (await call<{ tenant_id: string }>(sql`select * from tenants_with_limits()`)).map((one) => one.tenant_id);

/** A provider that takes money back names its own payment and nobody of ours. */
export const tenantOfPayment = async (provider: "stripe", providerId: string) =>
  (await call<{ id: string | null }>(sql`select tenant_of_payment(${provider}, ${providerId}) as id`))[0]
    ?.id ?? null;

export const renameTenant = (tenantId: string, slug: string, name: string) =>
  call(sql`select rename_tenant(${tenantId}, ${slug}, ${name})`);

/** Removes a tenant's rows from every table but those. */
export const eraseTenant = (tenantId: string, kept: readonly string[]) =>
  call(sql`select erase_tenant(${tenantId}, ${sql.param(kept)}::text[])`);

/** The id of the tenant that is gone, or null when there was none. */
export const removeTenant = async (slug: string) =>
  (await call<{ id: string | null }>(sql`select delete_tenant(${slug}) as id`))[0]?.id ?? null;

export const tenantsOfStaff = (userId: string) =>
  call<{
    tenant_id: string;
    slug: string;
    name: string;
    state: string;
    /** As PostgreSQL writes it: plain SQL has no column types here. */
    created_at: string;
    members: string;
    models: string;
    open_jobs: string;
    rows_answered: string;
  }>(sql`select * from tenants_of_staff(${userId})`);

/** One customer of a member of staff, without counting anything. */
export const customerOfStaff = async (userId: string, slug: string) =>
  (
    await call<{ tenant_id: string; slug: string; name: string; state: string }>(
      sql`select * from customer_of_staff(${userId}, ${slug})`,
    )
  )[0];

/** One row a project of the person's customers: what a list of them is derived from. Days as PostgreSQL writes them. */
export const projectsOfStaff = (userId: string) =>
  call<{
    slug: string;
    customer: string;
    project_id: string;
    title: string;
    state: string;
    owner: string | null;
    created_at: string;
    quote_state: string | null;
    quote_net: string | null;
    currency: string | null;
    valid_until: string | null;
    milestone: string | null;
    milestone_state: string | null;
    due_on: string | null;
    milestones: string;
    waiting_since: string | null;
  }>(sql`select slug, customer, project_id, title, state, owner, created_at, quote_state, quote_net, currency,
    valid_until::text, milestone, milestone_state, due_on::text, milestones, waiting_since from projects_of_staff(${userId})`);

/** Invoices whose due day is over, and that are not paid. */
export const overdueInvoices = (today: string) =>
  call<{ tenant_id: string; id: string }>(sql`select * from overdue_invoices(${today}::date)`);

/** Sent quotes whose last day is over, and milestones whose review is open and may need a word. */
export const projectsDue = (today: string, at: Date) =>
  call<{ kind: "quote" | "review"; tenant_id: string; id: string }>(
    sql`select * from projects_due(${today}::date, ${at.toISOString()}::timestamptz)`,
  );

export const assignStaff = async (slug: string, userId: string) =>
  Number((await call<{ n: number }>(sql`select assign_staff(${slug}, ${userId}) as n`))[0]?.n) > 0;

export const invitationByToken = async (hash: string) =>
  (
    await call<{
      tenant_id: string;
      slug: string;
      tenant_name: string;
      id: string;
      email: string;
      role: Role;
    }>(sql`select * from invitation_by_token(${hash})`)
  )[0];

/** Marks as many waiting jobs as there is room for; the caller hands their pointers to the broker. */
export const admitJobs = (room: number) =>
  call<{ tenant_id: string; job_id: string }>(sql`select * from admit_jobs(${room})`);

export const queuePosition = async (tenantId: string, jobId: string) =>
  Number((await call<{ n: number }>(sql`select queue_position(${tenantId}, ${jobId}) as n`))[0]?.n ?? 0);

export const sweepJobs = (staleMs: number, lostMs: number) =>
  call<{ tenant_id: string; job_id: string; why: "stalled" | "lost" }>(
    sql`select * from sweep_jobs(${`${staleMs} milliseconds`}::interval, ${`${lostMs} milliseconds`}::interval)`,
  );

export const uncheckedWork = (olderMs: number) =>
  call<{
    kind: "file" | "version" | "job" | "labelling" | "acceptance" | "appraisal" | "deployment";
    tenant_id: string;
    id: string;
  }>(sql`select * from unchecked(${`${olderMs} milliseconds`}::interval)`);

/** Files whose time is over, or whose deletion was cut off. */
export const expiredFiles = () => call<{ tenant_id: string; id: string }>(sql`select * from expired_files()`);

/** Days up to `last` that have usage and are not sealed, oldest first. */
export const daysToSeal = (last: string) =>
  call<{ tenant_id: string; day: string }>(sql`select * from days_to_seal(${last})`);

/** Tenants with time before an instant that no run has dealt with. */
export const tenantsToInvoice = async (until: Date) =>
  (await call<{ tenant_id: string }>(sql`select * from tenants_to_invoice(${until.toISOString()})`)).map(
    (row) => row.tenant_id,
  );

/** How many are on which prices at an instant, and from which day of UTC on no time at them is billed: no names. */
export const planUse = (at: Date) =>
  call<{ price_sheet_id: string; tenants: string; billed_until: string | null }>(
    sql`select price_sheet_id, tenants, to_char(
        billed_until at time zone 'UTC' + interval '1 day' - interval '1 microsecond', 'YYYY-MM-DD') as billed_until
      from plan_use(${at.toISOString()}::timestamptz)`,
  );

/** Every line of what was issued, credit notes with a minus; an invoice that will not be paid brings nothing. */
export const revenueLines = () =>
  call<{
    month: string;
    slug: string;
    document: string;
    line: string;
    mode: "calls" | "projects" | "insight";
    currency: string;
    minor: string;
  }>(sql`select * from revenue_lines()`);

export const fleetCounts = () => call<{ state: string; jobs: string }>(sql`select * from fleet_counts()`);
