CREATE TABLE "retainer_months" (
	"tenant_id" text NOT NULL,
	"project_id" text NOT NULL,
	"key" text NOT NULL,
	"month" text NOT NULL,
	"invoice_id" text NOT NULL,
	CONSTRAINT "retainer_months_tenant_id_project_id_key_month_pk" PRIMARY KEY("tenant_id","project_id","key","month")
);
--> statement-breakpoint
ALTER TABLE "milestones" ADD COLUMN "decided_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "ended_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "retainer_months" ADD CONSTRAINT "retainer_months_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "retainer_months" ADD CONSTRAINT "retainer_months_tenant_id_project_id_projects_tenant_id_id_fk" FOREIGN KEY ("tenant_id","project_id") REFERENCES "public"."projects"("tenant_id","id") ON DELETE cascade ON UPDATE no action;