"use client";
import { useTranslations } from "next-intl";
import { useCallback, useEffect } from "react";
import { toast } from "sonner";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { useErrorText } from "@/components/use-error-text";
import type { LabellingWire } from "@/lib/labelling";
import { ClassButtons } from "./class-buttons";
import { OTHER_KEYS, placeOfKey } from "./class-keys";
import { LabellingState } from "./labelling-state";
import { type Said, useLabelling } from "./use-labelling";

/** One text at a time, answered by keys or by touch. */
export function Labeller({ slug, first }: { slug: string; first: LabellingWire }) {
  const t = useTranslations("labelling.work");
  const errorText = useErrorText();
  const onRefusal = useCallback((error: unknown) => void toast.error(errorText(error)), [errorText]);
  const { set, current, said, isLoading, answer, undo, move } = useLabelling(slug, first, onRefusal);
  const best = current?.guesses[0];

  const press = (key: string, isOnControl: boolean): boolean => {
    const name = set.classes[placeOfKey(key)]?.name;
    if (key === "ArrowLeft") move(-1);
    else if (key === "ArrowRight") move(1);
    else if (key === OTHER_KEYS.undo || key === "Backspace") undo();
    else if (key === OTHER_KEYS.skip) answer({ skip: true });
    else if (key === OTHER_KEYS.none) answer({ label: null });
    else if (name !== undefined) answer({ label: name });
    else if (key === "Enter" && best && !isOnControl) answer({ label: best.label });
    else return false;
    return true;
  };
  useKeys(press);

  return (
    <div className="grid gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
      <Card>
        <div className="grid gap-4" data-testid="labeller">
          <div aria-live="polite" className="bg-sunken min-h-28 rounded-lg px-4 py-3">
            {current ? (
              <>
                <p
                  className="max-h-72 overflow-y-auto text-lg break-words whitespace-pre-wrap"
                  data-testid="text"
                >
                  {current.text}
                </p>
                <p className="text-ink-3 mt-2 flex flex-wrap items-center gap-2 text-xs">
                  {t("line", { line: current.line })}
                  {current.copies > 1 && <Badge>{t("copies", { copies: current.copies })}</Badge>}
                  {said !== null && <Badge tone="info">{t("said", { said: wordOf(said, t) })}</Badge>}
                </p>
              </>
            ) : (
              <p className="text-ink-2">{isLoading ? t("loading") : t("nothingLeft")}</p>
            )}
          </div>
          <p className="text-ink-2 min-h-5 text-sm">
            {best &&
              t("suggestion", { label: best.label ?? t("none"), share: Math.round(best.confidence * 100) })}
          </p>
          <ClassButtons
            classes={set.classes}
            guesses={current?.guesses ?? []}
            isOff={!current}
            onPick={(label) => answer({ label })}
          />
          <div className="flex flex-wrap gap-2">
            <Act keys={OTHER_KEYS.none} isOff={!current} onClick={() => answer({ label: null })}>
              {t("none")}
            </Act>
            <Act keys={OTHER_KEYS.skip} isOff={!current} onClick={() => answer({ skip: true })}>
              {t("skip")}
            </Act>
            <Act keys={OTHER_KEYS.undo} onClick={undo}>
              {t("undo")}
            </Act>
            <Act keys="←" onClick={() => move(-1)}>
              {t("back")}
            </Act>
            <Act keys="→" onClick={() => move(1)}>
              {t("forward")}
            </Act>
          </div>
        </div>
      </Card>
      <LabellingState set={set} />
    </div>
  );
}

const wordOf = (said: Said, t: (key: "none" | "skipped") => string) =>
  "skip" in said ? t("skipped") : (said.label ?? t("none"));

function Act(props: { keys: string; isOff?: boolean; onClick: () => void; children: string }) {
  return (
    <Button variant="secondary" disabled={props.isOff} onClick={props.onClick}>
      {props.children}
      <kbd aria-hidden className="text-ink-3 font-mono text-xs">
        {props.keys}
      </kbd>
    </Button>
  );
}

/** Plain keys anywhere on the page, except where somebody types or a dialog is open. */
function useKeys(press: (key: string, isOnControl: boolean) => boolean): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || event.repeat) return;
      if (target.closest("input, textarea, select, [role=dialog], [role=menu]")) return;
      if (press(event.key, target.closest("button, a") !== null)) event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  });
}
