ALTER TABLE "invoices" ADD COLUMN "dunning_step" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "invoices" ADD COLUMN "dunned_on" date;