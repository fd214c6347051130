import type { ReactNode } from "react";

/** The one box of a sign-in page. */
export function Panel({
  title,
  text,
  children,
  footer,
}: {
  title: ReactNode;
  text?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
}) {
  return (
    <div className="w-full max-w-[25rem]">
      <div className="bg-surface rounded-xl border p-6 shadow-sm sm:p-7">
        <h1 className="text-xl font-semibold">{title}</h1>
        {text !== undefined && <p className="text-ink-2 mt-1.5 text-sm text-pretty">{text}</p>}
        {children !== undefined && <div className="mt-5">{children}</div>}
      </div>
      {footer !== undefined && <div className="text-ink-2 mt-4 text-center text-sm">{footer}</div>}
    </div>
  );
}
