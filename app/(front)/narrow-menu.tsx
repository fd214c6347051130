"use client";
import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/button";
import { MenuItem, MenuLine } from "@/components/menu";
import { SiteControls } from "@/components/site-controls";

interface Props {
  links: readonly { href: string; label: string }[];
  label: string;
  icon: ReactNode;
}

export function NarrowMenu({ links, label, icon }: Props) {
  return (
    <SiteControls
      trigger={
        <Button variant="ghost" size="md" aria-label={label} className="w-9 px-0">
          {icon}
        </Button>
      }
    >
      {links.map((link) => (
        <MenuItem key={link.href} asChild>
          <Link href={link.href}>{link.label}</Link>
        </MenuItem>
      ))}
      <MenuLine />
    </SiteControls>
  );
}
