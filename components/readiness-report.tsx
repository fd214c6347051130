import { useFormatter, useTranslations } from "next-intl";
import { scoreBand } from "@/lib/forecasts";
import type { AppraisalReport, Finding } from "@/lib/ml/appraisal";
import { trainingForecast } from "@/lib/training-forecast";
import { Badge, type Tone } from "./badge";
import { BandTable } from "./band-table";
import { Stat } from "./stat";

const TONES: Record<Finding["severity"], Tone> = { blocker: "bad", warning: "warn", note: "neutral" };
/** Multiples of the rows there are that a band is told for: what more of them would bring. */
const MULTIPLES = [1, 2, 4];
/** Share of the rows that a training measures on. */
const MEASURED = 0.15;

/** What an appraisal found, in words that say what to do, and what it forecasts. For the customer and for staff alike. */
export function ReadinessReport({ report }: { report: AppraisalReport }) {
  const t = useTranslations("readiness");
  const { rows, lookedAt, agreement } = report;
  const bands = MULTIPLES.flatMap((times) => {
    const testRows = Math.round(MEASURED * rows * times);
    return scoreBand(report, { rows: rows * times - testRows, testRows }) ?? [];
  });
  const forecast = trainingForecast(report, rows);
  return (
    <div className="grid gap-6 lg:grid-cols-2">
      <section aria-label={t("findingsTitle")} className="min-w-0">
        <h3 className="text-sm font-semibold">{t("findingsTitle")}</h3>
        {report.findings.length === 0 && <p className="text-ink-2 mt-2 text-sm">{t("nothing")}</p>}
        <ul className="mt-2 divide-y">
          {report.findings.map((finding) => (
            <FindingItem key={finding.code} finding={finding} report={report} />
          ))}
        </ul>
        <p className="text-ink-3 mt-3 text-xs">
          {lookedAt < rows && `${t("lookedAt", { lookedAt, rows })} `}
          {agreement !== null && t("agreement", { share: agreement })}
        </p>
      </section>
      <section aria-label={t("band.title")} className="min-w-0">
        <h3 className="text-sm font-semibold">{t("band.title")}</h3>
        {report.probe ? (
          <>
            <BandTable bands={bands} />
            <p className="text-ink-3 mt-3 text-xs">
              {t("band.basis", { judged: report.probe.judged, sizes: report.probe.sizes.length })}
            </p>
          </>
        ) : (
          <p className="text-ink-2 mt-2 text-sm">
            {t("band.none")}. {report.noProbe && t(`band.reasons.${report.noProbe}`)}
          </p>
        )}
        {forecast && (
          <div className="mt-5">
            <Stat
              label={t("training.title")}
              value={t("training.value", { p50: forecast.p50Minutes, p90: forecast.p90Minutes })}
              hint={t("training.hint", { rows })}
            />
          </div>
        )}
      </section>
    </div>
  );
}

function FindingItem({ finding, report }: { finding: Finding; report: AppraisalReport }) {
  const t = useTranslations("readiness");
  const format = useFormatter();
  const { code, severity, values } = finding;
  const scriptOf = (value: string | number | undefined) =>
    t.has(`scripts.${value}` as never) ? t(`scripts.${value}` as never) : String(value);
  const said = ["script", "first", "second"].flatMap((key) =>
    key in values ? [[key, scriptOf(values[key])] as const] : [],
  );
  const filled = { ...values, ...Object.fromEntries(said) };
  return (
    <li className="py-3">
      <p className="flex flex-wrap items-baseline gap-2 text-sm font-medium">
        <Badge tone={TONES[severity]}>{t(`severity.${severity}`)}</Badge>
        <span className="min-w-0 break-words">{t(`findings.${code}.title`, filled)}</span>
      </p>
      {code === "personal_data" && (
        <p className="text-ink-2 mt-1 text-sm">
          {format.list(report.personal.map(({ kind, rows }) => t(`kinds.${kind}`, { rows })))}
        </p>
      )}
      <p className="text-ink-2 mt-1 text-sm break-words">{t(`findings.${code}.text`, filled)}</p>
    </li>
  );
}
