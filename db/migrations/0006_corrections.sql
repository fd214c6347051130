CREATE TABLE "corrections" (
	"tenant_id" text NOT NULL,
	"version_id" text NOT NULL,
	"line" integer NOT NULL,
	"given" text NOT NULL,
	"label" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "corrections_tenant_id_version_id_line_pk" PRIMARY KEY("tenant_id","version_id","line")
);
--> statement-breakpoint
ALTER TABLE "dataset_versions" ADD COLUMN "corrections" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "previous_model_id" text;--> statement-breakpoint
ALTER TABLE "corrections" ADD CONSTRAINT "corrections_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "corrections" ADD CONSTRAINT "corrections_tenant_id_version_id_dataset_versions_tenant_id_id_fk" FOREIGN KEY ("tenant_id","version_id") REFERENCES "public"."dataset_versions"("tenant_id","id") ON DELETE cascade ON UPDATE no action;