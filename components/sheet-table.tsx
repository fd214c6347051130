import { useLocale, useTranslations } from "next-intl";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import { METERS, type Meter, type PriceSheet } from "@/lib/price-sheet";
import type { Tiers } from "@/lib/prices";
import { LIMITS } from "./sheet-drafts";

/** A price sheet, or the part of one that a customer pays otherwise, as a table to read. */
export function SheetTable({ sheet, currency }: { sheet: Partial<PriceSheet>; currency: string }) {
  const t = useTranslations("billing.sheet");
  const meters = useTranslations("documents.meters");
  const { amount, number } = wordsOf(useLocale() as Locale);
  const priced = METERS.flatMap((meter) => {
    const prices = sheet.meters?.[meter];
    return prices ? [{ meter, ...prices }] : [];
  });
  const nameOf = (meter: Meter) => meters(meter.replace(".", "_") as Parameters<typeof meters>[0]);
  const count = (digits: string) => number(BigInt(digits));
  return (
    <table className="w-full text-sm">
      <tbody className="divide-y">
        {sheet.base !== undefined && (
          <Row name={t("base")} detail={t("perMonth")} price={amount(sheet.base, currency)} />
        )}
        {priced.flatMap(({ meter, included, tiers }) => [
          ...(included === "0"
            ? []
            : [
                <Row
                  key={`${meter} included`}
                  name={nameOf(meter)}
                  detail={t("includedUnits", { units: count(included) })}
                  price="–"
                />,
              ]),
          ...tiers.map(({ up_to, unit_decimal }, at) => (
            <Row
              key={`${meter} ${up_to}`}
              name={nameOf(meter)}
              detail={
                up_to === null
                  ? t("beyond", { from: count(floorOf(tiers, at)) })
                  : t("between", { from: count(floorOf(tiers, at)), to: count(up_to) })
              }
              price={t("each", { price: amount(unit_decimal, currency) })}
            />
          )),
        ])}
        {sheet.commitment && (
          <Row
            name={t("commitment")}
            detail={t("inMonths", { months: sheet.commitment.months })}
            price={amount(sheet.commitment.amount, currency)}
          />
        )}
        {LIMITS.map((limit) => {
          const most = sheet.limits?.[limit];
          return most === undefined ? null : (
            <Row key={limit} name={t(limit)} detail={t("atMost")} price={number(BigInt(most))} />
          );
        })}
      </tbody>
    </table>
  );
}

/** How many units come before a tier. */
const floorOf = (tiers: Tiers, at: number): string => (at === 0 ? "0" : (tiers[at - 1]?.up_to ?? "0"));

function Row({ name, detail, price }: { name: string; detail: string; price: string }) {
  return (
    <tr>
      <th scope="row" className="px-4 py-2 text-left font-medium sm:px-5">
        {name}
      </th>
      <td className="text-ink-2 px-2 py-2">{detail}</td>
      <td className="figures px-4 py-2 text-right sm:px-5">{price}</td>
    </tr>
  );
}
