import type { ReactNode } from "react";

export interface EmptyStateProps {
  icon?: ReactNode;
  title: ReactNode;
  text?: ReactNode;
  /** The next step, not only the news that there is nothing. */
  action?: ReactNode;
}

export function EmptyState({ icon, title, text, action }: EmptyStateProps) {
  return (
    <div className="flex flex-col items-center px-6 py-12 text-center">
      {icon !== undefined && (
        <div
          aria-hidden
          className="bg-accent-soft text-accent mb-4 flex size-10 items-center justify-center rounded-lg [&_svg]:size-5"
        >
          {icon}
        </div>
      )}
      <p className="text-lg font-semibold">{title}</p>
      {text !== undefined && <p className="text-ink-2 mt-1 max-w-md text-sm text-pretty">{text}</p>}
      {action !== undefined && (
        <div className="mt-5 flex flex-wrap items-center justify-center gap-2">{action}</div>
      )}
    </div>
  );
}
