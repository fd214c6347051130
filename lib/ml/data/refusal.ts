import type { CheckReport } from "../contract";

export interface Refusal {
  code: string;
  message: string;
  param: string | null;
}

/** Fewer accepted rows teach nothing. */
export const MIN_ROWS = 10;

/**
 * Why a checked file cannot be trained on; null when it can. Broken files are refused before by exception.
 * @param ofTargets what the targets say themselves
 */
export function refuse(
  report: CheckReport,
  isValidation: boolean,
  ofTargets: Refusal | null,
): Refusal | null {
  const { accepted, rows, setAside } = report;
  const because =
    setAside > 0 ? ` ${setAside} of ${rows} rows were set aside; see the list of problems.` : "";
  if (rows === 0)
    return { code: "header_missing", message: "The file has a header but no rows.", param: "file" };
  if (isValidation && accepted > 0) return null;
  if (ofTargets) return { ...ofTargets, message: ofTargets.message + because };
  if (accepted < MIN_ROWS)
    return {
      code: "rows_too_few",
      message: `There are ${accepted} usable rows; at least ${MIN_ROWS} are needed, and 20 or more a class to learn well.${because}`,
      param: "file",
    };
  return null;
}
