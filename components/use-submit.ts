"use client";
import { type FormEvent, useState } from "react";
import { ApiError } from "./call";
import { useErrorText } from "./use-error-text";

/**
 * One form: busy while it is sent, and the refusal placed at the field that it names, else above the form.
 * `send` gets the form's texts by field name.
 */
export function useSubmit(
  fields: readonly string[],
  send: (values: Record<string, string>) => Promise<void>,
) {
  const textOf = useErrorText();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const param = error instanceof ApiError ? error.param : null;
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isBusy) return;
    const values = Object.fromEntries(
      [...new FormData(event.currentTarget)].map(([name, value]) => [
        name,
        typeof value === "string" ? value : "",
      ]),
    );
    setIsBusy(true);
    setError(null);
    try {
      await send(values);
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  const hasPlace = param !== null && fields.includes(param);
  return {
    isBusy,
    onSubmit,
    error,
    formError: error !== null && !hasPlace ? textOf(error) : null,
    errorOf: (field: string) => (param === field ? besideField(textOf(error)) : undefined),
  };
}

/** The route names the field in front, `email`: ..., which the reader sees from where the sentence stands. */
function besideField(text: string): string {
  const bare = text.replace(/^`[^`]*`: /, "");
  return bare.charAt(0).toUpperCase() + bare.slice(1);
}
