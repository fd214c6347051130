import type { ReactNode } from "react";

/** One figure with its name. Several of them stand in a grid, not in a `dl`, so each is readable alone. */
export function Stat({ label, value, hint }: { label: ReactNode; value: ReactNode; hint?: ReactNode }) {
  return (
    <div className="min-w-0">
      <p className="text-ink-3 text-xs font-medium">{label}</p>
      <p className="figures mt-0.5 text-2xl font-semibold break-words">{value}</p>
      {hint !== undefined && <p className="text-ink-3 mt-0.5 text-xs">{hint}</p>}
    </div>
  );
}
