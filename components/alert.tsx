import clsx from "clsx";
import { CircleAlert, CircleCheck, Info, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Tone } from "./badge";

const TONES = {
  neutral: ["bg-sunken border-line", "text-ink-2", Info],
  info: ["bg-info-soft border-info/20", "text-info", Info],
  good: ["bg-good-soft border-good/20", "text-good", CircleCheck],
  warn: ["bg-warn-soft border-warn/20", "text-warn", TriangleAlert],
  bad: ["bg-bad-soft border-bad/20", "text-bad", CircleAlert],
} as const;

export interface AlertProps {
  tone?: Tone;
  title?: ReactNode;
  children?: ReactNode;
}

/** Trouble is read out at once; the rest waits for the reader. */
export function Alert({ tone = "info", title, children }: AlertProps) {
  const [box, colour, Icon] = TONES[tone];
  return (
    <div
      role={tone === "bad" || tone === "warn" ? "alert" : "status"}
      className={clsx("flex gap-2.5 rounded-lg border px-3.5 py-3 text-sm", box)}
    >
      <Icon aria-hidden className={clsx("mt-0.5 size-4 shrink-0", colour)} />
      <div className="min-w-0">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children !== undefined && (
          <div className={clsx("text-ink-2 break-words", title !== undefined && "mt-0.5")}>{children}</div>
        )}
      </div>
    </div>
  );
}
