CREATE TABLE "usage_days" (
	"tenant_id" text NOT NULL,
	"day" date NOT NULL,
	"events" integer NOT NULL,
	"root" text NOT NULL,
	"previous" text NOT NULL,
	"chain" text NOT NULL,
	"signature" text NOT NULL,
	"public_key" text NOT NULL,
	"sealed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "usage_days_tenant_id_day_pk" PRIMARY KEY("tenant_id","day")
);
--> statement-breakpoint
CREATE TABLE "usage_hours" (
	"tenant_id" text NOT NULL,
	"hour" timestamp with time zone NOT NULL,
	"meter" text NOT NULL,
	"model" text NOT NULL,
	"key_id" text NOT NULL,
	"route" text NOT NULL,
	"reason" text NOT NULL,
	"late_month" text NOT NULL,
	"events" integer NOT NULL,
	"quantity" numeric(20, 0) NOT NULL,
	"tokens" bigint NOT NULL,
	"fixed_decimal" numeric(27, 12) NOT NULL,
	CONSTRAINT "usage_hours_tenant_id_hour_meter_model_key_id_route_reason_late_month_pk" PRIMARY KEY("tenant_id","hour","meter","model","key_id","route","reason","late_month")
);
--> statement-breakpoint
DROP INDEX "usage_events_day";--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "fixed_decimal" numeric(27, 12);--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "claimed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "usage_events" ADD COLUMN "counted_at" timestamp with time zone;--> statement-breakpoint
UPDATE "usage_events" SET "counted_at" = "occurred_at";--> statement-breakpoint
ALTER TABLE "usage_events" ALTER COLUMN "counted_at" SET NOT NULL;--> statement-breakpoint
INSERT INTO "usage_hours" SELECT tenant_id, date_trunc('hour', counted_at, 'UTC'), meter, model, coalesce(key_id, ''), route, coalesce(reason, ''), '', count(*), sum(quantity), sum(tokens), 0 FROM "usage_events" GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;--> statement-breakpoint
ALTER TABLE "usage_days" ADD CONSTRAINT "usage_days_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "usage_hours" ADD CONSTRAINT "usage_hours_tenant_id_tenants_id_fk" FOREIGN KEY ("tenant_id") REFERENCES "public"."tenants"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "usage_events_counted" ON "usage_events" USING btree ("tenant_id","counted_at",id collate "C");--> statement-breakpoint
ALTER TABLE "usage_events" ADD CONSTRAINT "usage_events_quantity" CHECK ("usage_events"."quantity" >= 0);