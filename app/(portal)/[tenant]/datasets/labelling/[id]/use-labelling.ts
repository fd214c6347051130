"use client";
import { useCallback, useEffect, useRef, useState } from "react";
import { call } from "@/components/call";
import type { LabellingWire } from "@/lib/labelling";

export interface TextToLabel {
  place: number;
  text: string;
  line: number;
  copies: number;
  guesses: { label: string | null; confidence: number }[];
}
/** A class by its name, null for none of them, or later. */
export type Said = { label: string | null } | { skip: true };
interface Past {
  text: TextToLabel;
  said: Said;
}

/** Texts on hand: the next one is then there at once. */
const AHEAD = 4;
const LOOK_MS = 1500;

/**
 * The texts that a person has on hand, what they said before, and the set as it is after the newest answer. What is
 * said is shown at once and sent one after the other; a refusal shows the text's way on and is told to `onRefusal`.
 */
export function useLabelling(slug: string, first: LabellingWire, onRefusal: (error: unknown) => void) {
  const [set, setSet] = useState(first);
  const [queue, setQueue] = useState<TextToLabel[] | null>(null);
  const [past, setPast] = useState<Past[]>([]);
  /** Place in `past` that is shown again; null: the newest text. */
  const [shown, setShown] = useState<number | null>(null);
  const sending = useRef<Promise<void>>(Promise.resolve());
  /** Places of texts on hand, and of those whose answer is on its way: they must not come a second time. */
  const held = useRef(new Set<number>());
  const path = `/api/labelling/${first.id}`;

  /** One request after the other: undoing must not overtake the answer that it takes back. */
  const inTurn = useCallback(
    (work: () => Promise<void>, onError = onRefusal) => {
      sending.current = sending.current.then(work).catch(onError);
    },
    [onRefusal],
  );
  const fill = useCallback(
    (onError?: () => void) =>
      inTurn(async () => {
        if (held.current.size >= AHEAD) return;
        const { data } = await call<{ data: TextToLabel[] }>(`${path}/texts`, {
          tenant: slug,
          body: { limit: AHEAD - held.current.size, without: [...held.current] },
        });
        for (const { place } of data) held.current.add(place);
        setQueue((now) => [...(now ?? []), ...data]);
      }, onError),
    [inTurn, path, slug],
  );
  useEffect(() => fill(), [fill]);
  // Others may give back what they had on their screens.
  useLooks(queue?.length === 0 && set.counts.open + set.counts.skipped > 0, () => fill(leaveIt));
  useLooks(!set.is_ranked, () =>
    inTurn(async () => setSet(await call<LabellingWire>(path, { tenant: slug })), leaveIt),
  );

  const again = shown === null ? undefined : past[shown];
  const current = again?.text ?? queue?.[0] ?? null;

  function answer(said: Said): void {
    if (!current) return;
    const { place } = current;
    inTurn(async () => {
      const after = call<LabellingWire>(`${path}/answers`, { tenant: slug, body: { place, ...said } });
      setSet(await after.finally(() => held.current.delete(place)));
    });
    fill();
    if (shown !== null) {
      setPast(past.map((one, at) => (at === shown ? { ...one, said } : one)));
      setShown(shown + 1 < past.length ? shown + 1 : null);
      return;
    }
    setPast([...past, { text: current, said }]);
    // What was fetched meanwhile stands behind it: only the answered text goes.
    setQueue((now) => (now ?? []).filter((one) => one.place !== place));
  }

  const undo = () =>
    inTurn(async () => {
      const undone = await call<{ text: TextToLabel; labelling: LabellingWire }>(`${path}/answers`, {
        method: "DELETE",
        tenant: slug,
      });
      held.current.add(undone.text.place);
      setSet(undone.labelling);
      setShown(null);
      setPast((now) => now.filter(({ text }) => text.place !== undone.text.place));
      setQueue((now) => [undone.text, ...(now ?? []).filter(({ place }) => place !== undone.text.place)]);
    });

  const move = (by: -1 | 1) => {
    const to = (shown ?? past.length) + by;
    if (to >= 0 && to <= past.length) setShown(to === past.length ? null : to);
  };
  return { set, current, said: again?.said ?? null, isLoading: queue === null, answer, undo, move };
}

/** What is looked for again anyway need not tell that it failed. */
const leaveIt = () => {};

/** Looks again every moment while it is open. */
function useLooks(isOpen: boolean, look: () => void): void {
  const newest = useRef(look);
  useEffect(() => {
    newest.current = look;
  });
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => newest.current(), LOOK_MS);
    return () => clearInterval(timer);
  }, [isOpen]);
}
