import type { ReactNode } from "react";

export interface ProgressProps {
  /** 0 to 1; nothing while the amount is not known. */
  value?: number | null;
  label: string;
  hint?: ReactNode;
}

export function Progress({ value = null, label, hint }: ProgressProps) {
  const percent = value === null ? null : Math.round(Math.min(1, Math.max(0, value)) * 100);
  return (
    <div className="min-w-0">
      <div className="mb-1.5 flex items-baseline justify-between gap-3 text-xs">
        <span className="truncate font-medium">{label}</span>
        <span className="text-ink-3 figures shrink-0">
          {hint ?? (percent === null ? "" : `${percent} %`)}
        </span>
      </div>
      <div
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent ?? undefined}
        className="bg-hover h-1.5 overflow-hidden rounded-full"
      >
        <div
          className="bg-accent h-full rounded-full transition-[width] duration-300"
          style={{ width: percent === null ? "30%" : `${percent}%`, opacity: percent === null ? 0.45 : 1 }}
        />
      </div>
    </div>
  );
}
