import { fit } from '../terminal/index.ts'
import type { BoardRow } from './board.ts'
import { deedsOf } from './board.ts'

/** Where the demo draws: standard output. */
export interface ScreenStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

export interface ScreenState {
  readonly rows: readonly BoardRow[]
  readonly parties: number
  readonly verdicts: number
  /** Recorded time reached, ms. */
  readonly timeMs: number
  /** Share of the sample that was sent, 0 to 1. */
  readonly share: number
}

const HEADS = {
  en: ['time', 'party', 'what it did', 'score', 'action', 'why'],
  fr: ['heure', 'correspondant', 'ce qu’il a fait', 'score', 'action', 'pourquoi'],
} as const
const WIDTHS = [8, 18, 22, 6, 9] as const
const COLOUR: Readonly<Record<string, string>> = { flag: '33', challenge: '35', divert: '36', block: '31' }
const BAR_WIDTH = 30

/** Draws the live table in place on a terminal; elsewhere each newly caught party is one plain line. */
export function createScreen(stream: ScreenStream, language: 'en' | 'fr') {
  const terminal = stream.isTTY === true
  const width = Math.max(80, stream.columns ?? 140)
  let drawn = 0

  function draw(state: ScreenState): void {
    if (!terminal) return
    const room = Math.max(3, (stream.rows ?? 30) - 5)
    const lines = [
      status(state, language, width),
      '',
      `\x1b[1m${cells(HEADS[language], width)}\x1b[0m`,
      ...state.rows.slice(0, room).map(row => coloured(row, language, width)),
    ]
    if (state.rows.length > room) lines.push(`… +${state.rows.length - room}`)
    stream.write(`${drawn > 0 ? `\x1b[${drawn}A` : ''}${lines.map(line => `\x1b[2K${line}`).join('\n')}\n`)
    drawn = lines.length
  }

  return {
    draw,
    /** A party's action has become more severe. */
    caught(row: BoardRow): void {
      if (!terminal) stream.write(`${plain(row, language)}\n`)
    },
    /** Column titles, once, where the table is not redrawn. */
    open(): void {
      if (!terminal) stream.write(`${HEADS[language].join('\t')}\n`)
    },
  }
}

function status(state: ScreenState, language: 'en' | 'fr', width: number): string {
  const filled = Math.round(state.share * BAR_WIDTH)
  const bar = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}`
  const words =
    language === 'fr'
      ? `${state.verdicts} verdicts · ${state.parties} correspondants · ${state.rows.length} signalés`
      : `${state.verdicts} verdicts · ${state.parties} parties · ${state.rows.length} caught`
  return fit(`${clock(state.timeMs)} ${bar} ${(state.share * 100).toFixed(0).padStart(3)} %  ${words}`, width)
}

function valuesOf(row: BoardRow, language: 'en' | 'fr'): string[] {
  return [clock(row.timeMs), row.party, deedsOf(row, language), row.score.toFixed(1), row.action, row.why]
}

function cells(values: readonly string[], width: number): string {
  const last = width - WIDTHS.reduce((sum, w) => sum + w + 1, 0)
  return values.map((value, i) => fit(value, WIDTHS[i] ?? last, i === 3 ? 'right' : 'left')).join(' ')
}

function coloured(row: BoardRow, language: 'en' | 'fr', width: number): string {
  return `\x1b[${COLOUR[row.action] ?? '0'}m${cells(valuesOf(row, language), width)}\x1b[0m`
}

function plain(row: BoardRow, language: 'en' | 'fr'): string {
  return valuesOf(row, language).join('\t')
}

function clock(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 19)
}
