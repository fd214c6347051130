"use client";
import { useFormatter } from "next-intl";
import { useEffect, useState } from "react";

export interface TimeProps {
  /** A date, an ISO text, or Unix seconds as on the wire. */
  at: Date | string | number;
  form?: "relative" | "date" | "datetime";
}

const WEEK_MS = 7 * 86_400_000;

/** UTC in the server's answer, then the reader's own zone; recent moments read "5 minutes ago". */
export function Time({ at, form = "relative" }: TimeProps) {
  const format = useFormatter();
  const [now, setNow] = useState<Date | null>(null);
  useEffect(() => {
    setNow(new Date());
    const timer = setInterval(() => setNow(new Date()), 30_000);
    return () => clearInterval(timer);
  }, []);
  const date = typeof at === "number" ? new Date(at * 1000) : new Date(at);
  if (Number.isNaN(date.getTime())) return null;
  const timeZone = now ? Intl.DateTimeFormat().resolvedOptions().timeZone : "UTC";
  const full = format.dateTime(date, { dateStyle: "medium", timeStyle: "medium", timeZone });
  const isRecent = now !== null && Math.abs(now.getTime() - date.getTime()) < WEEK_MS;
  const text =
    form === "relative" && isRecent
      ? format.relativeTime(date, now)
      : format.dateTime(
          date,
          form === "date"
            ? { dateStyle: "medium", timeZone }
            : { dateStyle: "medium", timeStyle: "short", timeZone },
        );
  return (
    <time dateTime={date.toISOString()} title={full} className="figures whitespace-nowrap">
      {text}
    </time>
  );
}
