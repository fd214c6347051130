import { useTranslations } from "next-intl";
import { STAGES } from "@/lib/ml/contract";

/** The stages of every job, by the names that jobs and events carry. */
export function Stages() {
  const t = useTranslations("front.stages");
  return (
    <ol className="grid sm:grid-cols-2 lg:grid-cols-6">
      {STAGES.map((stage, at) => (
        <li key={stage} className="relative pb-7 pl-8 sm:pr-6 lg:pt-8 lg:pb-0 lg:pl-0">
          <span
            aria-hidden
            className="bg-line-strong/60 absolute top-2 bottom-0 left-[5px] w-px lg:top-[5px] lg:right-0 lg:bottom-auto lg:left-0 lg:h-px lg:w-auto"
          />
          <span
            aria-hidden
            className={`absolute top-1.5 left-0 size-[11px] rounded-full lg:top-0 ${at < 3 ? "bg-ink" : "bg-accent"}`}
          />
          <h3 className="font-semibold">{t(`${stage}.title`)}</h3>
          <p className="text-ink-2 mt-1 text-sm text-pretty">{t(`${stage}.text`)}</p>
        </li>
      ))}
    </ol>
  );
}
