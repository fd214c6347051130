ALTER TABLE "user_tokens" ADD COLUMN "data" jsonb;--> statement-breakpoint
ALTER TABLE "user_tokens" ADD COLUMN "created_at" timestamp with time zone DEFAULT now() NOT NULL;