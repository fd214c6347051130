"use client";
import { useTranslations } from "next-intl";

interface Props {
  label: string;
  hint: string;
  columns: readonly { name: string; kind: string; distinct: number }[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
}

/** A role of several columns: a box for each, in the order of the file. */
export function ColumnBoxes({ label, hint, columns, chosen, onChange }: Props) {
  const t = useTranslations("portal.map");
  const toggle = (name: string, isChosen: boolean) =>
    onChange(
      columns.map((one) => one.name).filter((one) => (one === name ? isChosen : chosen.includes(one))),
    );
  return (
    <fieldset className="grid gap-1.5">
      <legend className="text-sm font-medium">{label}</legend>
      <p className="text-ink-3 text-xs">
        {t("chosenOf", { hint, chosen: chosen.length, all: columns.length })}
      </p>
      <div className="grid max-h-72 grid-cols-1 gap-x-4 overflow-y-auto rounded-lg border p-2 sm:grid-cols-2 lg:grid-cols-3">
        {columns.map(({ name, kind, distinct }) => (
          <label
            key={name}
            className="hover:bg-hover flex min-w-0 items-center gap-2 rounded-md px-2 py-1 text-sm"
          >
            <input
              type="checkbox"
              className="accent-accent shrink-0"
              checked={chosen.includes(name)}
              onChange={(event) => toggle(name, event.currentTarget.checked)}
            />
            <span className="truncate">{name}</span>
            <span className="text-ink-3 ml-auto shrink-0 text-xs">
              {t("kind", { kind: t(`kinds.${kind}` as Parameters<typeof t>[0]), distinct })}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
