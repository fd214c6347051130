CREATE TABLE "deployment_changes" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"deployment_id" text NOT NULL,
	"kind" text NOT NULL,
	"model_id" text,
	"percent" integer,
	"is_forced" boolean DEFAULT false NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deployment_changes_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "deployments" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"name" text NOT NULL,
	"task" text NOT NULL,
	"model_id" text NOT NULL,
	"previous_model_id" text,
	"canary_model_id" text,
	"canary_percent" integer,
	"shadow_model_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "deployments_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "deployments_canary" CHECK (("deployments"."canary_model_id" is null) = ("deployments"."canary_percent" is null) and "deployments"."canary_percent" between 1 and 99)
);
--> statement-breakpoint
CREATE TABLE "feedback" (
	"tenant_id" text NOT NULL,
	"prediction_id" text NOT NULL,
	"index" integer NOT NULL,
	"model" text NOT NULL,
	"is_correct" boolean NOT NULL,
	"label" text,
	"input" jsonb,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "feedback_tenant_id_prediction_id_index_pk" PRIMARY KEY("tenant_id","prediction_id","index")
);
--> statement-breakpoint
CREATE TABLE "saved_examples" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"deployment_id" text NOT NULL,
	"input" jsonb NOT NULL,
	"expected" text NOT NULL,
	"tolerance" real,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "saved_examples_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "shadow_counts" (
	"tenant_id" text NOT NULL,
	"deployment_id" text NOT NULL,
	"model_id" text NOT NULL,
	"shadow_model_id" text NOT NULL,
	"answered" text NOT NULL,
	"shadowed" text NOT NULL,
	"is_same" boolean NOT NULL,
	"rows" bigint NOT NULL,
	CONSTRAINT "shadow_counts_tenant_id_deployment_id_model_id_shadow_model_id_answered_shadowed_is_same_pk" PRIMARY KEY("tenant_id","deployment_id","model_id","shadow_model_id","answered","shadowed","is_same")
);
--> statement-breakpoint
ALTER TABLE "deployment_changes" ADD CONSTRAINT "deployment_changes_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployment_changes" ADD CONSTRAINT "deployment_changes_tenant_id_deployment_id_deployments_tenant_id_id_fk" FOREIGN KEY ("tenant_id","deployment_id") REFERENCES "public"."deployments"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_tenant_id_model_id_models_tenant_id_id_fk" FOREIGN KEY ("tenant_id","model_id") REFERENCES "public"."models"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saved_examples" ADD CONSTRAINT "saved_examples_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saved_examples" ADD CONSTRAINT "saved_examples_tenant_id_deployment_id_deployments_tenant_id_id_fk" FOREIGN KEY ("tenant_id","deployment_id") REFERENCES "public"."deployments"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_counts" ADD CONSTRAINT "shadow_counts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_counts" ADD CONSTRAINT "shadow_counts_tenant_id_deployment_id_deployments_tenant_id_id_fk" FOREIGN KEY ("tenant_id","deployment_id") REFERENCES "public"."deployments"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "deployment_changes_of" ON "deployment_changes" USING btree ("tenant_id","deployment_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "deployments_name" ON "deployments" USING btree ("tenant_id","name");--> statement-breakpoint
CREATE INDEX "feedback_model" ON "feedback" USING btree ("tenant_id","model","created_at");