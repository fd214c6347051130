import Link from "next/link";
import { useTranslations } from "next-intl";
import { Alert } from "@/components/alert";
import type { stepsLeft } from "@/lib/first-steps";

const PAGES = { seller: "/operations/seller", plans: "/operations/prices" } as const;

/** What still keeps this installation from selling; nothing where nothing does. */
export function FirstSteps({ left }: { left: Awaited<ReturnType<typeof stepsLeft>> }) {
  const t = useTranslations("operations.steps");
  if (left.length === 0) return null;
  return (
    <Alert tone="warn" title={t("title")}>
      <ul className="grid gap-1">
        {left.map((step) => (
          <li key={step}>
            {t(step)}{" "}
            <Link className="link" href={PAGES[step]}>
              {t(`${step}Link`)}
            </Link>
          </li>
        ))}
      </ul>
    </Alert>
  );
}
