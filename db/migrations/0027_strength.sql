ALTER TABLE "deployment_changes" ADD COLUMN "strength" double precision;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "strength" double precision;--> statement-breakpoint
ALTER TABLE "deployments" ADD COLUMN "previous_strength" double precision;--> statement-breakpoint
ALTER TABLE "deployments" ADD CONSTRAINT "deployments_strength" CHECK ("deployments"."strength" between 0 and 1 and "deployments"."previous_strength" between 0 and 1);