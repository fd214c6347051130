import Link from "next/link";
import { useTranslations } from "next-intl";

/** Shown only where the development outbox is open. */
export function OutboxLink() {
  const t = useTranslations("auth");
  return (
    <Link href="/outbox" className="link">
      {t("outbox.link")}
    </Link>
  );
}
