import { useFormatter, useTranslations } from "next-intl";

interface Props {
  title: string;
  /** What a bar stands for: a class, a range of numbers. */
  of: string;
  bars: readonly { label: string; rows: number }[];
}

/** Bars of numbers of rows; a table by its markup, so it is read aloud as one. */
export function Bars({ title, of, bars }: Props) {
  const t = useTranslations("portal.report");
  const format = useFormatter();
  const most = bars.reduce((a, bar) => Math.max(a, bar.rows), 1);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="max-h-96 overflow-y-auto pr-1" tabIndex={0} aria-label={title}>
      <table className="w-full text-sm">
        <caption className="sr-only">{title}</caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">{of}</th>
            <th scope="col">{t("share")}</th>
            <th scope="col">{t("rows")}</th>
          </tr>
        </thead>
        <tbody>
          {bars.map((one) => (
            <tr key={one.label}>
              <th scope="row" className="max-w-40 truncate py-1 pr-3 text-left font-normal" title={one.label}>
                {one.label}
              </th>
              <td className="w-full py-1">
                <div
                  aria-hidden
                  className="bg-chart-1 h-3 rounded-xs"
                  style={{ width: `${Math.max(0.5, (one.rows / most) * 100)}%` }}
                />
              </td>
              <td className="figures py-1 pl-3 text-right">{format.number(one.rows)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
