import Link from "next/link";
import { getFormatter, getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import type { ModelReport } from "@/lib/ml/contract";
import { type Estimate, figuresOf } from "@/lib/ml/evaluation";
import type { Model } from "@/lib/models";
import { IntervalBar } from "../interval-bar";

interface Props {
  slug: string;
  before: Model;
  /** Labels that were corrected between the two trainings. */
  corrected: number;
  report: ModelReport;
}

/** A set of its own rows, and the same one: only then do two figures differ by the models alone. */
const isSameTest = (a: ModelReport, b: ModelReport) =>
  [a, b].every((report) => report.evaluation.kind === "test") &&
  a.evaluation.n === b.evaluation.n &&
  a.hashes.split === b.hashes.split;

/** What correcting labels brought: the two models' figures side by side. */
export async function BeforeAfter({ slug, before, corrected, report }: Props) {
  const [t, metric] = await Promise.all([
    getTranslations("insight.before"),
    getTranslations("insight.metrics"),
  ]);
  const old = new Map(figuresOf(before.report.evaluation));
  const pairs = figuresOf(report.evaluation).flatMap(([name, after]) => {
    const earlier = old.get(name);
    return earlier ? [{ name, before: earlier, after }] : [];
  });
  const isSame = isSameTest(before.report, report);
  const [first] = pairs;
  const isWithin = first && first.before.high >= first.after.low && first.after.high >= first.before.low;
  const heads = [t("figure"), t("before"), t("after"), t("change")];
  return (
    <Card
      title={t("title", { count: corrected })}
      description={isSame ? t("same", { n: report.evaluation.n }) : t("other")}
      actions={
        before.state === "ready" && (
          <Link className="link text-sm" href={`/${slug}/models/${before.id}`}>
            {t("model")}
          </Link>
        )
      }
    >
      <table className="w-full text-sm">
        <thead className="text-ink-3 text-left text-xs">
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col" className="pb-2 font-medium last:text-right">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {pairs.map(({ name, ...both }) => (
            <Figure key={name} name={metric(name)} {...both} />
          ))}
        </tbody>
      </table>
      {isWithin && <p className="text-ink-3 mt-3 text-xs">{t("within")}</p>}
    </Card>
  );
}

async function Figure({ name, before, after }: { name: string; before: Estimate; after: Estimate }) {
  const [t, format] = await Promise.all([getTranslations("insight.before"), getFormatter()]);
  const change = format.number(100 * (after.value - before.value), {
    maximumFractionDigits: 1,
    signDisplay: "exceptZero",
  });
  return (
    <tr>
      <th scope="row" className="py-1.5 text-left font-medium">
        {name}
      </th>
      {[before, after].map((estimate, at) => (
        <td key={at === 0 ? "before" : "after"} className="py-1.5 pr-3">
          <span className="inline-flex items-center gap-3">
            <span className="hidden sm:inline">
              <IntervalBar estimate={estimate} className="w-20" />
            </span>
            <span className="figures">
              {format.number(estimate.value, { style: "percent", maximumFractionDigits: 1 })}
            </span>
          </span>
        </td>
      ))}
      <td className="figures py-1.5 text-right">{t("points", { value: change })}</td>
    </tr>
  );
}
