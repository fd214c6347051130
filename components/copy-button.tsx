"use client";
import { Check, Copy } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { toast } from "sonner";
import { Button } from "./button";

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const t = useTranslations("kit");
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), 1600);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      // Absent on pages that are served without TLS from another machine.
      await navigator.clipboard.writeText(text);
      setIsCopied(true);
    } catch {
      toast.error(t("copyFailed"));
    }
  };
  return (
    <Button variant="ghost" size="sm" onClick={copy} aria-label={isCopied ? undefined : (label ?? t("copy"))}>
      {isCopied ? <Check aria-hidden className="text-good" /> : <Copy aria-hidden />}
      <span aria-live="polite">{isCopied ? t("copied") : t("copy")}</span>
    </Button>
  );
}
