CREATE TABLE "limit_notices" (
	"tenant_id" text NOT NULL,
	"month" text NOT NULL,
	"scope" text NOT NULL,
	"subject" text NOT NULL,
	"kind" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "limit_notices_tenant_id_month_scope_subject_kind_pk" PRIMARY KEY("tenant_id","month","scope","subject","kind")
);
--> statement-breakpoint
CREATE TABLE "row_limits" (
	"tenant_id" text NOT NULL,
	"scope" text NOT NULL,
	"subject" text NOT NULL,
	"soft_rows" bigint,
	"hard_rows" bigint,
	"updated_by" text NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "row_limits_tenant_id_scope_subject_pk" PRIMARY KEY("tenant_id","scope","subject"),
	CONSTRAINT "row_limits_rows" CHECK ("row_limits"."soft_rows" >= 0 and "row_limits"."hard_rows" >= 0),
	CONSTRAINT "row_limits_any" CHECK (num_nonnulls("row_limits"."soft_rows", "row_limits"."hard_rows") > 0)
);
--> statement-breakpoint
ALTER TABLE "budgets" DROP CONSTRAINT "budgets_hard";--> statement-breakpoint
-- Leases live for a minute; whoever holds one asks for another.
DELETE FROM "budget_leases";--> statement-breakpoint
ALTER TABLE "budget_leases" DROP CONSTRAINT "budget_leases_tenant_id_holder_pk";--> statement-breakpoint
ALTER TABLE "budgets" ALTER COLUMN "hard_minor" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_leases" ADD COLUMN "scope" text NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_leases" ADD COLUMN "subject" text NOT NULL;--> statement-breakpoint
ALTER TABLE "budget_leases" ADD CONSTRAINT "budget_leases_tenant_id_scope_subject_holder_pk" PRIMARY KEY("tenant_id","scope","subject","holder");--> statement-breakpoint
ALTER TABLE "budgets" ADD COLUMN "soft_minor" bigint;--> statement-breakpoint
ALTER TABLE "limit_notices" ADD CONSTRAINT "limit_notices_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "row_limits" ADD CONSTRAINT "row_limits_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_amounts" CHECK ("budgets"."soft_minor" >= 0 and "budgets"."hard_minor" >= 0);--> statement-breakpoint
ALTER TABLE "budgets" ADD CONSTRAINT "budgets_any" CHECK (num_nonnulls("budgets"."soft_minor", "budgets"."hard_minor") > 0);