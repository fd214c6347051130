/** What customers can be told of. Names that OpenAI's clients know are theirs. */
export const EVENT_TYPES = [
  "fine_tuning.job.succeeded",
  "fine_tuning.job.failed",
  "fine_tuning.job.cancelled",
  "batch.completed",
  "batch.failed",
  "batch.expired",
  "batch.cancelled",
  "file.validated",
  "model.promoted",
  "invoice.issued",
  "usage.threshold_reached",
  "quote.accepted",
] as const;
export type EventType = (typeof EVENT_TYPES)[number];
