import { type Estimate, isShare } from "@/lib/ml/evaluation";
import { IntervalBar } from "./interval-bar";
import { useMetricText } from "./use-metric-text";

export function MetricText({ metric, value }: { metric: string; value: number }) {
  return useMetricText().textOf(metric, value);
}

/** A figure in a list of models of several tasks: with its metric's name, and its interval where it is a share. */
export function Measured({ metric, estimate }: { metric: string; estimate: Estimate }) {
  const { nameOf, textOf } = useMetricText();
  return (
    <span className="inline-flex items-center gap-3">
      {isShare(metric) && <IntervalBar estimate={estimate} />}
      <span>
        <span className="figures block font-medium">{textOf(metric, estimate.value)}</span>
        <span className="text-ink-3 block text-xs">{nameOf(metric)}</span>
      </span>
    </span>
  );
}
