import { z } from "zod";
import { priceField } from "./prices";

/** What a project is about and what was offered: the shapes that are stored, signed and printed. */

export const briefSchema = z.object({
  /** The judgement to automate, in the customer's words. */
  decision: z.string().trim().max(2000).optional(),
  rowsPerMonth: z.number().int().min(0).optional(),
  /** What a wrong answer costs, by the kind of error. */
  errorCosts: z.string().trim().max(2000).optional(),
  languages: z.array(z.string().trim().min(1).max(40)).max(20).optional(),
  deadline: z.iso.date().optional(),
  privacy: z.enum(["public", "internal", "personal", "sensitive"]).optional(),
});
export type Brief = z.infer<typeof briefSchema>;

/** What people write to each other: lines, but nothing that breaks logs and mails. */
export const textField = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .refine((text) => !text.includes("\0"), "must not hold null characters");
export const commentField = textField(5000);

const keyField = z.string().regex(/^[a-z0-9-]{1,40}$/, "must be of small letters, digits and hyphens");

/** When a milestone of measuring is passed: agreed and signed before anything is measured. */
export const acceptanceSchema = z.object({
  /** Of the frozen rows that it is measured on. */
  setSha256: z.string().regex(/^[0-9a-f]{64}$/),
  metric: z.enum(["accuracy", "macro_f1", "recall", "automation"]),
  /** The class of `recall`, or the share of wrong answers that `automation` accepts. */
  of: z.string().max(200).optional(),
  threshold: z.number().min(0).max(1),
  /** Whether the measured value has to reach it, or the lower end of its interval. */
  rule: z.enum(["point", "lower_bound"]),
  minRows: z.number().int().min(1),
  maxRuns: z.number().int().min(1).max(20).default(5),
  reviewDays: z.number().int().min(1).max(60).default(10),
});
export type Acceptance = z.infer<typeof acceptanceSchema>;

export const quoteLineSchema = z.object({
  key: keyField,
  kind: z.enum(["fixed", "time", "training", "retainer"]),
  title: z.string().trim().min(1).max(200),
  quantity: z.number().int().min(1).max(1_000_000),
  unit_decimal: priceField,
  discount_bp: z.number().int().min(0).max(10_000),
  milestone_key: keyField.nullable(),
});
export const milestoneSchema = z.object({
  key: keyField,
  title: z.string().trim().min(1).max(200),
  due_on: z.iso.date(),
  acceptance: acceptanceSchema.nullable(),
});

/** The bytes that are signed are the canonical form of this. */
export const quoteDocumentSchema = z.object({
  project: z.string(),
  version: z.number().int(),
  currency: z.string(),
  valid_until: z.iso.date(),
  terms_version: z.string(),
  seller: z.string(),
  buyer: z.string(),
  lines: z.array(quoteLineSchema.extend({ amount: z.string() })),
  milestones: z.array(milestoneSchema),
  net: z.string(),
  /** What is a forecast, and promised by nobody: between which scores the model is expected, and from what. */
  band: z.object({ metric: z.string(), low: z.number(), high: z.number(), basis: z.string() }).nullable(),
});
export type QuoteDocument = z.infer<typeof quoteDocumentSchema>;

/** How a missed milestone ends by agreement; the bytes that are signed are the canonical form of this. */
export interface RemedyDocument {
  project: string;
  milestone: { id: string; title: string };
  /** `reduction`: taken for less. `ending`: given up, and of the deposit so much is credited. */
  kind: "reduction" | "ending";
  words: string;
  currency: string;
  /** Of each line before tax: what is open of it, and what is taken off. An ending takes off lines of invoices. */
  lines: {
    key: string;
    title: string;
    invoice: { id: string; number: string } | null;
    open: string;
    off: string;
  }[];
  off: string;
}
