ALTER TABLE "credit_notes" ADD COLUMN "pdf_sha256" text;--> statement-breakpoint
ALTER TABLE "mails" ADD COLUMN "credit_note" jsonb;