import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { Stat } from "@/components/stat";
import { freeOfMonth } from "@/lib/usage";

/** What this month cost nothing, and why. */
export async function FreeCard({ tenantId, slug }: { tenantId: string; slug: string }) {
  const [free, t, format] = await Promise.all([
    freeOfMonth(tenantId),
    getTranslations("billing.free"),
    getFormatter(),
  ]);
  const nameOf = (reason: string) => (t.has(`reasons.${reason}`) ? t(`reasons.${reason}`) : reason);
  return (
    <Card title={t("title")} description={t("text")}>
      {free.length === 0 ? (
        <p className="text-ink-2 text-sm">{t("none")}</p>
      ) : (
        <div className="grid grid-cols-2 gap-5 pt-1 sm:grid-cols-3">
          {free.map(({ reason, quantity }) => (
            <Stat key={reason} label={nameOf(reason)} value={format.number(BigInt(quantity))} />
          ))}
        </div>
      )}
      <Link className="link mt-3 inline-block text-sm" href={`/${slug}/usage`}>
        {t("see")}
      </Link>
    </Card>
  );
}
