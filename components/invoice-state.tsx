import { useTranslations } from "next-intl";
import type { InvoiceStanding } from "@/lib/invoice-standing";
import { Badge, type Tone } from "./badge";

const TONES: Record<InvoiceStanding, Tone> = {
  draft: "neutral",
  issued: "info",
  part_paid: "warn",
  part_credited: "warn",
  part_paid_credited: "warn",
  paid: "good",
  paid_credited: "good",
  credited: "neutral",
  uncollectible: "bad",
  discarded: "neutral",
};

export function InvoiceState({ standing }: { standing: InvoiceStanding }) {
  const t = useTranslations("billing.states");
  return <Badge tone={TONES[standing]}>{t(standing)}</Badge>;
}
