import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { SheetTable } from "@/components/sheet-table";
import type { CustomerPlans } from "@/lib/customer-plans";
import { EndPlan } from "./end-plan";

interface Props {
  slug: string;
  plans: CustomerPlans;
  mayChange: boolean;
}

/** What the customer pays now, and every plan that they were on or will be on. */
export function PlanHistory({ slug, plans, mayChange }: Props) {
  const t = useTranslations("billing.subscription");
  const { current, currency, all } = plans;
  const open = all.find(({ endsAt }) => endsAt === null);
  return (
    <Card
      title={current ? t("current", { name: current.name }) : t("none")}
      description={currency === null ? t("needsProfile") : t("text")}
      actions={
        mayChange && (
          <>
            {open && <EndPlan slug={slug} id={open.id} name={open.name} />}
            {currency !== null && (
              <Button asChild variant="secondary">
                <Link href={`/desk/${slug}/billing/plan`}>{t("change")}</Link>
              </Button>
            )}
          </>
        )
      }
      isFlush
    >
      {current && currency && <SheetTable sheet={current.sheet} currency={currency} />}
      {all.length > 0 && (
        <div className="border-t">
          <DataTable
            rowKey="id"
            label={t("history")}
            rows={all.map(({ id, name, startsAt, endsAt, overrides }) => ({
              id,
              name,
              from: instant(startsAt),
              to: endsAt ? instant(endsAt) : t("open"),
              prices: {
                value: "",
                node: Object.keys(overrides).length > 0 ? <Badge tone="info">{t("own")}</Badge> : t("list"),
              },
            }))}
            columns={[
              { key: "name", header: t("plan") },
              { key: "from", header: t("from") },
              { key: "to", header: t("to") },
              { key: "prices", header: t("prices") },
            ]}
          />
        </div>
      )}
    </Card>
  );
}

/** In UTC, as invoices name periods: the day alone where one begins with it. */
const instant = (at: Date): string =>
  at.toISOString().replace("T00:00:00.000Z", "").slice(0, 16).replace("T", " ");
