import { getFormatter, getTranslations } from "next-intl/server";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { CodeBlock } from "@/components/code-block";
import { BASES } from "@/lib/ml/catalogue";
import type { Model } from "@/lib/models";
import { sizeText } from "../../size-text";

const PARTS = ["graph", "weights", "server", "parity"] as const;

/** In the archive the weights stand twice, for ONNX and as safetensors, and those of the base once. */
const archiveBytes = ({ sizeBytes, report }: Model) =>
  2 * sizeBytes + (Object.values(BASES).find(({ id }) => id === report.base?.id)?.weightsBytes ?? 0);

/** What a model looks like outside of the platform, and the way to it. */
export async function TakeAway({
  slug,
  model,
  mayExport,
}: {
  slug: string;
  model: Model;
  mayExport: boolean;
}) {
  const [t, format] = await Promise.all([getTranslations("insight.takeAway"), getFormatter()]);
  const href = `/v1/models/${encodeURIComponent(model.name)}/export?graft_tenant=${encodeURIComponent(slug)}`;
  return (
    <Card
      title={t("title")}
      description={t("text", { size: sizeText(archiveBytes(model), format) })}
      actions={
        mayExport && (
          <Button asChild variant="secondary" size="sm">
            <a href={href} download>
              {t("download")}
            </a>
          </Button>
        )
      }
    >
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <ul className="text-ink-2 grid gap-1 text-sm">
          {PARTS.map((part) => (
            <li key={part}>{t(`parts.${part}`)}</li>
          ))}
          {!mayExport && <li className="text-ink-3">{t("denied")}</li>}
        </ul>
        <CodeBlock
          language={t("terminal")}
          code={`unzip ${model.id}.zip -d model\ncd model && npm install && npm start`}
        />
      </div>
    </Card>
  );
}
