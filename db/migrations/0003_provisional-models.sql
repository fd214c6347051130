DROP INDEX "jobs_open";--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "promised_model_id" text;--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "checkpoint_step" integer;--> statement-breakpoint
CREATE INDEX "models_job" ON "models" USING btree ("tenant_id","job_id");--> statement-breakpoint
CREATE INDEX "jobs_open" ON "jobs" USING btree ("state","created_at") WHERE state in ('validating_files', 'queued', 'running', 'paused');