import { z } from "zod";
import { BATCH_STATES } from "@/db/schema/serving";
import { modelReportSchema } from "../ml/contract";
import { snakeShape } from "../snake-case";

/** What routes answer, for the document and the clients that are made of it. Unknown fields may be added at any time. */

const unix = z.number().int().describe("Unix seconds");
const id = z.string();
const metadata = z.record(z.string(), z.string()).nullable();

/** A page of one kind of things. */
export const listOf = (item: z.ZodType) =>
  z.looseObject({ object: z.literal("list"), data: z.array(item), has_more: z.boolean().optional() });
export const deleted = z.looseObject({ id, object: z.string(), deleted: z.literal(true) });

export const errorAnswer = z.object({
  error: z.object({
    message: z.string().describe("What is wrong and what to do"),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
  }),
});

export const file = z.looseObject({
  ...{
    id,
    object: z.literal("file"),
    bytes: z.number().int(),
    created_at: unix,
    expires_at: unix.nullable(),
  },
  ...{ filename: z.string(), purpose: z.string(), status: z.enum(["uploaded", "processed", "error"]) },
  status_details: z.string().nullable(),
  validation: z.record(z.string(), z.unknown()).nullable(),
});

export const upload = z.looseObject({
  ...{ id, object: z.literal("upload"), bytes: z.number().int(), created_at: unix, expires_at: unix },
  ...{ filename: z.string(), purpose: z.string() },
  status: z.enum(["pending", "completed", "cancelled", "expired"]),
  file: file.optional(),
});
export const uploadPart = z.looseObject({
  id,
  object: z.literal("upload.part"),
  created_at: unix,
  upload_id: id,
});

export const job = z.looseObject({
  ...{ object: z.literal("fine_tuning.job"), id, model: z.string(), created_at: unix },
  finished_at: unix.nullable(),
  fine_tuned_model: z.string().nullable(),
  status: z.enum(["validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"]),
  ...{ training_file: id.nullable(), validation_file: id.nullable(), metadata },
  error: z.object({ code: z.string(), message: z.string(), param: z.string().nullable() }).nullable(),
  graft: z.looseObject({
    task: z.string(),
    stage: z.string().nullable(),
    provisional_model: z.string().nullable(),
  }),
});
export const jobEvent = z.looseObject({
  ...{ object: z.literal("fine_tuning.job.event"), id, created_at: unix, message: z.string() },
  level: z.enum(["info", "warn", "error"]),
});
export const checkpoint = z.looseObject({
  ...{ object: z.literal("fine_tuning.job.checkpoint"), id, created_at: unix, step_number: z.number().int() },
  fine_tuned_model_checkpoint: z.string(),
});
export const estimate = z.looseObject({
  object: z.literal("fine_tuning.estimate"),
  price: z.object({ decimal: z.string(), currency: z.string() }).nullable(),
  promised_minutes: z.number().nullable(),
});

export const model = z.looseObject({
  ...{
    id,
    object: z.literal("model"),
    created: unix,
    owned_by: z.string(),
    shutdown_date: z.string().nullable(),
  },
  graft: z.looseObject({ task: z.string() }),
});

export const modelReport = z.looseObject({
  ...{ object: z.literal("model.report"), model: z.string(), created: unix },
  has_texts: z.boolean().describe("False where the key may not read files: then lists of rows are empty"),
  ...snakeShape(modelReportSchema),
});

/** Of answers under a deployment's name. */
const graft = z
  .looseObject({
    strength: z.number().optional().describe("Absent: the adapter counts as chosen out of fold"),
  })
  .optional();
const tokens = z.looseObject({ total_tokens: z.number().int() });
export const prediction = z.looseObject({
  ...{ id, object: z.literal("list"), model: z.string(), graft, created: unix },
  data: z
    .array(z.looseObject({ index: z.number().int() }))
    .describe("One entry a row, as the model's task answers"),
  usage: z.object({ inputs: z.number().int(), tokens: z.number().int() }),
});
export const chatCompletion = z.looseObject({
  ...{ id, object: z.literal("chat.completion"), created: unix, model: z.string(), graft, usage: tokens },
  choices: z.array(
    z.looseObject({
      index: z.number().int(),
      finish_reason: z.string(),
      message: z.looseObject({ role: z.literal("assistant"), content: z.string() }),
    }),
  ),
});
export const embeddings = z.looseObject({
  ...{ object: z.literal("list"), model: z.string(), graft, usage: tokens },
  data: z.array(
    z.looseObject({
      object: z.literal("embedding"),
      index: z.number().int(),
      embedding: z.union([z.array(z.number()), z.string()]),
    }),
  ),
});
export const classification = z.looseObject({
  id,
  classifications: z.array(
    z.looseObject({
      prediction: z.string().nullable(),
      predictions: z.array(z.string()),
      confidence: z.number().nullable(),
      labels: z.record(z.string(), z.object({ confidence: z.number() })),
    }),
  ),
});
export const feedbackEntry = z.looseObject({
  ...{
    id,
    object: z.literal("feedback"),
    created: unix,
    prediction: id,
    index: z.number().int(),
    model: z.string(),
  },
  ...{ correct: z.boolean(), label: z.string().nullable(), input: z.unknown() },
});

export const batch = z.looseObject({
  ...{ id, object: z.literal("batch"), endpoint: z.string(), input_file_id: id, created_at: unix, metadata },
  status: z.enum(BATCH_STATES),
  ...{ output_file_id: id.nullable(), error_file_id: id.nullable() },
  request_counts: z.object({
    total: z.number().int(),
    completed: z.number().int(),
    failed: z.number().int(),
  }),
});

const trial = z.looseObject({ model: z.string() });
export const deployment = z.looseObject({
  ...{ id, object: z.literal("deployment"), created: unix, task: z.string(), model: z.string() },
  strength: z.number().nullable().describe("Of the version's adapter; null: as chosen out of fold"),
  previous_model: z.string().nullable(),
  canary: trial.extend({ percent: z.number().int() }).nullable(),
  shadow: trial.nullable(),
});
export const deploymentChange = z.looseObject({
  ...{
    id,
    object: z.literal("deployment.change"),
    created: unix,
    kind: z.string(),
    model: z.string().nullable(),
  },
  percent: z.number().int().nullable(),
  strength: z.number().nullable(),
  forced: z.boolean(),
});
export const shadowReport = z.looseObject({
  ...{ object: z.literal("deployment.shadow_report"), model: z.string(), shadow: z.string() },
  ...{ rows: z.number().int(), same: z.number().int() },
  differences: z.array(z.object({ answered: z.string(), shadowed: z.string(), rows: z.number().int() })),
});
export const example = z.looseObject({
  ...{ id, object: z.literal("example"), created: unix, input: z.unknown(), expected: z.string() },
  tolerance: z.number().nullable(),
});
export const triedExample = example.extend({ answer: z.string(), passed: z.boolean() });

export const webhookEndpoint = z.looseObject({
  ...{ id, object: z.literal("webhook_endpoint"), created: unix, url: z.string(), description: z.string() },
  ...{ events: z.array(z.string()), enabled: z.boolean(), disabled_because: z.string().nullable() },
});
export const newWebhookEndpoint = webhookEndpoint.extend({ secret: z.string().describe("Shown here alone") });
export const webhookSecret = z.looseObject({ id, secret: z.string(), previous_valid_until: unix });
export const webhookDelivery = z.looseObject({
  ...{
    id,
    object: z.literal("webhook_delivery"),
    created: unix,
    event: id,
    type: z.string(),
    body: z.string(),
  },
  state: z.enum(["pending", "delivered", "failed"]),
});
export const webhookTest = z.looseObject({ id, sent: z.literal(true) });
export const webhookReplay = z.looseObject({ id, deliveries: z.number().int() });

export const usageDay = z.looseObject({
  ...{
    object: z.literal("usage.day"),
    day: z.string(),
    model: z.string(),
    meter: z.string(),
    route: z.string(),
  },
  ...{
    requests: z.number().int(),
    rows: z.number().int(),
    billable: z.number().int(),
    free: z.number().int(),
  },
});
