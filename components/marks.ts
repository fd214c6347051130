/** A piece of a text to mark; offsets are UTF-16 units. */
export interface Mark {
  start: number;
  end: number;
  /** Said behind the piece. */
  label: string;
  tone: "plain" | "good" | "warn" | "bad";
}

export interface NestedMark extends Mark {
  within: NestedMark[];
}

/**
 * Marks in the order of the text, each with those that stand in it. Of two that only overlap the later begins where
 * the earlier ends.
 */
export function nestMarks(marks: readonly Mark[]): NestedMark[] {
  const nested: NestedMark[] = [];
  for (const mark of marks.toSorted((a, b) => a.start - b.start || b.end - a.end)) place(nested, mark);
  return nested;
}

function place(level: NestedMark[], mark: Mark): void {
  const around = level.find((one) => mark.start < one.end);
  if (!around) level.push({ ...mark, within: [] });
  else if (mark.end <= around.end) place(around.within, mark);
  else place(level, { ...mark, start: around.end });
}
