import { useTranslations } from "next-intl";
import { Badge, type Tone } from "@/components/badge";
import { Card } from "@/components/card";
import { Time } from "@/components/time";
import type { deploymentHistory } from "@/lib/deployments";

type Change = Awaited<ReturnType<typeof deploymentHistory>>[number];
const TONES: Record<Change["kind"], Tone> = {
  created: "neutral",
  promoted: "good",
  rolled_back: "bad",
  canary: "warn",
  shadow: "info",
  strength: "info",
};

/** Who had which version answer, newest first. */
export function History({ changes }: { changes: readonly Change[] }) {
  const t = useTranslations("serving.history");
  return (
    <Card title={t("title")}>
      <ol className="grid gap-3">
        {changes.map((change) => (
          <li key={change.id} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
            <Badge tone={TONES[change.kind]}>{t(`kinds.${change.kind}`)}</Badge>
            <span className="min-w-0 flex-1 font-mono text-xs break-all">
              {change.modelName ?? t("ended")}
              {change.percent !== null && ` · ${change.percent} %`}
              {change.strength !== null && ` · ${t("strength", { strength: change.strength })}`}
              {change.kind === "strength" && change.strength === null && ` · ${t("asChosen")}`}
              {change.isForced && ` · ${t("forced")}`}
            </span>
            <span className="text-ink-3 basis-full text-xs sm:basis-auto">
              {change.by ?? t("somebody")} · <Time at={change.createdAt} />
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
