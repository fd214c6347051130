import clsx from "clsx";
import type { ReactNode } from "react";

export interface CardProps {
  title?: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  /** No padding around the children: a table or a picture runs to the edge. */
  isFlush?: boolean;
  className?: string;
}

export function Card({ title, description, actions, children, isFlush = false, className }: CardProps) {
  const hasHead = title !== undefined || actions !== undefined;
  return (
    <section className={clsx("bg-surface min-w-0 rounded-lg border shadow-xs", className)}>
      {hasHead && (
        <header
          className={clsx(
            "flex flex-wrap items-start justify-between gap-x-4 gap-y-2 px-4 pt-3.5 sm:px-5",
            children === undefined || children === null ? "pb-3.5" : isFlush ? "border-b pb-3" : "pb-1",
          )}
        >
          <div className="min-w-0">
            {title !== undefined && <h2 className="text-base font-semibold">{title}</h2>}
            {description !== undefined && <p className="text-ink-2 mt-0.5 text-sm">{description}</p>}
          </div>
          {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
        </header>
      )}
      {children !== undefined && children !== null && (
        <div
          className={clsx(
            !isFlush && "px-4 pb-4 sm:px-5 sm:pb-5",
            !isFlush && (hasHead ? "pt-3" : "pt-4 sm:pt-5"),
          )}
        >
          {children}
        </div>
      )}
    </section>
  );
}
