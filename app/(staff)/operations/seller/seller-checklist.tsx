import { Check, CircleAlert } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { wordsOf } from "@/lib/document-words";
import { SELLER_PARTS, type SellerPart } from "@/lib/first-steps";
import type { Locale } from "@/lib/locale";
import type { LegalEntity } from "@/lib/seller";

interface Props {
  seller: LegalEntity | null;
  series: readonly { kind: string; next: string }[];
  missing: readonly SellerPart[];
}

/** Each part with what it is, or with what waits for it. */
export function SellerChecklist({ seller, series, missing }: Props) {
  const t = useTranslations("operations.seller");
  const { rate } = wordsOf(useLocale() as Locale);
  const values = seller && valuesOf(seller, rate);
  return (
    <ul className="divide-y">
      {SELLER_PARTS.map((part) => {
        const isMissing = missing.includes(part);
        const Icon = isMissing ? CircleAlert : Check;
        return (
          <li key={part} className="flex gap-3 px-4 py-3 text-sm sm:px-5">
            <Icon
              aria-label={isMissing ? t("missing") : t("set")}
              className={`mt-0.5 size-4 shrink-0 ${isMissing ? "text-warn" : "text-good"}`}
            />
            <div className="min-w-0">
              <p className="font-medium">{t(`parts.${part}`)}</p>
              {values && <p className="break-words whitespace-pre-line">{values[part]}</p>}
              <p className="text-ink-3 text-xs">{t(`${isMissing ? "blocked" : "where"}.${part}`)}</p>
            </div>
          </li>
        );
      })}
      {series.length > 0 && (
        <li className="flex gap-3 px-4 py-3 text-sm sm:px-5">
          <Check aria-label={t("set")} className="text-good mt-0.5 size-4 shrink-0" />
          <div>
            <p className="font-medium">{t("numbers")}</p>
            <p>{series.map(({ next }) => next).join(" · ")}</p>
            <p className="text-ink-3 text-xs">{t("numbersText")}</p>
          </div>
        </li>
      )}
    </ul>
  );
}

const valuesOf = (
  seller: LegalEntity,
  rate: (basisPoints: number) => string,
): Record<SellerPart, string> => ({
  letterhead: [
    seller.name,
    ...seller.address.lines,
    `${seller.address.postcode} ${seller.address.city}`.trim(),
    seller.country,
  ].join("\n"),
  taxId: seller.taxId,
  iban: seller.iban.replaceAll(/(.{4})(?=.)/g, "$1 "),
  email: seller.email,
  timeZone: seller.timeZone,
  taxRates: Object.entries(seller.taxRates)
    .map(([code, basisPoints]) => `${code} ${rate(basisPoints)}`)
    .join(", "),
  termsVersion: seller.termsVersion,
});
