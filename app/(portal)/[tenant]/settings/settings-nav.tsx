"use client";
import clsx from "clsx";
import Link from "next/link";
import { usePathname } from "next/navigation";

/** Looks like tabs; each is a page of its own with an address. */
export function SettingsNav({
  label,
  links,
}: {
  label: string;
  links: readonly { href: string; label: string }[];
}) {
  const path = usePathname();
  return (
    <nav aria-label={label} className="mb-4 overflow-x-auto border-b [scrollbar-width:none]">
      <ul className="flex gap-5">
        {links.map((link) => (
          <li key={link.href} className="shrink-0">
            <Link
              href={link.href}
              aria-current={path === link.href ? "page" : undefined}
              className={clsx(
                "-mb-px block border-b-2 pt-1 pb-2 text-sm font-medium focus-visible:-outline-offset-2",
                path === link.href
                  ? "border-accent text-ink"
                  : "text-ink-2 hover:text-ink border-transparent",
              )}
            >
              {link.label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
