import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { InquiryForm } from "./inquiry-form";
import { WAYS } from "./ways";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("front"))("inquiry.title") };
}

interface Props {
  searchParams: Promise<{ way?: string | string[] }>;
}

export default async function InquiryPage({ searchParams }: Props) {
  const { way } = await searchParams;
  const t = await getTranslations("front.inquiry");
  return (
    <div className="mx-auto grid max-w-[72rem] gap-x-16 gap-y-8 px-4 py-12 sm:px-6 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.15fr)] lg:py-16">
      <div>
        <h1 className="text-3xl font-semibold sm:text-4xl">{t("title")}</h1>
        <p className="text-ink-2 mt-3 max-w-lg text-lg text-pretty">{t("text")}</p>
        <h2 className="mt-8 font-semibold">{t("helps")}</h2>
        <ul className="text-ink-2 mt-2 flex list-disc flex-col gap-1.5 pl-4 text-sm">
          {(["judgement", "examples", "volume", "error"] as const).map((point) => (
            <li key={point}>{t(`help.${point}`)}</li>
          ))}
        </ul>
      </div>
      <InquiryForm way={WAYS.find((one) => one === way) ?? "call"} />
    </div>
  );
}
