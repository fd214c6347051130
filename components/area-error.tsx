"use client";
import { CircleAlert } from "lucide-react";
import { useTranslations } from "next-intl";
import { Button } from "./button";
import { EmptyState } from "./empty-state";

export interface AreaErrorProps {
  error: Error & { digest?: string };
  reset: () => void;
}

/** A page that failed, within the shell: the way to the other pages stays. The digest is what the log has. */
export function AreaError({ error, reset }: AreaErrorProps) {
  const t = useTranslations("front.error");
  return (
    <div role="alert" className="bg-surface rounded-lg border">
      <EmptyState
        icon={<CircleAlert />}
        title={t("title")}
        text={
          <>
            {t("text")}
            {error.digest && (
              <span className="text-ink-3 mt-2 block font-mono text-xs">
                {t("digest", { digest: error.digest })}
              </span>
            )}
          </>
        }
        action={<Button onClick={reset}>{t("again")}</Button>}
      />
    </div>
  );
}
