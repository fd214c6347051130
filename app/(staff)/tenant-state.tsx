import { useTranslations } from "next-intl";
import { Badge, type Tone } from "@/components/badge";

const TONES: Record<string, Tone> = {
  prospect: "info",
  active: "good",
  past_due: "warn",
  suspended: "bad",
  closed: "neutral",
};

export function TenantState({ state }: { state: string }) {
  const t = useTranslations("settings.staff.states");
  return <Badge tone={TONES[state] ?? "neutral"}>{t(state)}</Badge>;
}
