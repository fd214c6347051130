import type { CheckReport } from "../contract";

export interface Refusal {
  code: string;
  message: string;
  param: string | null;
}

/** Fewer accepted rows teach nothing. */
const MIN_ROWS = 10;
/** Why a checked file cannot be trained on; null when it can. Broken files are refused before by exception. */
export function refuse(report: CheckReport, isOverflowing: boolean, isValidation: boolean): Refusal | null {
  const { accepted, rows, setAside, classes } = report;
  const because =
    setAside > 0 ? ` ${setAside} of ${rows} rows were set aside; see the list of problems.` : "";
  const distinct = classes.length;
  if (rows === 0)
    return { code: "header_missing", message: "The file has a header but no rows.", param: "file" };
  if (isValidation && accepted > 0) return null;
  if (accepted > 1 && distinct === 1)
    return {
      code: "one_class",
      message: `All rows have the same label, ${classes[0]?.label.slice(0, 80)}. Add rows of at least one other class.${because}`,
      param: "label",
    };
  if (accepted < MIN_ROWS)
    return {
      code: "rows_too_few",
      message: `There are ${accepted} usable rows; at least ${MIN_ROWS} are needed, and 20 or more a class to learn well.${because}`,
      param: "file",
    };
  if (isOverflowing || distinct > Math.max(2, accepted / 2))
    return {
      code: "labels_all_distinct",
      message:
        "The label column is different in nearly every row, so these look like texts to write rather than classes to choose. Choose another label column.",
      param: "label",
    };
  return null;
}
