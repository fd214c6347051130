import type { LabellingProposal, TrainingProposal } from "@/lib/quote-proposals";
import type { Acceptance, QuoteDocument } from "@/lib/scope";

/** What stands in the fields of a quote that is being written: texts, until they are sent. */

export interface LineDraft {
  key: string;
  title: string;
  kind: QuoteDocument["lines"][number]["kind"];
  quantity: string;
  unit: string;
  /** Percent. */
  discount: string;
  /** Key of a milestone; empty: with the signature. */
  milestone: string;
  /** What the line was computed from, where it was; it may be changed all the same. */
  computed?: Proposal;
}
export type Proposal = LabellingProposal | TrainingProposal;
export interface MilestoneDraft {
  key: string;
  title: string;
  dueOn: string;
  /** Hash of the rows that it is measured on; empty: nothing is measured. */
  set: string;
  metric: Acceptance["metric"];
  of: string;
  /** Percent. */
  threshold: string;
  rule: Acceptance["rule"];
  minRows: string;
  maxRuns: string;
  reviewDays: string;
}

const newKey = (word: string) => `${word}-${Math.random().toString(36).slice(2, 8)}`;

export const newLine = (): LineDraft => ({
  key: newKey("line"),
  ...{ title: "", kind: "fixed", quantity: "1", unit: "", discount: "0", milestone: "" },
});

export const newMilestone = (): MilestoneDraft => ({
  key: newKey("milestone"),
  ...{ title: "", dueOn: "", set: "", metric: "accuracy", of: "", threshold: "90", rule: "lower_bound" },
  ...{ minRows: "200", maxRuns: "5", reviewDays: "10" },
});

/** A proposal as a line, with the words that it has in the quote. */
export const lineOf = (computed: Proposal, title: string): LineDraft => ({
  ...newLine(),
  ...(computed.of === "training"
    ? { kind: "training", quantity: String(computed.runs), unit: computed.unit }
    : { kind: "fixed", quantity: String(computed.rows), unit: computed.rate.unitDecimal }),
  ...{ title, computed },
});

/** What the written milestones ask of a model, as far as it is a figure by now. */
export const aimsOf = (drafts: readonly MilestoneDraft[]) =>
  drafts.flatMap(({ set, metric, threshold, maxRuns }) => {
    const aim = { metric, threshold: Number(threshold) / 100, maxRuns: Math.floor(Number(maxRuns)) };
    return set !== "" && aim.threshold > 0 && aim.maxRuns > 0 ? [aim] : [];
  });

/** The version before as drafts, or the usual two lines of a first one: a deposit, and the model. */
export function draftsOf(document: QuoteDocument | null): {
  lines: LineDraft[];
  milestones: MilestoneDraft[];
} {
  if (!document) return { lines: [newLine()], milestones: [newMilestone()] };
  return {
    lines: document.lines.map((line) => ({
      ...{ key: line.key, title: line.title, kind: line.kind, unit: line.unit_decimal },
      quantity: String(line.quantity),
      discount: String(line.discount_bp / 100),
      milestone: line.milestone_key ?? "",
    })),
    milestones: document.milestones.map(({ key, title, due_on: dueOn, acceptance }) => ({
      ...newMilestone(),
      ...{ key, title, dueOn },
      ...(acceptance && {
        ...{
          set: acceptance.setSha256,
          metric: acceptance.metric,
          rule: acceptance.rule,
          of: acceptance.of ?? "",
        },
        threshold: String(Number((acceptance.threshold * 100).toFixed(4))),
        minRows: String(acceptance.minRows),
        maxRuns: String(acceptance.maxRuns),
        reviewDays: String(acceptance.reviewDays),
      }),
    })),
  };
}

/** As the route takes it. */
export function toQuote(lines: readonly LineDraft[], milestones: readonly MilestoneDraft[]) {
  return {
    lines: lines.map(({ key, title, kind, ...line }) => ({
      ...{ key, title, kind },
      quantity: Number(line.quantity),
      unit_decimal: line.unit.trim().replace(",", "."),
      discount_bp: Math.round(Number(line.discount) * 100),
      milestone_key: line.milestone === "" ? null : line.milestone,
    })),
    milestones: milestones.map(({ key, title, dueOn, set, ...one }) => ({
      ...{ key, title, due_on: dueOn },
      acceptance: set === "" ? null : { setSha256: set, ...acceptanceOf(one) },
    })),
  };
}

type Rule = Omit<MilestoneDraft, "key" | "title" | "dueOn" | "set">;
const acceptanceOf = ({ metric, of, threshold, rule, ...limits }: Rule) => ({
  metric,
  rule,
  ...(metric === "recall" || metric === "automation" ? { of } : {}),
  threshold: Number(threshold) / 100,
  minRows: Number(limits.minRows),
  maxRuns: Number(limits.maxRuns),
  reviewDays: Number(limits.reviewDays),
});
