"use client";
import clsx from "clsx";
import { ArrowDown, ArrowUp, ChevronsUpDown, Search } from "lucide-react";
import { useTranslations } from "next-intl";
import { type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Button } from "./button";
import { Input } from "./field";
import { cellOf, type Sorting, sortRows, textOf } from "./table-rows";

export interface Column<Row> {
  key: string;
  header: ReactNode;
  /** Only from client components; a server page puts `{ value, node }` into the row instead. */
  cell?: (row: Row) => ReactNode;
  align?: "left" | "right";
  sortable?: boolean;
}

export interface DataTableProps<Row extends object> {
  columns: readonly Column<Row>[];
  /**
   * `row[column.key]` is shown as it is, or as `{ value, node }`: `value` for sorting and search, `node` for
   * the eye.
   */
  rows: readonly Row[];
  /** The property that names a row, or a function from client components. */
  rowKey: (keyof Row & string) | ((row: Row) => string);
  /** What the table lists, for assistive technology. */
  label?: string;
  search?: boolean;
  empty?: ReactNode;
  pageSize?: number;
  toolbar?: ReactNode;
}

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { columns, rows, rowKey, label, search = false, empty, pageSize = 50, toolbar } = props;
  const t = useTranslations("kit");
  const [wanted, setWanted] = useState("");
  const [sorting, setSorting] = useState<Sorting | null>(null);
  const [shown, setShown] = useState(pageSize);
  const found = useMemo(() => {
    const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = rows.filter((row) => {
      const text = textOf(row, columns);
      return words.every((word) => text.includes(word));
    });
    return sorting ? sortRows(kept, sorting) : kept;
  }, [rows, columns, wanted, sorting]);
  const nameOf = (row: Row) => (typeof rowKey === "function" ? rowKey(row) : String(row[rowKey]));

  if (rows.length === 0)
    return (
      <>
        {toolbar !== undefined && <div className="flex gap-2 border-b px-4 py-2.5 sm:px-5">{toolbar}</div>}
        {empty ?? <p className="text-ink-3 px-5 py-10 text-center text-sm">{t("nothingHere")}</p>}
      </>
    );
  return (
    <div className="min-w-0">
      {(search || toolbar !== undefined) && (
        <div className="flex flex-wrap items-center gap-2 border-b px-4 py-2.5 sm:px-5">
          {search && <SearchBox value={wanted} onChange={setWanted} />}
          {toolbar}
        </div>
      )}
      <table className="block w-full text-sm sm:table" aria-label={label}>
        <thead className="sr-only sm:not-sr-only sm:table-header-group">
          <tr className="border-b">
            {columns.map((column) => (
              <HeadCell key={column.key} column={column} sorting={sorting} onSort={setSorting} />
            ))}
          </tr>
        </thead>
        <tbody className="block divide-y sm:table-row-group">
          {found.slice(0, shown).map((row) => (
            <tr key={nameOf(row)} className="hover:bg-hover/60 block px-4 py-2.5 sm:table-row sm:p-0">
              {columns.map((column) => (
                <td
                  key={column.key}
                  className={clsx(
                    "flex min-w-0 items-baseline justify-between gap-4 py-0.5 align-middle sm:table-cell sm:px-4 sm:py-2.5 sm:first:pl-5 sm:last:pr-5",
                    column.align === "right" && "figures sm:text-right",
                  )}
                >
                  <span aria-hidden className="text-ink-3 shrink-0 text-xs sm:hidden">
                    {column.header}
                  </span>
                  <span
                    className={clsx(
                      "min-w-0 text-right break-words sm:contents",
                      // A block within inherits the alignment even from a box that is not drawn.
                      column.align !== "right" && "sm:text-left",
                    )}
                  >
                    {column.cell ? column.cell(row) : cellOf(row, column.key).node}
                  </span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {found.length === 0 && (
        <p role="status" className="text-ink-3 px-5 py-10 text-center text-sm">
          {t("noMatch", { wanted })}
        </p>
      )}
      {found.length > shown && (
        <div className="flex items-center justify-between gap-3 border-t px-4 py-2.5 sm:px-5">
          <span className="text-ink-3 figures text-xs">{t("shownOf", { shown, total: found.length })}</span>
          <Button variant="secondary" size="sm" onClick={() => setShown(shown + pageSize)}>
            {t("showMore")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** `/` goes to the first search box of the page, as in the products that people know. */
function SearchBox({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const t = useTranslations("kit");
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : null;
      const isTyping = target?.matches("input, textarea, select, [contenteditable]") ?? false;
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey) return;
      if (document.querySelector("[data-table-search]") !== box.current) return;
      event.preventDefault();
      box.current?.focus();
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <span className="relative block w-full [--control:2rem] sm:w-64">
      <Search aria-hidden className="text-ink-3 absolute top-1/2 left-2.5 size-4 -translate-y-1/2" />
      <Input
        ref={box}
        type="search"
        data-table-search=""
        aria-label={t("search")}
        placeholder={t("search")}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="pl-8"
      />
    </span>
  );
}

function HeadCell<Row>({
  column,
  sorting,
  onSort,
}: {
  column: Column<Row>;
  sorting: Sorting | null;
  onSort: (sorting: Sorting) => void;
}) {
  const isActive = sorting?.key === column.key;
  const Icon = !isActive ? ChevronsUpDown : sorting.isDescending ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={isActive ? (sorting.isDescending ? "descending" : "ascending") : undefined}
      className={clsx(
        "text-ink-3 px-4 py-2 text-xs font-medium whitespace-nowrap first:pl-5 last:pr-5",
        column.align === "right" ? "text-right" : "text-left",
      )}
    >
      {column.sortable ? (
        <button
          type="button"
          className="hover:text-ink -mx-1 inline-flex items-center gap-1 rounded-xs px-1"
          onClick={() => onSort({ key: column.key, isDescending: isActive ? !sorting.isDescending : false })}
        >
          {column.header}
          <Icon aria-hidden className={clsx("size-3", !isActive && "opacity-60")} />
        </button>
      ) : (
        column.header
      )}
    </th>
  );
}
