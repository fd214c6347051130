"use client";
import { Plus, X } from "lucide-react";
import { useTranslations } from "next-intl";
import { DEFAULT_LIMITS, METERS, type Meter } from "@/lib/price-sheet";
import { Button } from "./button";
import { Field, Input } from "./field";
import { LIMITS, type MeterDraft, newTier, type SheetDraft } from "./sheet-drafts";

interface Props {
  draft: SheetDraft;
  onChange: (draft: SheetDraft) => void;
  currency: string;
  /** Of a field by its path within the sheet. */
  errorOf: (path: string) => string | undefined;
  /** Prices of one customer: what is left empty is as the plan says. */
  isPartial?: boolean;
}

/** Base fee, prices of each meter with their tiers, the commitment, and how much may be asked in a minute. */
export function SheetFields({ draft, onChange, currency, errorOf, isPartial = false }: Props) {
  const t = useTranslations("billing.sheet");
  const { commitment } = draft;
  const commit = (more: Partial<SheetDraft["commitment"]>) =>
    onChange({ ...draft, commitment: { ...commitment, ...more } });
  return (
    <div className="grid gap-5">
      <Field
        label={t("baseIn", { currency })}
        hint={isPartial ? t("asPlan") : t("baseHint")}
        error={errorOf("base")}
        required={!isPartial}
        className="sm:max-w-xs"
      >
        <Input
          inputMode="decimal"
          maxLength={28}
          value={draft.base}
          onChange={({ target }) => onChange({ ...draft, base: target.value })}
        />
      </Field>
      {METERS.map((meter) => (
        <MeterFields
          key={meter}
          meter={meter}
          draft={draft.meters[meter]}
          currency={currency}
          unpriced={isPartial ? t("asPlan") : t("unpriced")}
          errorOf={(path) => errorOf(`meters.${meter}.${path}`)}
          onChange={(changed) => onChange({ ...draft, meters: { ...draft.meters, [meter]: changed } })}
        />
      ))}
      <fieldset className="grid gap-3 border-t pt-4">
        <legend className="sr-only">{t("commitment")}</legend>
        <p aria-hidden className="text-sm font-semibold">
          {t("commitment")}
        </p>
        <p className="text-ink-2 text-sm">{isPartial ? t("asPlan") : t("commitmentText")}</p>
        <div className="grid gap-4 sm:grid-cols-3">
          <Field label={t("commitmentAmount", { currency })} error={errorOf("commitment.amount")}>
            <Input
              inputMode="decimal"
              maxLength={28}
              value={commitment.amount}
              onChange={({ target }) => commit({ amount: target.value })}
            />
          </Field>
          <Field label={t("months")} error={errorOf("commitment.months")}>
            <Input
              type="number"
              min={1}
              max={60}
              value={commitment.months}
              onChange={({ target }) => commit({ months: target.value })}
            />
          </Field>
        </div>
      </fieldset>
      <fieldset className="grid gap-3 border-t pt-4">
        <legend className="sr-only">{t("limits")}</legend>
        <p aria-hidden className="text-sm font-semibold">
          {t("limits")}
        </p>
        <p className="text-ink-2 text-sm">
          {isPartial
            ? t("asPlan")
            : t("limitsText", {
                requests: DEFAULT_LIMITS.requests_per_minute,
                tokens: DEFAULT_LIMITS.tokens_per_minute,
              })}
        </p>
        <div className="grid gap-4 sm:grid-cols-3">
          {LIMITS.map((limit) => (
            <Field key={limit} label={t(limit)} error={errorOf(`limits.${limit}`)}>
              <Input
                inputMode="numeric"
                maxLength={14}
                value={draft.limits[limit]}
                onChange={({ target }) =>
                  onChange({ ...draft, limits: { ...draft.limits, [limit]: target.value } })
                }
              />
            </Field>
          ))}
        </div>
      </fieldset>
    </div>
  );
}

interface MeterProps {
  meter: Meter;
  draft: MeterDraft;
  currency: string;
  /** What holds without a price. */
  unpriced: string;
  errorOf: (path: string) => string | undefined;
  onChange: (draft: MeterDraft) => void;
}

function MeterFields({ meter, draft, currency, unpriced, errorOf, onChange }: MeterProps) {
  const t = useTranslations("billing.sheet");
  const name = useMeterName()(meter);
  const { tiers } = draft;
  const isPriced = tiers.length > 0;
  const tiersError = errorOf("tiers");
  return (
    <fieldset className="grid gap-3 border-t pt-4">
      <legend className="sr-only">{name}</legend>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p aria-hidden className="text-sm font-semibold">
          {name}
        </p>
        <Button
          variant="secondary"
          size="sm"
          aria-label={`${isPriced ? t("addTier") : t("setPrice")}: ${name}`}
          onClick={() => onChange({ ...draft, tiers: [...tiers, newTier()] })}
        >
          <Plus aria-hidden />
          {isPriced ? t("addTier") : t("setPrice")}
        </Button>
      </div>
      {!isPriced && <p className="text-ink-2 text-sm">{unpriced}</p>}
      {isPriced && (
        <Field
          label={`${t("includedIn")}: ${name}`}
          hint={t("includedHint")}
          error={errorOf("included")}
          className="sm:max-w-xs"
        >
          <Input
            inputMode="numeric"
            maxLength={22}
            value={draft.included}
            onChange={({ target }) => onChange({ ...draft, included: target.value })}
          />
        </Field>
      )}
      {tiers.map((tier, at) => {
        const isLast = at === tiers.length - 1;
        const change = (more: Partial<typeof tier>) =>
          onChange({ ...draft, tiers: tiers.with(at, { ...tier, ...more }) });
        const label = `${name}, ${t("tier", { number: at + 1 })}`;
        return (
          <div key={tier.key} className="grid grid-cols-[1fr_1fr_auto] items-end gap-3 sm:max-w-xl">
            <Field label={`${label}: ${t("upTo")}`} error={errorOf(`tiers.${at}.up_to`)}>
              <Input
                inputMode="numeric"
                maxLength={22}
                disabled={isLast}
                placeholder={isLast ? t("open") : undefined}
                value={isLast ? "" : tier.upTo}
                onChange={({ target }) => change({ upTo: target.value })}
              />
            </Field>
            <Field
              label={`${label}: ${t("unitIn", { currency })}`}
              error={errorOf(`tiers.${at}.unit_decimal`)}
            >
              <Input
                inputMode="decimal"
                maxLength={28}
                value={tier.unit}
                onChange={({ target }) => change({ unit: target.value })}
              />
            </Field>
            <Button
              variant="ghost"
              aria-label={`${t("removeTier")}: ${label}`}
              onClick={() => onChange({ ...draft, tiers: tiers.toSpliced(at, 1) })}
            >
              <X aria-hidden />
            </Button>
          </div>
        );
      })}
      {tiersError && (
        <p role="alert" className="text-bad text-xs">
          {tiersError}
        </p>
      )}
    </fieldset>
  );
}

/** As documents name a meter. */
function useMeterName(): (meter: Meter) => string {
  const t = useTranslations("documents.meters");
  return (meter) => t(meter.replace(".", "_") as Parameters<typeof t>[0]);
}
