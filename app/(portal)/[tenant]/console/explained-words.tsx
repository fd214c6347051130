"use client";
import { useTranslations } from "next-intl";
import { useId } from "react";
import type { Explanation } from "@/lib/ml/contract";
import type { Row } from "./row-fields";
import { speakingOf, useEffectText } from "./speaking";

const MOST_LISTED = 5;

type Weighed = Explanation["words"][number];

interface Props {
  row: Row;
  words: readonly Weighed[];
  label: string;
  addsTo: Explanation["adds_to"];
}

/**
 * The texts with their words. Never by colour alone: the one side has a solid line below and the other a wavy one, and
 * both are listed in words with what they do to the odds or to the number.
 */
export function ExplainedWords({ row, words, label, addsTo }: Props) {
  const t = useTranslations("insight.explanation");
  const names = useTranslations("portal.map.roles");
  const { speaking, most } = speakingOf(words);
  const byWeight = speaking.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const texts = typeof row === "string" ? [[undefined, row] as const] : Object.entries(row);
  const nameOf = (role: string) => (names.has(role) ? names(role) : role);
  return (
    <>
      {texts.map(([role, text]) => (
        <div key={role ?? ""}>
          {role !== undefined && <p className="text-ink-3 text-xs font-medium">{nameOf(role)}</p>}
          <p className="text-base leading-8 break-words">
            {stretchesOf(
              String(text),
              speaking.filter((word) => word.role === role),
            ).map(({ start, text: stretch, weight }) =>
              weight === 0 ? stretch : <Word key={start} text={stretch} share={weight / most} />,
            )}
          </p>
        </div>
      ))}
      <div className="grid gap-3 sm:grid-cols-2">
        <Side
          title={t(`for.${addsTo}`, { label })}
          words={byWeight.filter(({ weight }) => weight > 0)}
          nameOf={nameOf}
          addsTo={addsTo}
        />
        <Side
          title={t(`against.${addsTo}`, { label })}
          words={byWeight.filter(({ weight }) => weight < 0)}
          nameOf={nameOf}
          addsTo={addsTo}
        />
      </div>
    </>
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
  /** Of one text among several. */
  nameOf(role: string): string;
  addsTo: Explanation["adds_to"];
}

function Side({ title, words, nameOf, addsTo }: SideProps) {
  const t = useTranslations("insight.explanation");
  const effect = useEffectText(addsTo);
  const id = useId();
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
            <li key={`${word.role}:${word.start}`} className="flex justify-between gap-3">
              <span className="min-w-0 break-words">
                {word.text}
                {word.role !== undefined && (
                  <span className="text-ink-3 ml-2 text-xs">{nameOf(word.role)}</span>
                )}
              </span>
              <span className="figures text-ink-2 shrink-0">{effect(word.weight)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
