import { useFormatter, useTranslations } from "next-intl";
import { Card } from "@/components/card";
import type { LearningCurve as Curve } from "@/lib/ml/contract";
import { goalsOf } from "./curve-goals";

/** Whether more rows would help, how much, and for which classes. */
export function LearningCurve({ curve }: { curve: Curve }) {
  const t = useTranslations("insight.learningCurve");
  const format = useFormatter();
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
  if (curve.status === "refused")
    return (
      <Card title={t("title")} description={t("text")}>
        <p className="text-ink-2 mb-3 text-sm">{t(`refused.${curve.reason}`)}</p>
        <Measured recipe={curve.of} />
        {curve.points.length > 1 && <Plot points={curve.points} />}
      </Card>
    );
  const { now, twice, classes } = curve;
  const goals = goalsOf(curve);
  return (
    <Card title={t("title")} description={t("text")}>
      <div className="grid items-start gap-6 lg:grid-cols-2">
        <div className="min-w-0">
          <p className="mb-3 text-sm">
            {t.rich("forecast", {
              more: twice.rows - now.rows,
              accuracy: percent(twice.accuracy),
              low: percent(twice.low),
              high: percent(twice.high),
              now: percent(now.accuracy),
              b: (chunks) => <strong className="font-semibold">{chunks}</strong>,
            })}
          </p>
          {goals.length > 0 && (
            <ul className="text-ink-2 mb-3 space-y-1 text-sm">
              {goals.map(({ accuracy, more, least, most }) => (
                <li key={accuracy}>
                  {t(most === null ? "goalAtLeast" : "goal", {
                    accuracy: percent(accuracy),
                    more,
                    least,
                    most: most ?? 0,
                  })}
                </li>
              ))}
            </ul>
          )}
          <Measured recipe={curve.of} />
          <Plot points={curve.points} forecast={curve} />
          <p className="text-ink-3 mt-2 text-xs">{t("reading")}</p>
        </div>
        <div className="min-w-0">
          <h3 className="text-sm font-medium">{t("classes")}</h3>
          {classes.length === 0 ? (
            <p className="text-ink-3 mt-1 text-sm">{t("noClass")}</p>
          ) : (
            <table className="mt-2 w-full text-sm">
              <thead className="text-ink-3 text-left text-xs">
                <tr>
                  <th scope="col" className="pb-1.5 font-medium">
                    {t("class")}
                  </th>
                  <th scope="col" className="pb-1.5 pl-3 text-right font-medium">
                    {t("rows")}
                  </th>
                  <th scope="col" className="pb-1.5 pl-3 text-right font-medium">
                    {t("half")}
                  </th>
                  <th scope="col" className="pb-1.5 pl-3 text-right font-medium">
                    {t("all")}
                  </th>
                </tr>
              </thead>
              <tbody>
                {classes.map((one) => (
                  <tr key={one.label}>
                    <td className="py-1 break-words">{one.label}</td>
                    <td className="figures py-1 text-right">{format.number(one.rows)}</td>
                    <td className="figures text-ink-3 py-1 pl-3 text-right">{percent(one.before)}</td>
                    <td className="figures py-1 pl-3 text-right">{percent(one.after)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      </div>
    </Card>
  );
}

/** Whose curve it is, where the model's own recipe takes too long to be fitted again and again. */
function Measured({ recipe }: { recipe: string | undefined }) {
  const t = useTranslations("insight.learningCurve");
  return recipe && <p className="text-ink-3 mb-3 text-xs">{t("of", { recipe })}</p>;
}

const [WIDTH, HEIGHT] = [220, 110];

type Given = Extract<Curve, { status: "given" }>;

/** Measured points, the fitted curve and the band that nine of ten measurements fall into; rows on a log scale. */
function Plot({ points, forecast }: { points: Curve["points"]; forecast?: Given }) {
  const t = useTranslations("insight.learningCurve");
  const format = useFormatter();
  const fitted = forecast?.curve ?? [];
  const [first, last] = [points[0]?.rows ?? 1, forecast?.twice.rows ?? points.at(-1)?.rows ?? 2];
  const measured = points.map((point) => point.accuracy);
  const bottom = Math.floor(Math.min(...measured, ...fitted.map((point) => point.low)) * 20) / 20;
  const top = Math.ceil(Math.max(...measured, ...fitted.map((point) => point.high)) * 20) / 20;
  const marks = [...new Set([first, forecast?.now.rows ?? first, last])];
  const x = (rows: number) => (Math.log(rows / first) / Math.log(last / first)) * WIDTH;
  const y = (accuracy: number) => HEIGHT - ((accuracy - bottom) / Math.max(0.05, top - bottom)) * HEIGHT;
  const at = (rows: number, accuracy: number) => `${x(rows).toFixed(1)},${y(accuracy).toFixed(1)}`;
  const band = [
    ...fitted.map((point) => at(point.rows, point.high)),
    ...fitted.toReversed().map((point) => at(point.rows, point.low)),
  ];
  return (
    <svg
      viewBox={`-30 -6 ${WIDTH + 44} ${HEIGHT + 36}`}
      role="img"
      aria-label={t("label")}
      className="w-full max-w-lg"
    >
      {[bottom, (bottom + top) / 2, top].map((tick) => (
        <g key={tick} className="fill-ink-3" fontSize={7}>
          <line x1={0} x2={WIDTH} y1={y(tick)} y2={y(tick)} className="stroke-chart-grid" strokeWidth={0.5} />
          <text x={-4} y={y(tick)} textAnchor="end" dominantBaseline="central">
            {format.number(tick, { style: "percent", maximumFractionDigits: 1 })}
          </text>
        </g>
      ))}
      <polygon points={band.join(" ")} className="fill-chart-1" fillOpacity={0.15} />
      <polyline
        points={fitted.map((point) => at(point.rows, point.accuracy)).join(" ")}
        className="stroke-chart-1 fill-none"
        strokeWidth={1.2}
      />
      {forecast && (
        <line
          x1={x(forecast.now.rows)}
          x2={x(forecast.now.rows)}
          y1={0}
          y2={HEIGHT}
          className="stroke-line-strong"
          strokeDasharray="3 3"
          strokeWidth={0.8}
        />
      )}
      {points.map((point) => (
        <circle key={point.rows} cx={x(point.rows)} cy={y(point.accuracy)} r={2.5} className="fill-chart-1">
          <title>
            {t("point", {
              rows: point.rows,
              accuracy: format.number(point.accuracy, { style: "percent", maximumFractionDigits: 1 }),
            })}
          </title>
        </circle>
      ))}
      <g className="fill-ink-3" fontSize={7} textAnchor="middle">
        {marks.map((rows) => (
          <text key={rows} x={x(rows)} y={HEIGHT + 10}>
            {format.number(rows)}
          </text>
        ))}
      </g>
      <text x={WIDTH / 2} y={HEIGHT + 24} textAnchor="middle" className="fill-ink-2" fontSize={7}>
        {t("axis")}
      </text>
    </svg>
  );
}
