import clsx from "clsx";
import { useFormatter, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "@/components/badge";
import { MarkedText } from "@/components/marked-text";
import type { Task } from "@/lib/ml/task";
import type { AnswerOutput } from "@/lib/ml/tasks/text-answers";
import type { LabelOutput } from "@/lib/ml/tasks/text-classification";
import type { SpansOutput } from "@/lib/ml/tasks/text-entities";
import type { SeveralLabelsOutput } from "@/lib/ml/tasks/text-multi-label";
import type { NumberOutput } from "@/lib/ml/tasks/text-number";
import type { Row } from "./row-fields";
import { Why } from "./why";

interface Props {
  slug: string;
  model: string;
  hasBase: boolean;
  view: Task["view"];
  row: Row;
  /** Whether a row's values mean nothing without the names of their columns. */
  isTable: boolean;
  /** In half of the page's width. */
  isNarrow: boolean;
  output: object;
  /** What people may say of it. */
  children?: ReactNode;
}

/** Views that show the row themselves, with the answer in it. */
const MARKED: readonly Task["view"][] = ["spans", "text"];

/** One answer beside its row, as the task's view shows it. */
export function Answer(props: Props) {
  const { row, isTable, isNarrow, children } = props;
  const named = typeof row === "string" ? [["", row] as const] : Object.entries(row);
  const texts = named.flatMap(([name, value]) =>
    value === null ? [] : isTable ? `${name}: ${value}` : String(value),
  );
  return (
    <li
      className={clsx("grid gap-4 rounded-lg border p-4", !isNarrow && "lg:grid-cols-2")}
      data-testid="answer"
    >
      {!MARKED.includes(props.view) && (
        <div
          className={`text-ink-2 text-sm break-words lg:col-span-full ${isTable ? "flex flex-wrap gap-x-4 gap-y-1" : "grid content-start gap-1"}`}
        >
          {texts.map((text, i) => (
            <p key={i}>{text}</p>
          ))}
        </div>
      )}
      <ByView {...props} texts={texts} />
      {children && <div className="border-t pt-3 lg:col-span-full">{children}</div>}
    </li>
  );
}

/** The route answers what the task's output schema says, and the view is of the same task. */
function ByView({ slug, model, hasBase, view, row, texts, output }: Props & { texts: readonly string[] }) {
  switch (view) {
    case "labels":
      return (
        <LabelAnswer output={output as LabelOutput}>
          <Why slug={slug} model={model} hasGradients={hasBase} row={row} />
        </LabelAnswer>
      );
    case "several":
      return (
        <SeveralAnswer output={output as SeveralLabelsOutput}>
          <Why slug={slug} model={model} row={row} />
        </SeveralAnswer>
      );
    case "number":
      return (
        <NumberAnswer output={output as NumberOutput}>
          <Why slug={slug} model={model} row={row} />
        </NumberAnswer>
      );
    case "spans":
      return <SpansAnswer text={texts[0] ?? ""} output={output as SpansOutput} />;
    case "text":
      return <TextAnswer texts={texts} output={output as AnswerOutput} />;
    default:
      return null;
  }
}

function LabelAnswer({ output, children }: { output: LabelOutput; children: ReactNode }) {
  const t = useTranslations("insight.console");
  return (
    <>
      <div className="min-w-0">
        <p className="mb-3 flex flex-wrap items-center gap-2">
          <span className="text-lg font-semibold break-words">{output.label}</span>
          {output.out_of_scope && <Badge tone="warn">{t("outOfScope")}</Badge>}
        </p>
        <Probabilities labels={output.labels} />
        {children}
      </div>
      {output.nearest && output.nearest.length > 0 && <Nearest rows={output.nearest} />}
    </>
  );
}

function SeveralAnswer({ output, children }: { output: SeveralLabelsOutput; children: ReactNode }) {
  const t = useTranslations("insight.console");
  const assigned = output.labels.filter((one) => one.assigned);
  return (
    <div className="min-w-0 lg:col-span-full">
      <p className="mb-3 flex flex-wrap items-center gap-2">
        {assigned.length === 0 && <span className="text-ink-3 text-sm">{t("noLabel")}</span>}
        {assigned.map(({ label }) => (
          <Badge key={label} tone="good">
            {label}
          </Badge>
        ))}
      </p>
      <Probabilities labels={output.labels} />
      {children}
    </div>
  );
}

function NumberAnswer({ output, children }: { output: NumberOutput; children: ReactNode }) {
  const t = useTranslations("insight.console");
  const format = useFormatter();
  const number = (one: number) => format.number(one, { maximumFractionDigits: 2 });
  const { value, level } = output;
  const { low, high, coverage } = output.interval;
  const said = {
    value: number(value),
    low: number(low),
    high: number(high),
    coverage: format.number(coverage, { style: "percent" }),
  };
  return (
    <div className="min-w-0 lg:col-span-full">
      <p>
        <span className="figures text-2xl font-semibold">{level ?? said.value}</span>{" "}
        <span className="text-ink-3 ml-2 text-sm">{t(level === undefined ? "interval" : "level", said)}</span>
      </p>
      {children}
    </div>
  );
}

/** The text itself with what was found in it; the answer's offsets are code points. */
function SpansAnswer({ text, output }: { text: string; output: SpansOutput }) {
  const t = useTranslations("insight.console");
  const percent = usePercent();
  const unitsBefore = unitsIn(text);
  return (
    <div className="min-w-0 text-sm lg:col-span-full">
      <MarkedText
        text={text}
        marks={output.spans.map(({ start, end, label, confidence }) => ({
          start: unitsBefore(start),
          end: unitsBefore(end),
          label: `${label} ${percent(confidence)}`,
          tone: "plain",
        }))}
      />
      {output.spans.length === 0 && <p className="text-ink-3 mt-2">{t("noSpans")}</p>}
    </div>
  );
}

/** UTF-16 units before a code point of a text, as pages count. */
function unitsIn(text: string): (point: number) => number {
  const points = [...text];
  return (point) => points.slice(0, point).join("").length;
}

/** The question, the answer, and the context with the place of the answer; the context is the row's last text. */
function TextAnswer({ texts, output }: { texts: readonly string[]; output: AnswerOutput }) {
  const percent = usePercent();
  const context = texts.at(-1) ?? "";
  const unitsBefore = unitsIn(context);
  const { text, start, end, confidence } = output;
  return (
    <div className="grid min-w-0 gap-2 text-sm lg:col-span-full">
      {texts.slice(0, -1).map((question) => (
        <p key={question} className="text-ink-2 break-words">
          {question}
        </p>
      ))}
      <p className="text-lg font-semibold break-words">{text}</p>
      <MarkedText
        text={context}
        marks={[
          { start: unitsBefore(start), end: unitsBefore(end), label: percent(confidence), tone: "plain" },
        ]}
      />
    </div>
  );
}

function Probabilities({ labels }: { labels: readonly { label: string; probability: number }[] }) {
  const t = useTranslations("insight.console");
  const percent = usePercent();
  return (
    <ul className="grid gap-1.5" aria-label={t("probabilities")}>
      {labels.map((one) => (
        <li key={one.label} className="grid grid-cols-[minmax(0,9rem)_1fr_3.5rem] items-center gap-3 text-sm">
          <span className="truncate" title={one.label}>
            {one.label}
          </span>
          <span aria-hidden className="bg-hover h-2 overflow-hidden rounded-full">
            <span className="bg-chart-1 block h-full" style={{ width: `${one.probability * 100}%` }} />
          </span>
          <span className="figures text-right">{percent(one.probability)}</span>
        </li>
      ))}
    </ul>
  );
}

function Nearest({ rows }: { rows: NonNullable<LabelOutput["nearest"]> }) {
  const t = useTranslations("insight.console");
  const percent = usePercent();
  return (
    <div className="min-w-0">
      <p className="text-ink-3 mb-2 text-xs font-medium">{t("nearest")}</p>
      <ul className="grid gap-2">
        {rows.map((row) => (
          <li key={row.line} className="bg-sunken rounded-md px-3 py-2 text-sm">
            <p className="break-words">{row.text}</p>
            <p className="text-ink-3 mt-1 flex flex-wrap gap-x-3 text-xs">
              <span className="text-ink-2 font-medium">{row.label}</span>
              <span className="figures">{t("similarity", { value: percent(row.similarity) })}</span>
              <span>{t("line", { line: row.line })}</span>
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function usePercent() {
  const format = useFormatter();
  return (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
}
