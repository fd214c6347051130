"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useId, useState } from "react";
import { Field, Select } from "@/components/field";
import type { Explanation } from "@/lib/ml/contract";

/** A weight below this share of the heaviest one says nothing: its word stays as it is. */
const FAINT = 0.1;
const MOST_LISTED = 5;

interface Weighed {
  start: number;
  end: number;
  text: string;
  weight: number;
}

/**
 * Which words speak for a label and which against it, or raise and lower a number. Never by colour alone: the one side has a solid line below and
 * the other a wavy one, and both are listed in words with what they do to the odds or to the number.
 */
export function ExplanationView({ text, explanation }: { text: string; explanation: Explanation }) {
  const t = useTranslations("insight.explanation");
  const format = useFormatter();
  const [label, setLabel] = useState(explanation.label);
  const { adds_to: addsTo, completeness_gap: gap } = explanation;
  const figure = (value: number) => format.number(value, { maximumFractionDigits: 3 });
  const weights = explanation.labels.find((one) => one.label === label)?.weights ?? [];
  const words = explanation.words.map((word, at) => ({ ...word, weight: weights[at] ?? 0 }));
  const most = Math.max(0, ...words.map(({ weight }) => Math.abs(weight)));
  const speaking = words.filter(({ weight }) => most > 0 && Math.abs(weight) >= FAINT * most);
  const byWeight = speaking.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  return (
    <div className="grid gap-3" data-testid="explanation">
      {explanation.labels.length > 1 && (
        <Field label={t("label")} className="max-w-72">
          <Select value={label} onChange={(event) => setLabel(event.currentTarget.value)}>
            {explanation.labels.map((one) => (
              <option key={one.label}>{one.label}</option>
            ))}
          </Select>
        </Field>
      )}
      <p className="text-base leading-8 break-words">
        {stretchesOf(text, speaking).map(({ start, text: stretch, weight }) =>
          weight === 0 ? stretch : <Word key={start} text={stretch} share={weight / most} />,
        )}
      </p>
      <div className="grid gap-3 sm:grid-cols-2">
        <Side
          title={t(`for.${addsTo}`, { label })}
          words={byWeight.filter(({ weight }) => weight > 0)}
          addsTo={addsTo}
        />
        <Side
          title={t(`against.${addsTo}`, { label })}
          words={byWeight.filter(({ weight }) => weight < 0)}
          addsTo={addsTo}
        />
      </div>
      <p className="text-ink-3 text-xs">
        {t(addsTo === "value" ? "reading.value" : `reading.${explanation.method}`)}
        {gap !== undefined && label === explanation.label && (
          <> {t("gap", { gap: figure(Math.abs(gap)), rest: figure(explanation.rest ?? 0) })}</>
        )}
      </p>
    </div>
  );
}

/** The whole text in pieces, those between the words with weight zero. Places are code points. */
function stretchesOf(text: string, words: readonly Weighed[]): Weighed[] {
  const points = [...text];
  const piece = (start: number, end: number, weight: number) => ({
    start,
    end,
    text: points.slice(start, end).join(""),
    weight,
  });
  const ends = [0, ...words.map(({ end }) => end)];
  const pieces = words.flatMap(({ start, end, weight }, at) => [
    piece(ends[at] ?? 0, start, 0),
    piece(start, end, weight),
  ]);
  return [...pieces, piece(ends.at(-1) ?? 0, points.length, 0)];
}

/** The ink stays the page's own, so its contrast does; only ground and line say how strong and which side. */
function Word({ text, share }: { text: string; share: number }) {
  const side = share > 0 ? "var(--good)" : "var(--bad)";
  const strength = Math.round(8 + 16 * Math.abs(share));
  return (
    <mark
      className={`text-ink rounded-xs px-0.5 underline underline-offset-4 ${share > 0 ? "decoration-solid" : "decoration-wavy"}`}
      style={{
        backgroundColor: `color-mix(in oklch, ${side} ${strength}%, transparent)`,
        textDecorationColor: side,
        textDecorationThickness: Math.abs(share) > 0.5 ? "2px" : "1px",
      }}
    >
      {text}
    </mark>
  );
}

interface SideProps {
  title: string;
  words: readonly Weighed[];
  addsTo: Explanation["adds_to"];
}

function Side({ title, words, addsTo }: SideProps) {
  const t = useTranslations("insight.explanation");
  const format = useFormatter();
  const id = useId();
  /** What leaving the word in does to the number, or to the odds of the label. */
  const effect = (weight: number) => {
    const [up, down, size] =
      addsTo === "value" ? ["+", "−", Math.abs(weight)] : ["×", "÷", Math.exp(Math.abs(weight))];
    return `${weight > 0 ? up : down} ${format.number(size, { maximumSignificantDigits: 2 })}`;
  };
  return (
    <div className="min-w-0 text-sm">
      <p id={id} className="text-ink-3 mb-1 text-xs font-medium break-words">
        {title}
      </p>
      {words.length === 0 ? (
        <p className="text-ink-3">{t("noWord")}</p>
      ) : (
        <ul aria-labelledby={id} className="grid gap-0.5">
          {words.slice(0, MOST_LISTED).map((word) => (
            <li key={word.start} className="flex justify-between gap-3">
              <span className="min-w-0 break-words">{word.text}</span>
              <span className="figures text-ink-2 shrink-0">{effect(word.weight)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
