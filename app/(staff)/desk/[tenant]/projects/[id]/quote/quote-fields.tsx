"use client";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/components/button";
import { Field, Input, Select } from "@/components/field";
import { chanceOfPassing } from "@/lib/forecasts";
import type { ScoreBand } from "@/lib/ml/report/score-band";
import { percent } from "@/lib/rule-text";
import type { LineDraft, MilestoneDraft } from "./drafts";

export interface MeasuredSet {
  sha256: string;
  name: string;
  rows: number;
  classes: readonly string[];
}

const KINDS = ["fixed", "time", "training", "retainer"] as const;
const METRICS = ["accuracy", "macro_f1", "recall", "automation"] as const;
const RULES = ["lower_bound", "point"] as const;

interface LineProps {
  number: number;
  line: LineDraft;
  milestones: readonly MilestoneDraft[];
  onChange: (line: LineDraft) => void;
  onRemove: () => void;
  /** What it was computed from. */
  children?: ReactNode;
}

export function LineFields({ number, line, milestones, onChange, onRemove, children }: LineProps) {
  const t = useTranslations("projects.draft");
  const set = (name: Exclude<keyof LineDraft, "computed">) =>
    fieldOf(line[name], (value) => onChange({ ...line, [name]: value }));
  return (
    <Group name={`${t("lines")} ${number}`} onRemove={onRemove}>
      <Field label={t("lineTitle")} required className="sm:col-span-3">
        <Input maxLength={200} {...set("title")} />
      </Field>
      <Field label={t("milestone")} className="sm:col-span-2">
        <Select {...set("milestone")}>
          <option value="">{t("signature")}</option>
          {milestones.map(({ key, title }) => (
            <option key={key} value={key}>
              {title || "…"}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("kind")}>
        <Select {...set("kind")}>
          {KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {t(`kinds.${kind}`)}
            </option>
          ))}
        </Select>
      </Field>
      <Field label={t("quantity")} required className="sm:col-span-2">
        <Input type="number" min={1} {...set("quantity")} />
      </Field>
      <Field label={t("unit")} required className="sm:col-span-2">
        <Input inputMode="decimal" {...set("unit")} />
      </Field>
      <Field label={t("discount")} className="sm:col-span-2">
        <Input type="number" min={0} max={100} step="0.01" {...set("discount")} />
      </Field>
      {children && <div className="text-sm sm:col-span-6">{children}</div>}
    </Group>
  );
}

interface MilestoneProps {
  number: number;
  milestone: MilestoneDraft;
  sets: readonly MeasuredSet[];
  /** What a training is expected to reach; null where nobody looked at a sample. */
  band: ScoreBand | null;
  onChange: (milestone: MilestoneDraft) => void;
  onRemove: () => void;
}

export function MilestoneFields({ number, milestone, sets, band, onChange, onRemove }: MilestoneProps) {
  const t = useTranslations("projects.draft");
  const set = (name: keyof MilestoneDraft) =>
    fieldOf(milestone[name], (value) => onChange({ ...milestone, [name]: value }));
  const classes = sets.find(({ sha256 }) => sha256 === milestone.set)?.classes ?? [];
  return (
    <Group name={`${t("milestones")} ${number}`} onRemove={onRemove}>
      <Field label={t("milestoneTitle")} required className="sm:col-span-2">
        <Input maxLength={200} {...set("title")} />
      </Field>
      <Field label={t("dueOn")} required className="sm:col-span-2">
        <Input type="date" {...set("dueOn")} />
      </Field>
      <Field label={t("measured")} className="sm:col-span-2">
        <Select {...set("set")}>
          <option value="">{t("notMeasured")}</option>
          {sets.map(({ sha256, name, rows }) => (
            <option key={sha256} value={sha256}>
              {name} ({rows})
            </option>
          ))}
        </Select>
      </Field>
      {milestone.set !== "" && (
        <>
          <Field label={t("metric")} className="sm:col-span-2">
            <Select {...set("metric")}>
              {METRICS.map((metric) => (
                <option key={metric} value={metric}>
                  {t(`metrics.${metric}`)}
                </option>
              ))}
            </Select>
          </Field>
          {milestone.metric === "recall" && (
            <Field label={t("of")} required className="sm:col-span-2">
              <Select {...set("of")}>
                <option value="">–</option>
                {classes.map((name) => (
                  <option key={name}>{name}</option>
                ))}
              </Select>
            </Field>
          )}
          {milestone.metric === "automation" && (
            <Field label={t("ofShare")} required className="sm:col-span-2">
              <Input type="number" min={0} max={1} step="0.001" {...set("of")} />
            </Field>
          )}
          <Field label={t("threshold")} required>
            <Input type="number" min={0} max={100} step="0.01" {...set("threshold")} />
          </Field>
          <Field label={t("rule")}>
            <Select {...set("rule")}>
              {RULES.map((rule) => (
                <option key={rule} value={rule}>
                  {t(`rules.${rule}`)}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t("minRows")} required>
            <Input type="number" min={1} {...set("minRows")} />
          </Field>
          <Field label={t("maxRuns")} required>
            <Input type="number" min={1} max={20} {...set("maxRuns")} />
          </Field>
          <Field label={t("reviewDays")} required>
            <Input type="number" min={1} max={60} {...set("reviewDays")} />
          </Field>
          {band && <ChanceText band={band} milestone={milestone} />}
        </>
      )}
    </Group>
  );
}

/** How likely the milestone is to be reached at the first measuring, and whether so few rows can tell at all. */
function ChanceText({ band, milestone }: { band: ScoreBand; milestone: MilestoneDraft }) {
  const t = useTranslations("projects.draft");
  const chance = chanceOfPassing(band, {
    metric: milestone.metric,
    rule: milestone.rule,
    threshold: Number(milestone.threshold) / 100,
    minRows: Math.max(1, Number(milestone.minRows)),
  });
  if (!chance) return null;
  const { warning, leastRows } = chance;
  return (
    <p className="text-ink-2 self-end text-sm sm:col-span-6" role="status">
      {t("chance", { chance: percent(Math.round(chance.chance * 100) / 100) })}{" "}
      {warning && (
        <span className="text-warn">
          {t(`warnings.${warning}`)} {leastRows !== null && t("leastRows", { rows: leastRows })}
        </span>
      )}
    </p>
  );
}

const fieldOf = (value: string, onValue: (value: string) => void) => ({
  value,
  onChange: ({ target }: { target: { value: string } }) => onValue(target.value),
});

function Group({ name, onRemove, children }: { name: string; onRemove: () => void; children: ReactNode }) {
  const t = useTranslations("projects.draft");
  return (
    <fieldset className="min-w-0 border-b pb-5 last:border-b-0 last:pb-0">
      <legend className="sr-only">{name}</legend>
      <div className="grid gap-3 sm:grid-cols-6">{children}</div>
      <Button variant="ghost" size="sm" className="mt-2 -ml-2" onClick={onRemove}>
        {t("remove")}
        <span className="sr-only"> {name}</span>
      </Button>
    </fieldset>
  );
}
