import { useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import type { Stage } from "@/lib/pipeline";

const TONES = {
  new: "info",
  scoping: "info",
  quoted: "warn",
  delivering: "neutral",
  review: "warn",
  delivered: "good",
  maintenance: "good",
  paused: "neutral",
  closed: "neutral",
  lost: "bad",
} as const;

export function StageBadge({ stage }: { stage: Stage }) {
  const t = useTranslations("projects.stages");
  return <Badge tone={TONES[stage]}>{t(stage)}</Badge>;
}
