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
export const words = (label: string): Column => ({ label, align: 'text' })
export const digits = (label: string): Column => ({ label, align: 'number' })
export const table = (columns: readonly Column[], rows: readonly (readonly string[])[]): Block => ({
  kind: 'table',
  columns,
  rows,
})
