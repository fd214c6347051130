/** A row as it was measured; lines, such as a table's columns, stand one behind the other as far as there is room. */
export function RowText({ text }: { text: string }) {
  return text.split("\n").map((line, i) => (
    <span key={i} className="mr-3 inline-block max-w-full">
      {line}
    </span>
  ));
}
