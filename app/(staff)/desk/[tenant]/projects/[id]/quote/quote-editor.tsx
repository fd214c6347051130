"use client";
import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Input } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";
import { wordsOf } from "@/lib/document-words";
import type { Locale } from "@/lib/locale";
import type { ScoreBand } from "@/lib/ml/report/score-band";
import { lineAmount } from "@/lib/quote-amounts";
import type { ProposalBasis } from "@/lib/quote-proposals";
import { type LineDraft, type MilestoneDraft, newLine, newMilestone, toQuote } from "./drafts";
import { Computation, Proposals } from "./proposals";
import { LineFields, type MeasuredSet, MilestoneFields } from "./quote-fields";

interface Props {
  slug: string;
  projectId: string;
  currency: string;
  sets: readonly MeasuredSet[];
  /** The version before, to go on from. */
  before: { lines: LineDraft[]; milestones: MilestoneDraft[] };
  validUntil: string;
  forecast: Forecast | null;
  /** What lines can be computed from; null where nobody looked at a sample. */
  basis: ProposalBasis | null;
}

/** What a training on a sample's rows would reach. */
export interface Forecast {
  band: ScoreBand;
  sample: string;
  rows: number;
}

/** Lines and milestones of the next version; the sum is the server's own arithmetic. */
export function QuoteEditor({ slug, projectId, currency, sets, before, validUntil, forecast, basis }: Props) {
  const t = useTranslations("projects.draft");
  const router = useRouter();
  const errorText = useErrorText();
  const { money } = wordsOf(useLocale() as Locale);
  const [lines, setLines] = useState(before.lines);
  const [milestones, setMilestones] = useState(before.milestones);
  const [until, setUntil] = useState(validUntil);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const page = `/desk/${slug}/projects/${projectId}`;
  const sources = basis && { basis, currency, page };
  /** Of the first milestone whose figure can be forecast: it stands in the document, as a forecast. */
  const bandOf = (drafts: readonly MilestoneDraft[]) => {
    const metric = drafts.flatMap(({ set, metric: one }) => (set !== "" && isForecast(one) ? [one] : []))[0];
    if (!forecast || !metric) return null;
    const { low, high } = forecast.band[metric];
    const basis = t("basis", { sample: forecast.sample, rows: forecast.rows });
    return { metric: t(`metrics.${metric}`), low, high, basis };
  };
  const save = async () => {
    setIsBusy(true);
    setError(null);
    try {
      const { version } = await call<{ version: number }>(
        `/api/desk/customers/${slug}/projects/${projectId}/quotes`,
        { body: { ...toQuote(lines, milestones), validUntil: until, band: bandOf(milestones) } },
      );
      toast.success(t("saved", { version }));
      router.push(page);
      router.refresh();
    } catch (caught) {
      setError(caught);
      setIsBusy(false);
    }
  };
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Card
        title={t("milestones")}
        actions={
          <AddButton text={t("addMilestone")} onAdd={() => setMilestones([...milestones, newMilestone()])} />
        }
      >
        <div className="grid gap-5">
          {milestones.map((one, at) => (
            <MilestoneFields
              key={one.key}
              number={at + 1}
              milestone={one}
              sets={sets}
              band={forecast?.band ?? null}
              onChange={(changed) => setMilestones(milestones.with(at, changed))}
              onRemove={() => setMilestones(milestones.toSpliced(at, 1))}
            />
          ))}
        </div>
      </Card>
      {sources && (
        <Proposals sources={sources} milestones={milestones} onAdd={(line) => setLines([...lines, line])} />
      )}
      <Card
        title={t("lines")}
        actions={<AddButton text={t("addLine")} onAdd={() => setLines([...lines, newLine()])} />}
      >
        <div className="grid gap-5">
          {lines.map((line, at) => (
            <LineFields
              key={line.key}
              number={at + 1}
              line={line}
              milestones={milestones}
              onChange={(changed) => setLines(lines.with(at, changed))}
              onRemove={() => setLines(lines.toSpliced(at, 1))}
            >
              {line.computed && sources && <Computation proposal={line.computed} sources={sources} />}
            </LineFields>
          ))}
        </div>
      </Card>
      <Card>
        <div className="grid items-end gap-4 sm:grid-cols-3">
          <Field label={t("validUntil")} required>
            <Input type="date" value={until} onChange={({ target }) => setUntil(target.value)} />
          </Field>
          <p className="text-sm">
            <span className="text-ink-3 block text-xs">{t("sum")}</span>
            <output className="figures text-lg font-semibold">
              {money(sumOf(lines, currency), currency)}
            </output>
          </p>
          <Button type="submit" isLoading={isBusy} className="sm:justify-self-end">
            {t("save")}
          </Button>
        </div>
        {error !== null && (
          <div className="mt-4">
            <Alert tone="bad">{errorText(error)}</Alert>
          </div>
        )}
      </Card>
    </form>
  );
}

function AddButton({ text, onAdd }: { text: string; onAdd: () => void }) {
  return (
    <Button variant="secondary" size="sm" onClick={onAdd}>
      <Plus aria-hidden />
      {text}
    </Button>
  );
}

const isForecast = (metric: MilestoneDraft["metric"]): metric is "accuracy" | "macro_f1" =>
  metric === "accuracy" || metric === "macro_f1";

/** Of what can be read so far: a price that is being typed counts as nothing. */
function sumOf(lines: readonly LineDraft[], currency: string): bigint {
  let sum = 0n;
  for (const line of toQuote(lines, []).lines)
    try {
      sum += lineAmount(line, currency);
    } catch {
      // Not a price yet.
    }
  return sum;
}
