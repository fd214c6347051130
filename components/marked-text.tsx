import { type Mark, type NestedMark, nestMarks } from "./marks";

const TONES: Record<Mark["tone"], string> = {
  plain: "bg-accent-soft decoration-accent",
  good: "bg-good-soft decoration-good",
  warn: "bg-warn-soft decoration-warn decoration-dashed",
  bad: "bg-bad-soft decoration-bad decoration-wavy",
};

/** A text with some of its pieces marked, each with its label behind it. */
export function MarkedText({ text, marks }: { text: string; marks: readonly Mark[] }) {
  return (
    <p className="leading-7 break-words whitespace-pre-wrap">
      <Stretch text={text} start={0} end={text.length} marks={nestMarks(marks)} />
    </p>
  );
}

interface StretchProps {
  text: string;
  start: number;
  end: number;
  marks: readonly NestedMark[];
}

function Stretch({ text, start, end, marks }: StretchProps) {
  const [first, ...later] = marks;
  if (!first) return text.slice(start, end);
  return (
    <>
      {text.slice(start, first.start)}
      <mark
        className={`text-ink rounded-sm px-0.5 underline decoration-2 underline-offset-4 ${TONES[first.tone]}`}
      >
        <Stretch text={text} start={first.start} end={first.end} marks={first.within} />
        <span className="text-ink-3 ml-1 text-xs font-medium">{first.label}</span>
      </mark>
      <Stretch text={text} start={first.end} end={end} marks={later} />
    </>
  );
}
