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

/** Texts on hand before more are asked for: the next one is then always there at once. */
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
  const path = `/api/labelling/${first.id}`;

  /** One request after the other: undoing must not overtake the answer that it takes back. */
  const inTurn = useCallback(
    (work: () => Promise<void>) => {
      sending.current = sending.current.then(work).catch(onRefusal);
    },
    [onRefusal],
  );
  const refill = useCallback(
    (onHand: readonly TextToLabel[]) =>
      inTurn(async () => {
        const without = onHand.map(({ place }) => place);
        const { data } = await call<{ data: TextToLabel[] }>(`${path}/texts`, {
          tenant: slug,
          body: { limit: AHEAD, without },
        });
        setQueue((now) => {
          const known = new Set(now?.map(({ place }) => place));
          return [...(now ?? []), ...data.filter(({ place }) => !known.has(place))];
        });
      }),
    [inTurn, path, slug],
  );
  useEffect(() => refill([]), [refill]);
  useLooks(!set.is_ranked, async () => setSet(await call<LabellingWire>(path, { tenant: slug })));

  const again = shown === null ? undefined : past[shown];
  const current = again?.text ?? queue?.[0] ?? null;

  function answer(said: Said): void {
    if (!current) return;
    const { place } = current;
    inTurn(async () =>
      setSet(await call<LabellingWire>(`${path}/answers`, { tenant: slug, body: { place, ...said } })),
    );
    if (shown !== null) {
      setPast(past.map((one, at) => (at === shown ? { ...one, said } : one)));
      setShown(shown + 1 < past.length ? shown + 1 : null);
      return;
    }
    const left = queue?.slice(1) ?? [];
    setPast([...past, { text: current, said }]);
    setQueue(left);
    if (left.length < AHEAD / 2) refill(left);
  }

  const undo = () =>
    inTurn(async () => {
      const undone = await call<{ text: TextToLabel; labelling: LabellingWire }>(`${path}/answers`, {
        method: "DELETE",
        tenant: slug,
      });
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

/** Asks again every moment while it is open. */
function useLooks(isOpen: boolean, look: () => Promise<void>): void {
  const newest = useRef(look);
  useEffect(() => {
    newest.current = look;
  });
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => void newest.current().catch(() => {}), LOOK_MS);
    return () => clearInterval(timer);
  }, [isOpen]);
}
