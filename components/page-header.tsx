import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";

export interface PageHeaderProps {
  title: ReactNode;
  description?: ReactNode;
  actions?: ReactNode;
  crumbs?: readonly { label: string; href: string }[];
}

export function PageHeader({ title, description, actions, crumbs }: PageHeaderProps) {
  const t = useTranslations("kit");
  return (
    <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        {crumbs && crumbs.length > 0 && (
          <nav aria-label={t("breadcrumb")} className="mb-1">
            <ol className="text-ink-3 flex flex-wrap items-center gap-1 text-xs">
              {crumbs.map((crumb) => (
                <li key={crumb.href} className="flex items-center gap-1">
                  <Link
                    href={crumb.href}
                    className="hover:text-ink rounded-xs underline-offset-3 hover:underline"
                  >
                    {crumb.label}
                  </Link>
                  <ChevronRight aria-hidden className="size-3" />
                </li>
              ))}
            </ol>
          </nav>
        )}
        <h1 className="text-2xl font-semibold break-words">{title}</h1>
        {description !== undefined && (
          <p className="text-ink-2 mt-1 max-w-2xl text-sm text-pretty">{description}</p>
        )}
      </div>
      {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}
