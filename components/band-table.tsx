import { useFormatter, useTranslations } from "next-intl";
import { BAND_METRICS } from "@/lib/ml/appraisal";
import type { ScoreBand, ScoreForecast } from "@/lib/ml/report/score-band";

/** Score bands as pictures on one scale of 0 to 100 %, each beside its figures; a table by its markup. */
export function BandTable({ bands }: { bands: readonly ScoreBand[] }) {
  const t = useTranslations("readiness.band");
  const format = useFormatter();
  const percent = (share: number) => format.number(share, { style: "percent", maximumFractionDigits: 1 });
  const betweenOf = ({ low, high, value }: ScoreForecast) =>
    t("between", { low: percent(low), high: percent(high), value: percent(value) });
  return (
    <>
      <p className="text-ink-2 mt-1 text-sm">{t("forecast", { coverage: bands[0]?.coverage ?? 0 })}</p>
      {bands.map((band) => (
        <table key={band.rows} className="mt-3 w-full text-sm">
          <caption className="text-ink-3 pb-1 text-left text-xs">
            {t("rows", { rows: band.rows, testRows: band.testRows })}
          </caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">{t("metric")}</th>
              <th scope="col">{t("title")}</th>
            </tr>
          </thead>
          <tbody>
            {BAND_METRICS.map((metric) => (
              <tr key={metric}>
                <th scope="row" className="w-32 py-1 pr-3 text-left align-top font-normal">
                  {t(metric)}
                </th>
                <td className="py-1">
                  <Bar {...band[metric]} />
                  <p className="text-ink-2 mt-1 text-xs">{betweenOf(band[metric])}</p>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </>
  );
}

function Bar({ value, low, high }: ScoreForecast) {
  const at = (share: number) => `${100 * share}%`;
  return (
    <div aria-hidden className="bg-hover relative mt-1.5 h-3 rounded-xs">
      <div
        className="bg-chart-1 absolute h-full rounded-xs opacity-50"
        style={{ left: at(low), width: at(high - low) }}
      />
      <div className="bg-chart-1 absolute h-full w-0.5" style={{ left: at(value) }} />
    </div>
  );
}
