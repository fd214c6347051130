import { toTags } from "../data/spans";
import type { SpansEvaluation } from "../evaluation";
import {
  decodeSpans,
  type FoundSpan,
  type PreparedTagger,
  type TagData,
  type Tagger,
} from "../recipes/tagger";
import { calibration } from "../report/metrics";
import { type JudgedText, spanDifference, spanF1, spanFigures } from "../report/span-metrics";
import type { SpanPlan } from "./text-entities.rows";
import type { Measure, Trial } from "./trials";

/** Texts with something wrong that a report shows. */
const SHOWN = 50;
const SHOWN_CHARACTERS = 2000;

export interface JudgedSpans extends JudgedText {
  row: number;
  found: FoundSpan[];
}
export const measure: Measure<JudgedSpans> = {
  metric: "span_f1",
  of: (judged) => spanF1(judged),
  difference: (one, other) => spanDifference(one, other),
};

/** A prepared recipe over the plan's rows. */
export function trialOf(prepared: PreparedTagger, data: TagData, plan: SpanPlan): Trial<Tagger, JudgedSpans> {
  return {
    ...prepared,
    fit(rows, options) {
      const tags = rows.map((row) =>
        Int32Array.from(
          toTags(data.texts[row]?.words.spans ?? [], plan.texts[row]?.spans ?? [], plan.labels),
        ),
      );
      return prepared.fit(rows, tags, plan.labels.length, options);
    },
    judge(tagger, rows) {
      const scores = prepared.scores(tagger, rows);
      return rows.flatMap((row, i) => {
        const [one, own] = [data.texts[row], plan.texts[row]];
        if (!one || !own) return [];
        const found = decodeSpans(one, scores[i] as Float32Array, tagger.transitions, plan.labels);
        return [{ row, gold: own.spans, found }];
      });
    },
    effective: () => prepared.effective?.() ?? {},
  };
}

/** Everything that a report says about what was found in texts that the model had not seen. */
export function evaluateSpans(
  kind: SpansEvaluation["kind"],
  judged: readonly JudgedSpans[],
  plan: SpanPlan,
): SpansEvaluation {
  const { precision, recall, perLabel } = spanFigures(judged, plan.labels);
  const answers = judged.flatMap(({ gold, found }) =>
    found.map((span) => ({ confidence: span.confidence, isRight: isIn(gold, span) })),
  );
  const wrong = judged
    .map(({ row, gold, found }) => {
      const { line = 0, text = "" } = plan.texts[row] ?? {};
      const spans = markSpans(gold, found);
      return { line, text, spans, errors: spans.filter(({ is }) => is !== "right").length };
    })
    .filter(({ errors, text }) => errors > 0 && text.length <= SHOWN_CHARACTERS)
    .sort((a, b) => b.errors - a.errors || a.line - b.line);
  return {
    measures: "spans",
    kind,
    n: judged.length,
    f1: spanF1(judged),
    precision,
    recall,
    perClass: perLabel,
    calibration: calibration(
      Float64Array.from(answers, ({ confidence }) => confidence),
      answers.map(({ isRight }) => isRight),
    ),
    worst: wrong.slice(0, SHOWN).map(({ line, text, spans }) => ({ line, text, spans })),
  };
}

type Place = { start: number; end: number; label: string };
const isIn = (spans: readonly Place[], { start, end, label }: Place) =>
  spans.some((one) => one.start === start && one.end === end && one.label === label);

/** Right, missed and wrong spans of a text, in UTF-16 units as a page needs them. */
function markSpans(
  gold: readonly Place[],
  found: readonly Place[],
): SpansEvaluation["worst"][number]["spans"] {
  const marked = (spans: readonly Place[], is: (span: Place) => "right" | "missed" | "wrong") =>
    spans.map((span) => ({ start: span.start, end: span.end, label: span.label, is: is(span) }));
  return [
    ...marked(gold, (span) => (isIn(found, span) ? "right" : "missed")),
    ...marked(
      found.filter((span) => !isIn(gold, span)),
      () => "wrong",
    ),
  ].sort((a, b) => a.start - b.start || a.end - b.end);
}
