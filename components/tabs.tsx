"use client";
import { Tabs as Primitive } from "radix-ui";
import type { ReactNode } from "react";

export interface TabsProps {
  tabs: readonly { value: string; label: ReactNode; content: ReactNode }[];
  defaultValue?: string;
  label?: string;
  onValueChange?: (value: string) => void;
}

export function Tabs({ tabs, defaultValue, label, onValueChange }: TabsProps) {
  return (
    <Primitive.Root defaultValue={defaultValue ?? tabs[0]?.value} onValueChange={onValueChange}>
      <Primitive.List
        aria-label={label}
        className="mb-4 flex gap-5 overflow-x-auto border-b [scrollbar-width:none]"
      >
        {tabs.map((tab) => (
          <Primitive.Trigger
            key={tab.value}
            value={tab.value}
            className="text-ink-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink -mb-px shrink-0 border-b-2 border-transparent pt-1 pb-2 text-sm font-medium focus-visible:-outline-offset-2"
          >
            {tab.label}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map((tab) => (
        <Primitive.Content key={tab.value} value={tab.value} className="min-w-0">
          {tab.content}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  );
}
