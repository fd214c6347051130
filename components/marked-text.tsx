/** A piece of a text to mark; offsets are UTF-16 units. */
export interface Mark {
  start: number;
  end: number;
  /** Said behind the piece. */
  label: string;
  tone: "plain" | "good" | "warn" | "bad";
}

const TONES: Record<Mark["tone"], string> = {
  plain: "bg-accent-soft decoration-accent",
  good: "bg-good-soft decoration-good",
  warn: "bg-warn-soft decoration-warn decoration-dashed",
  bad: "bg-bad-soft decoration-bad decoration-wavy",
};

/** A text with some of its pieces marked, each with its label behind it; of two that overlap the later begins at the end. */
export function MarkedText({ text, marks }: { text: string; marks: readonly Mark[] }) {
  let at = 0;
  const parts = marks
    .toSorted((a, b) => a.start - b.start || a.end - b.end)
    .map((mark) => {
      const [start, end] = [Math.max(at, mark.start), Math.max(at, mark.end)];
      const before = text.slice(at, start);
      at = end;
      return { mark, before, marked: text.slice(start, end) };
    });
  return (
    <p className="leading-7 break-words whitespace-pre-wrap">
      {parts.map(({ mark, before, marked }) => (
        <span key={`${mark.start} ${mark.end} ${mark.label}`}>
          {before}
          <mark
            className={`text-ink rounded-sm px-0.5 underline decoration-2 underline-offset-4 ${TONES[mark.tone]}`}
          >
            {marked}
            <span className="text-ink-3 ml-1 text-xs font-medium">{mark.label}</span>
          </mark>
        </span>
      ))}
      {text.slice(at)}
    </p>
  );
}
