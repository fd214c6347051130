import { randomBytes } from "node:crypto";

/** Every id of the product carries one of these prefixes and sorts by time. The wire fixes some of them. */
const PREFIXES = {
  tenant: "ten_",
  user: "usr_",
  token: "tok_",
  session: "ses_",
  invitation: "inv_",
  inquiry: "inq_",
  assignment: "asg_",
  mail: "mail_",
  key: "key_",
  file: "file-",
  dataset: "ds_",
  version: "dsv_",
  labelling: "lab_",
  job: "ftjob-",
  event: "ftevent-",
  checkpoint: "ftckpt_",
  model: "mdl_",
  deployment: "dep_",
  change: "chg_",
  example: "exm_",
  usage: "use_",
  seller: "sel_",
  sheet: "prc_",
  subscription: "sub_",
  invoice: "ivc_",
  creditNote: "crn_",
  credit: "crd_",
  creditUse: "cru_",
  payment: "pay_",
  settlement: "stl_",
  reversal: "rev_",
  project: "prj_",
  note: "not_",
  attachment: "att_",
  grant: "grt_",
  time: "tim_",
  quote: "quo_",
  signature: "sig_",
  milestone: "mst_",
  acceptance: "acr_",
  remedy: "rem_",
  audit: "aud_",
  upload: "upload_",
  uploadPart: "part_",
  batch: "batch_",
  batchRequest: "batch_req_",
  webhook: "whe_",
  webhookEvent: "evt_",
  webhookDelivery: "whd_",
  worker: "wrk_",
  request: "req_",
  prediction: "pred_",
  chat: "chatcmpl-",
} as const;
export type IdKind = keyof typeof PREFIXES;

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** 10 characters of milliseconds and 16 random ones (Crockford base 32, as in the ULID specification). */
export function createId(kind: IdKind): string {
  let time = Date.now();
  let head = "";
  for (let i = 0; i < 10; i++) {
    head = ALPHABET.charAt(time % 32) + head;
    time = Math.floor(time / 32);
  }
  let tail = "";
  for (const byte of randomBytes(16)) tail += ALPHABET.charAt(byte & 31);
  return PREFIXES[kind] + (head + tail).toLowerCase();
}

/** An answer's id on the wire: of its usage event, so that what is said of it later finds what it was. */
export const predictionIdOf = (eventId: string, kind: "prediction" | "chat" = "prediction"): string =>
  PREFIXES[kind] + tailOf(eventId);

/** The ids that the event of such an answer may have: of its request, or of its idempotency key. */
export const eventIdsOf = (predictionId: string): string[] =>
  [PREFIXES.request, PREFIXES.usage].map((prefix) => prefix + tailOf(predictionId));

const tailOf = (id: string) => id.slice(Math.max(id.lastIndexOf("_"), id.lastIndexOf("-")) + 1);
