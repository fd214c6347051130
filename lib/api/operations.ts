import type { ZodType } from "zod";
import * as answers from "./answers";

/** Every operation of `/v1`: what it is called, what it does in a sentence, and what it answers. */
export interface Operation {
  /** Of clients' methods, in camel case. */
  name: string;
  summary: string;
  /** Null for what is no JSON. */
  answer: ZodType | null;
  /** Whether it answers a page of these. */
  isList?: boolean;
  /** A form instead of JSON: the field that holds the file, and the others. */
  form?: { file: string; fields: readonly string[] };
}

const op = (name: string, summary: string, answer: ZodType | null, form?: Operation["form"]): Operation => ({
  ...{ name, summary, answer },
  ...(form ? { form } : {}),
});
const list = (name: string, summary: string, answer: ZodType): Operation => ({
  ...{ name, summary, answer, isList: true },
});

/** What an operation's answer is read by. */
export const answerOf = ({ answer, isList }: Operation): ZodType | null =>
  answer && isList ? answers.listOf(answer) : answer;

export const OPERATIONS: Record<string, Operation> = {
  "GET /v1/files": list("listFiles", "Lists files, newest first.", answers.file),
  "POST /v1/files": op("createFile", "Uploads a file.", answers.file, { file: "file", fields: ["purpose"] }),
  "GET /v1/files/{id}": op("getFile", "A file, with what was found in it.", answers.file),
  "DELETE /v1/files/{id}": op("deleteFile", "Deletes a file and everything read from it.", answers.deleted),
  "GET /v1/files/{id}/content": op("getFileContent", "The bytes of a file.", null),
  "POST /v1/uploads": op("createUpload", "Begins a file that is sent in parts.", answers.upload),
  "POST /v1/uploads/{id}/parts": op("addUploadPart", "Sends a part of at most 64 MB.", answers.uploadPart, {
    file: "data",
    fields: [],
  }),
  "POST /v1/uploads/{id}/complete": op("completeUpload", "Puts the parts together.", answers.upload),
  "POST /v1/uploads/{id}/cancel": op("cancelUpload", "Drops the parts.", answers.upload),
  "GET /v1/fine_tuning/jobs": list("listJobs", "Lists trainings, newest first.", answers.job),
  "POST /v1/fine_tuning/jobs": op("createJob", "Orders a training.", answers.job),
  "POST /v1/fine_tuning/jobs/estimate": op(
    "estimateJob",
    "What an order would cost; nothing is started.",
    answers.estimate,
  ),
  "GET /v1/fine_tuning/jobs/{id}": op("getJob", "A training.", answers.job),
  "POST /v1/fine_tuning/jobs/{id}/cancel": op(
    "cancelJob",
    "Ends a training; nothing is charged.",
    answers.job,
  ),
  "POST /v1/fine_tuning/jobs/{id}/pause": op("pauseJob", "Makes room; it goes on where it was.", answers.job),
  "POST /v1/fine_tuning/jobs/{id}/resume": op("resumeJob", "Goes on with a paused training.", answers.job),
  "GET /v1/fine_tuning/jobs/{id}/events": list(
    "listJobEvents",
    "What happened in a training.",
    answers.jobEvent,
  ),
  "GET /v1/fine_tuning/jobs/{id}/checkpoints": list(
    "listJobCheckpoints",
    "Models that answer before the last one.",
    answers.checkpoint,
  ),
  "GET /v1/models": list("listModels", "Models and names that this key may ask.", answers.model),
  "POST /v1/models/import": op(
    "importModel",
    "Makes a model of a PEFT adapter for the same base.",
    answers.job,
    { file: "adapter", fields: [] },
  ),
  "GET /v1/models/{model}": op("getModel", "A model, or a name with its version.", answers.model),
  "DELETE /v1/models/{model}": op("deleteModel", "Deletes a model for good.", answers.deleted),
  "GET /v1/models/{model}/report": op(
    "getModelReport",
    "The whole report: every figure, setting and hash; rows' texts for keys that may read files.",
    answers.modelReport,
  ),
  "GET /v1/models/{model}/card": op("getModelCard", "The model card as Markdown.", null),
  "GET /v1/models/{model}/export": op("exportModel", "The model as a zip that runs elsewhere.", null),
  "POST /v1/predictions": op("predict", "Answers rows with calibrated probabilities.", answers.prediction),
  "POST /v1/predictions/file": op(
    "predictFile",
    "A spreadsheet in, the same with an answer in every row out.",
    null,
    { file: "file", fields: ["model", "format"] },
  ),
  "POST /v1/predictions/{id}/feedback": op(
    "giveFeedback",
    "Says whether an answer was right.",
    answers.feedbackEntry,
  ),
  "GET /v1/feedback": list(
    "listFeedback",
    "What people said of answers, newest first.",
    answers.feedbackEntry,
  ),
  "POST /v1/chat/completions": op(
    "createChatCompletion",
    "A model behind OpenAI's chat shape.",
    answers.chatCompletion,
  ),
  "POST /v1/embeddings": op(
    "createEmbeddings",
    "Unit vectors of texts, by a base or as a model reads them.",
    answers.embeddings,
  ),
  "POST /v1/classify": op("classify", "Labels in Cohere's shape.", answers.classification),
  "GET /v1/batches": list("listBatches", "Lists batches, newest first.", answers.batch),
  "POST /v1/batches": op("createBatch", "Orders many answers at once.", answers.batch),
  "GET /v1/batches/{id}": op("getBatch", "A batch with how far it is.", answers.batch),
  "POST /v1/batches/{id}/cancel": op(
    "cancelBatch",
    "Ends a batch; what is done is handed out.",
    answers.batch,
  ),
  "GET /v1/deployments": list(
    "listDeployments",
    "Lists names with the versions that answer.",
    answers.deployment,
  ),
  "POST /v1/deployments": op("createDeployment", "Gives a model a stable name.", answers.deployment),
  "GET /v1/deployments/{name}": op(
    "getDeployment",
    "A name with its version, canary and shadow.",
    answers.deployment,
  ),
  "PATCH /v1/deployments/{name}": op(
    "changeDeployment",
    "Sets how much the version's adapter counts; begins, changes or ends a canary or a shadow.",
    answers.deployment,
  ),
  "DELETE /v1/deployments/{name}": op("deleteDeployment", "Deletes a name; models stay.", answers.deleted),
  "POST /v1/deployments/{name}/promote": op(
    "promoteDeployment",
    "Has a version answer from the next call on.",
    answers.deployment,
  ),
  "POST /v1/deployments/{name}/rollback": op(
    "rollBackDeployment",
    "Has the version before answer again.",
    answers.deployment,
  ),
  "GET /v1/deployments/{name}/shadow": op(
    "getShadowReport",
    "Where the shadow says something else.",
    answers.shadowReport,
  ),
  "GET /v1/deployments/{name}/history": list(
    "getDeploymentHistory",
    "Who had which version answer.",
    answers.deploymentChange,
  ),
  "GET /v1/deployments/{name}/examples": list(
    "listExamples",
    "Questions with their right answers.",
    answers.example,
  ),
  "POST /v1/deployments/{name}/examples": op(
    "createExample",
    "Saves a question with its right answer.",
    answers.example,
  ),
  "DELETE /v1/deployments/{name}/examples/{id}": op(
    "deleteExample",
    "Removes a saved example.",
    answers.deleted,
  ),
  "POST /v1/deployments/{name}/examples/check": list(
    "checkExamples",
    "What a version answers to the examples.",
    answers.triedExample,
  ),
  "GET /v1/webhook_endpoints": list(
    "listWebhookEndpoints",
    "Lists where you are told of what happens.",
    answers.webhookEndpoint,
  ),
  "POST /v1/webhook_endpoints": op(
    "createWebhookEndpoint",
    "Adds an address; the secret is in this answer alone.",
    answers.newWebhookEndpoint,
  ),
  "GET /v1/webhook_endpoints/{id}": op("getWebhookEndpoint", "An endpoint.", answers.webhookEndpoint),
  "PATCH /v1/webhook_endpoints/{id}": op(
    "changeWebhookEndpoint",
    "Changes or enables an endpoint.",
    answers.webhookEndpoint,
  ),
  "DELETE /v1/webhook_endpoints/{id}": op("deleteWebhookEndpoint", "Deletes an endpoint.", answers.deleted),
  "POST /v1/webhook_endpoints/{id}/rotate": op(
    "rotateWebhookSecret",
    "A new secret; both sign for a day.",
    answers.webhookSecret,
  ),
  "POST /v1/webhook_endpoints/{id}/test": op(
    "testWebhookEndpoint",
    "Sends a test event.",
    answers.webhookTest,
  ),
  "POST /v1/webhook_endpoints/{id}/replay": op(
    "replayWebhooks",
    "Sends a delivery, or all that failed, again.",
    answers.webhookReplay,
  ),
  "GET /v1/webhook_endpoints/{id}/deliveries": list(
    "listWebhookDeliveries",
    "What was sent and how it was taken.",
    answers.webhookDelivery,
  ),
  "GET /v1/openapi.json": op("getDocument", "This document.", null),
  "GET /v1/usage": list("listUsage", "Requests and rows by day, model, key and route.", answers.usageDay),
  "GET /v1/usage/ledger": op(
    "getUsageLedger",
    "Sealed usage as NDJSON, to compute invoices again from.",
    null,
  ),
};
