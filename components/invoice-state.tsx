import { useTranslations } from "next-intl";
import { Badge } from "./badge";

const TONES = {
  draft: "neutral",
  issued: "info",
  part_paid: "warn",
  paid: "good",
  uncollectible: "bad",
  discarded: "neutral",
} as const;

export function InvoiceState({ state }: { state: keyof typeof TONES }) {
  const t = useTranslations("billing.states");
  return <Badge tone={TONES[state]}>{t(state)}</Badge>;
}
