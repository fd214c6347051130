import { useTranslations } from "next-intl";
import { Badge, type Tone } from "@/components/badge";

const TONES: Record<string, Tone> = {
  uploaded: "info",
  processed: "good",
  error: "bad",
  checking: "info",
  preparing: "info",
  ready: "good",
  failed: "bad",
  validating_files: "info",
  queued: "warn",
  running: "info",
  paused: "warn",
  succeeded: "good",
  cancelled: "neutral",
};

/** A state of a file, version or job as a word of the reader's language. */
export function StateBadge({ state }: { state: string }) {
  const t = useTranslations("portal.states");
  return <Badge tone={TONES[state] ?? "neutral"}>{t(state as Parameters<typeof t>[0])}</Badge>;
}
