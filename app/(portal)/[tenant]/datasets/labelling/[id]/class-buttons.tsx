"use client";
import clsx from "clsx";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Field, Input } from "@/components/field";
import { keyOf } from "./class-keys";

interface Props {
  classes: readonly { name: string; description: string }[];
  guesses: readonly { label: string | null; confidence: number }[];
  isOff: boolean;
  onPick: (label: string) => void;
}

/** With more classes than this the eye does not find one, so there is a field to find it by its name. */
const MANY = 12;

/** Every class keeps its place and its key, whatever is suggested. */
export function ClassButtons({ classes, guesses, isOff, onPick }: Props) {
  const t = useTranslations("labelling.work");
  const [wanted, setWanted] = useState("");
  const shown = classes
    .map((one, place) => ({ ...one, key: keyOf(place) }))
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted.toLowerCase()));
  const pick = (name: string | undefined) => {
    if (name === undefined || isOff) return;
    setWanted("");
    onPick(name);
  };
  return (
    <div className="grid gap-3">
      {classes.length > MANY && (
        <Field label={t("find")}>
          <Input
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") pick(shown[0]?.name);
              if (event.key === "Escape") event.currentTarget.blur();
            }}
          />
        </Field>
      )}
      <fieldset className="grid grid-cols-1 gap-2 min-[26rem]:grid-cols-2 xl:grid-cols-3">
        <legend className="sr-only">{t("classes")}</legend>
        {shown.map(({ name, description, key }) => {
          const guess = guesses.find((one) => one.label === name);
          return (
            <button
              key={name}
              type="button"
              disabled={isOff}
              aria-keyshortcuts={key ?? undefined}
              title={description || undefined}
              onClick={() => pick(name)}
              className={clsx(
                "hover:bg-hover flex min-h-11 items-center gap-2 rounded-md border px-3 py-2 text-left text-sm disabled:opacity-55",
                guess && guess === guesses[0] ? "border-accent bg-accent-soft" : "bg-raised",
              )}
            >
              {key && (
                <kbd aria-hidden className="text-ink-3 w-4 shrink-0 font-mono text-xs">
                  {key}
                </kbd>
              )}
              <span className="min-w-0 flex-1 break-words">{name}</span>
              {guess && (
                <span className="text-ink-2 figures shrink-0 text-xs">
                  {t("share", { share: Math.round(guess.confidence * 100) })}
                </span>
              )}
            </button>
          );
        })}
      </fieldset>
    </div>
  );
}
