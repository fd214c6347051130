import clsx from "clsx";

/** The mark: a scion set on its rootstock with one slanted cut, and the first leaf. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="5.5 2 17.5 21" aria-hidden="true" className={clsx("size-6", className)}>
      <path d="M7 22.5V15.6l6-4.4v11.3z" fill="var(--ink)" />
      <path d="M7 12.6V5.2a3.7 3.7 0 0 1 6 0v3z" fill="var(--accent)" />
      <path d="M14.6 10.2c0-4.2 2.6-6.6 7.4-6.7.1 4.8-2.6 7.2-7.4 6.7z" fill="var(--bud)" />
    </svg>
  );
}

export function Logo({ className }: { className?: string }) {
  return (
    <span className={clsx("flex items-center gap-1.5", className)}>
      <LogoMark />
      <span className="text-lg leading-none font-semibold tracking-tight">Graft</span>
    </span>
  );
}
