CREATE TABLE "labelling_guesses" (
	"tenant_id" text NOT NULL,
	"set_id" text NOT NULL,
	"labels" integer[] NOT NULL,
	"confidences" real[] NOT NULL,
	CONSTRAINT "labelling_guesses_tenant_id_set_id_pk" PRIMARY KEY("tenant_id","set_id")
);
--> statement-breakpoint
CREATE TABLE "labelling_sets" (
	"tenant_id" text NOT NULL,
	"id" text NOT NULL,
	"name" text NOT NULL,
	"file_id" text NOT NULL,
	"reading" jsonb NOT NULL,
	"text_column" text NOT NULL,
	"label_column" text,
	"classes" jsonb NOT NULL,
	"status" text DEFAULT 'preparing' NOT NULL,
	"error_code" text,
	"error_message" text,
	"drawn" jsonb,
	"revision" integer DEFAULT 0 NOT NULL,
	"ranked_revision" integer DEFAULT -1 NOT NULL,
	"progress" jsonb,
	"temperature" real DEFAULT 1 NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "labelling_sets_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
CREATE TABLE "labelling_texts" (
	"tenant_id" text NOT NULL,
	"set_id" text NOT NULL,
	"place" integer NOT NULL,
	"text" text NOT NULL,
	"line" integer NOT NULL,
	"copies" integer NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"label" integer,
	"answered_by" text,
	"answered_at" timestamp with time zone,
	"held_by" text,
	"held_until" timestamp with time zone,
	"rank" integer,
	"guesses" jsonb,
	CONSTRAINT "labelling_texts_tenant_id_set_id_place_pk" PRIMARY KEY("tenant_id","set_id","place")
);
--> statement-breakpoint
ALTER TABLE "labelling_guesses" ADD CONSTRAINT "labelling_guesses_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labelling_guesses" ADD CONSTRAINT "labelling_guesses_tenant_id_set_id_labelling_sets_tenant_id_id_fk" FOREIGN KEY ("tenant_id","set_id") REFERENCES "public"."labelling_sets"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labelling_sets" ADD CONSTRAINT "labelling_sets_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labelling_sets" ADD CONSTRAINT "labelling_sets_tenant_id_file_id_files_tenant_id_id_fk" FOREIGN KEY ("tenant_id","file_id") REFERENCES "public"."files"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labelling_texts" ADD CONSTRAINT "labelling_texts_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "labelling_texts" ADD CONSTRAINT "labelling_texts_tenant_id_set_id_labelling_sets_tenant_id_id_fk" FOREIGN KEY ("tenant_id","set_id") REFERENCES "public"."labelling_sets"("tenant_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "labelling_texts_open" ON "labelling_texts" USING btree ("tenant_id","set_id","state","rank");