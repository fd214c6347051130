CREATE TABLE "batches" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"endpoint" text NOT NULL,
	"input_file_id" text NOT NULL,
	"table" jsonb,
	"state" text NOT NULL,
	"metadata" jsonb,
	"errors" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"completed" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"times" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"output_file_id" text,
	"error_file_id" text,
	"holder" text,
	"held_until" timestamp with time zone,
	"key_id" text,
	"user_id" text,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "batches_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "budget_leases" ADD COLUMN "meter" text DEFAULT 'inference.row' NOT NULL;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "batches_open" ON "batches" USING btree ("state","created_at");