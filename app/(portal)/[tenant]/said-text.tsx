import { Alert } from "@/components/alert";
import { useRefusalText, useSaid } from "./said";

export function Said({ sentence }: { sentence: string }) {
  return useSaid()(sentence);
}

export function RefusalAlert(props: { title: string; code: string | null; message: string | null }) {
  const { title, code, message } = props;
  const textOf = useRefusalText();
  return (
    <Alert tone="bad" title={title}>
      {textOf(code, message)} {code && <code className="text-xs">{code}</code>}
    </Alert>
  );
}
