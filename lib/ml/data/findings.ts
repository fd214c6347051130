import type { Problem } from "../contract";

/** Every kind of finding about rows, with what a person can do about it. `error` rows are set aside. */

type Severity = Problem["severity"];

const KINDS: Record<string, readonly [Severity, string]> = {
  row_malformed: [
    "error",
    "The row cannot be taken apart: usually a quote that is never closed, or a line of more than a megabyte. Close the quote or double the quotes inside the text.",
  ],
  json_invalid: [
    "error",
    "The line is not valid JSON. Write one object a line, without a trailing comma and not as a list.",
  ],
  data_type: ["error", "The line, or one of its messages, is not a JSON object."],
  missing_messages_list: ["error", "The line has no `messages` list, or an empty one."],
  message_missing_key: ["error", "A message lacks `role` or `content`."],
  unrecognized_role: ["error", "A message's role is none of system, user, assistant and tool."],
  missing_content: ["error", "A message's `content` is not a text."],
  example_missing_assistant_message: [
    "error",
    "The example has no assistant message, so there is no answer to learn.",
  ],
  example_missing_user_message: [
    "error",
    "The example has no user message, so there is nothing to learn from.",
  ],
  message_unrecognized_key: ["warning", "A message has a key that is not part of the format; it is ignored."],
  field_nested: [
    "warning",
    "The line has a list or an object where a text or a number is expected; that field is ignored.",
  ],
  column_missing: ["error", "The row ends before the chosen column. Check its delimiters and quotes."],
  row_empty: ["error", "Every chosen column of the row is empty. Fill one in or remove the row."],
  text_empty: ["error", "The text is empty. Fill it in or remove the row."],
  label_empty: ["error", "The label is empty. Fill it in or remove the row."],
  labels_invalid: ["error", 'The list of labels cannot be read. Write it as JSON, as in ["one", "two"].'],
  tag_unknown: [
    "error",
    "A tag of the sentence is of no known scheme. Tags are `O`, `B-name` and `I-name`; BIOES and BILOU are read too.",
  ],
  spans_invalid: [
    "error",
    "The spans cannot be read. Write a list of objects with `start`, `end` and `label`; offsets count Unicode code points from zero, and `end` is exclusive.",
  ],
  span_outside: ["error", "A span ends outside of its text, or holds nothing. Check its offsets."],
  span_text_differs: [
    "error",
    "A span's `text` is not what stands at its offsets. Offsets count Unicode code points from zero, and `end` is exclusive.",
  ],
  spans_overlap: ["error", "Two spans of the text overlap. Keep one of them."],
  answer_empty: ["error", "The answer is empty. Fill it in or remove the row."],
  answer_not_in_context: [
    "error",
    "The answer does not stand in its context word for word. Answers are pieces of the context; copy it from there.",
  ],
  answer_elsewhere: [
    "error",
    "At `start` another text stands than the answer. `start` counts Unicode code points from zero; leave the column out to take the first place.",
  ],
  number_empty: ["error", "The number is empty. Fill it in or remove the row."],
  number_invalid: ["error", "This is no number. Write digits alone, without words or units."],
  encoding_broken: [
    "error",
    "Some characters could not be decoded. Save the file as UTF-8, or choose its encoding.",
  ],
  character_lost: [
    "warning",
    "A character of the text is lost: it was written as the replacement character, or is damaged in the file. The row is kept.",
  ],
  cells_extra: [
    "warning",
    "The row has filled cells beyond the named columns, often because of a delimiter inside the text. They are ignored; put such texts in quotes.",
  ],
  text_too_long: [
    "warning",
    "The text is longer than the pretrained base reads (about 1,500 characters). What comes after is used by the word statistics only.",
  ],
  control_character: ["warning", "The row contains control characters; each is read as a space."],
  duplicate_exact: [
    "warning",
    "The same text, or the same values, stand in an earlier row. Duplicates are kept, and never straddle training and test rows.",
  ],
  duplicate_near: ["warning", "The text differs from an earlier one in case, spaces or punctuation only."],
  label_conflict: [
    "warning",
    "The same text, or the same values, have different labels. Decide which label is right and correct the other rows, or add a column that tells them apart.",
  ],
  label_case_variant: [
    "warning",
    "Labels differ in case, spaces or punctuation only and count as different classes",
  ],
  label_corrected: ["info", "The label was corrected in Graft; the file says another one."],
  labelled_by_model: [
    "info",
    "The column labelled_by says that a model gave the label. The row teaches; nothing is ever measured on it.",
  ],
  label_unknown: ["warning", "The label does not occur in the training file, so no answer can be right."],
  class_small: [
    "warning",
    "Classes with fewer than 10 rows are learnt poorly and cannot be measured. Add rows",
  ],
  leakage: [
    "warning",
    "The text is also in the training file, so the measured quality is too good. Remove these rows from one of the two.",
  ],
};

const SHOWN_LINES = 100;

/** Counts per kind with the first lines of each; memory does not grow with the file. */
export function collectFindings() {
  const found = new Map<string, { count: number; lines: number[]; hint: string }>();
  function add(kind: string, line: number): void {
    const finding = found.get(kind) ?? { count: 0, lines: [], hint: KINDS[kind]?.[1] ?? kind };
    finding.count++;
    if (finding.lines.length < SHOWN_LINES) finding.lines.push(line);
    found.set(kind, finding);
  }
  return {
    add,
    count: (kind: string) => found.get(kind)?.count ?? 0,
    /** A finding about labels, made after all rows are known; the hint names them. */
    addGroup(kind: string, count: number, lines: readonly number[], detail: string): void {
      const first = [...lines].sort((a, b) => a - b).slice(0, SHOWN_LINES);
      found.set(kind, { count, lines: first, hint: `${KINDS[kind]?.[1] ?? kind}: ${detail}.` });
    },
    /** What set rows aside first, then by how many rows are concerned. */
    list(): Problem[] {
      const problems = [...found].map(([kind, { count, lines, hint }]) => ({
        kind,
        severity: KINDS[kind]?.[0] ?? ("info" as const),
        count,
        lines: lines.sort((a, b) => a - b),
        hint,
      }));
      const rank = (problem: Problem) => (problem.severity === "error" ? 0 : 1);
      return problems.sort((a, b) => rank(a) - rank(b) || b.count - a.count || (a.kind < b.kind ? -1 : 1));
    },
  };
}
export type Findings = ReturnType<typeof collectFindings>;
