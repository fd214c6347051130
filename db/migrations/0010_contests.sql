ALTER TABLE "acceptance_runs" ADD COLUMN "contest_of" text;--> statement-breakpoint
ALTER TABLE "acceptance_runs" ADD COLUMN "contested" jsonb;