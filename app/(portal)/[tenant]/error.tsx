"use client";
import { AreaError, type AreaErrorProps } from "@/components/area-error";

export default function ErrorPage(props: AreaErrorProps) {
  return <AreaError {...props} />;
}
