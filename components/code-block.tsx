import { useTranslations } from "next-intl";
import { CopyButton } from "./copy-button";

export interface CodeBlockProps {
  code: string;
  /** Shown in the head of the block: `curl`, `Python`, `TypeScript`. */
  language?: string;
}

export function CodeBlock({ code, language }: CodeBlockProps) {
  const t = useTranslations("kit");
  return (
    <figure className="bg-sunken min-w-0 overflow-hidden rounded-lg border">
      <figcaption className="flex items-center justify-between border-b py-1 pr-1.5 pl-3.5">
        <span className="text-ink-3 text-xs font-medium">{language ?? t("code")}</span>
        <CopyButton text={code} label={t("copyCode")} />
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0} className="overflow-x-auto px-3.5 py-3 font-mono text-xs leading-5 -outline-offset-2">
        <code>{code}</code>
      </pre>
    </figure>
  );
}
