/** A report as sections of blocks, in one language, before any markup. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'figures'; readonly figures: readonly Figure[] }
  | { readonly kind: 'chart'; readonly title: string; readonly svg: string }
  | { readonly kind: 'table'; readonly columns: readonly Column[]; readonly rows: readonly (readonly string[])[] }

export interface Figure {
  readonly label: string
  readonly value: string
  readonly note?: string
}

/** `text` columns are aligned left and may break, `number` columns right and may not. */
export interface Column {
  readonly label: string
  readonly align: 'text' | 'number'
}

export const paragraph = (text: string): Block => ({ kind: 'text', text })
export const heading = (text: string): Block => ({ kind: 'heading', text })
export const figures = (list: readonly Figure[]): Block => ({ kind: 'figures', figures: list })
export const chart = (title: string, svg: string): Block => ({ kind: 'chart', title, svg })

/** A column and what stands in it for a row of the study. */
export interface ColumnOf<Row> extends Column {
  readonly cell: (row: Row) => string
}

export const words = <Row>(label: string, cell: (row: Row) => string): ColumnOf<Row> => ({ label, align: 'text', cell })
export const digits = <Row>(label: string, cell: (row: Row) => string): ColumnOf<Row> => ({
  label,
  align: 'number',
  cell,
})

export function table<Row>(rows: readonly Row[], columns: readonly ColumnOf<Row>[]): Block {
  return {
    kind: 'table',
    columns: columns.map(({ label, align }) => ({ label, align })),
    rows: rows.map(row => columns.map(({ cell }) => cell(row))),
  }
}
