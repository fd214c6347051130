import clsx from "clsx";
import type { ReactNode } from "react";

interface Props {
  id?: string;
  title: string;
  text: string;
  isSunken?: boolean;
  children: ReactNode;
}

export function Section({ id, title, text, isSunken = false, children }: Props) {
  return (
    <section id={id} className={clsx("scroll-mt-14", isSunken && "bg-sunken border-y")}>
      <div className="mx-auto max-w-[72rem] px-4 py-14 sm:px-6 lg:py-20">
        <h2 className="max-w-2xl text-2xl font-semibold sm:text-3xl">{title}</h2>
        <p className="text-ink-2 mt-3 mb-9 max-w-2xl text-lg text-pretty">{text}</p>
        {children}
      </div>
    </section>
  );
}
