import type { Estimate } from "@/lib/ml/evaluation";

/** A proportion with its interval on a line from 0 to 1; the figure stands beside it for those who cannot see it. */
export function IntervalBar({ estimate, className = "w-24" }: { estimate: Estimate; className?: string }) {
  const { value, low, high } = estimate;
  return (
    <span aria-hidden className={`bg-hover relative inline-block h-1.5 rounded-full ${className}`}>
      <span
        className="bg-chart-1/45 absolute inset-y-0 rounded-full"
        style={{ left: `${low * 100}%`, width: `${Math.max(1, (high - low) * 100)}%` }}
      />
      <span
        className="bg-chart-1 absolute -inset-y-1 w-0.5 rounded-full"
        style={{ left: `${value * 100}%` }}
      />
    </span>
  );
}
