import { ArrowRight, ChartNoAxesColumn, Code, Hammer } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Button } from "@/components/button";
import { env } from "@/lib/env";
import { Picture } from "./picture";
import { Section } from "./section";
import { Snippets } from "./snippets";
import { Stages } from "./stages";

const WAYS = [
  { way: "call", icon: <Code />, href: "/sign-up" },
  { way: "custom", icon: <Hammer />, href: "/inquiry?way=custom" },
  { way: "insight", icon: <ChartNoAxesColumn />, href: "/inquiry?way=insight" },
] as const;
const HONEST = ["frozen", "alone", "unlike"] as const;
const APART = ["rows", "absent", "keys", "training", "typed", "roles"] as const;

export default function FrontPage() {
  const t = useTranslations("front");
  return (
    <>
      <div className="mx-auto grid max-w-[72rem] items-center gap-x-14 gap-y-12 px-4 pt-12 pb-16 sm:px-6 lg:grid-cols-[minmax(0,1.06fr)_minmax(0,1fr)] lg:pt-20 lg:pb-24">
        <div>
          <h1 className="text-4xl font-semibold text-balance lg:text-5xl">{t("hero.title")}</h1>
          <p className="text-ink-2 mt-5 max-w-[34rem] text-lg text-pretty">{t("hero.text")}</p>
          <div className="mt-7 flex flex-wrap gap-2.5">
            <Button asChild>
              <Link href="/sign-up">{t("hero.start")}</Link>
            </Button>
            <Button variant="secondary" asChild>
              <Link href="/inquiry">{t("hero.talk")}</Link>
            </Button>
          </div>
          <p className="text-ink-3 mt-6 max-w-[32rem] text-sm text-pretty">{t("hero.forWhom")}</p>
        </div>
        <Picture />
      </div>

      <Section title={t("ways.title")} text={t("ways.text")} isSunken>
        <div className="grid gap-4 lg:grid-cols-3">
          {WAYS.map(({ way, icon, href }) => (
            <Way
              key={way}
              icon={icon}
              href={href}
              title={t(`ways.${way}.title`)}
              text={t(`ways.${way}.text`)}
              pay={t(`ways.${way}.pay`)}
              action={t(`ways.${way}.action`)}
            />
          ))}
        </div>
      </Section>

      <Section id="stages" title={t("stages.title")} text={t("stages.text")}>
        <Stages />
      </Section>

      <Section title={t("honest.title")} text={t("honest.text")} isSunken>
        <dl className="grid gap-x-10 gap-y-7 md:grid-cols-3">
          {HONEST.map((point) => (
            <Point key={point} title={t(`honest.${point}.title`)} text={t(`honest.${point}.text`)} />
          ))}
        </dl>
      </Section>

      <Section title={t("code.title")} text={t("code.text")}>
        <Snippets address={env().publicUrl} />
      </Section>

      <Section id="apart" title={t("apart.title")} text={t("apart.text")} isSunken>
        <dl className="grid gap-x-10 gap-y-7 sm:grid-cols-2 lg:grid-cols-3">
          {APART.map((point) => (
            <Point key={point} title={t(`apart.${point}.title`)} text={t(`apart.${point}.text`)} />
          ))}
        </dl>
      </Section>

      <Section title={t("end.title")} text={t("end.text")}>
        <div className="flex flex-wrap gap-2.5">
          <Button asChild>
            <Link href="/sign-up">{t("hero.start")}</Link>
          </Button>
          <Button variant="secondary" asChild>
            <Link href="/pricing">{t("end.pricing")}</Link>
          </Button>
        </div>
      </Section>
    </>
  );
}

function Way(props: {
  icon: ReactNode;
  title: string;
  text: string;
  pay: string;
  action: string;
  href: string;
}) {
  return (
    <article className="bg-surface flex flex-col rounded-lg border p-5 shadow-xs">
      <span aria-hidden className="text-accent [&_svg]:size-5">
        {props.icon}
      </span>
      <h3 className="mt-3 text-lg font-semibold">{props.title}</h3>
      <p className="text-ink-2 mt-1.5 text-sm text-pretty">{props.text}</p>
      <p className="text-ink-2 mt-4 border-t pt-3 text-sm text-pretty">{props.pay}</p>
      <Link
        href={props.href}
        className="text-accent mt-auto flex items-center gap-1.5 self-start rounded-xs pt-4 text-sm font-medium hover:underline"
      >
        {props.action} <ArrowRight aria-hidden className="size-4" />
      </Link>
    </article>
  );
}

function Point({ title, text }: { title: string; text: string }) {
  return (
    <div className="border-line-strong/50 border-t pt-3.5">
      <dt className="font-semibold">{title}</dt>
      <dd className="text-ink-2 mt-1 text-sm text-pretty">{text}</dd>
    </div>
  );
}
