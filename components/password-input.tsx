"use client";
import { Eye, EyeOff } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ComponentProps, useState } from "react";
import { Input } from "./field";

export function PasswordInput(props: Omit<ComponentProps<"input">, "type">) {
  const t = useTranslations("kit");
  const [isShown, setIsShown] = useState(false);
  const Icon = isShown ? EyeOff : Eye;
  return (
    <span className="relative block">
      <Input {...props} type={isShown ? "text" : "password"} className="pr-10" />
      <button
        type="button"
        aria-pressed={isShown}
        onClick={() => setIsShown(!isShown)}
        className="text-ink-3 hover:text-ink absolute top-1/2 right-1 flex size-7 -translate-y-1/2 items-center justify-center rounded-sm"
      >
        <Icon aria-hidden className="size-4" />
        <span className="sr-only">{t("reveal")}</span>
      </button>
    </span>
  );
}
