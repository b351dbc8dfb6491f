import { readFileSync } from 'node:fs'
import { RingfenceError } from '../../engine/errors/index.ts'

/**
 * Text of a file that training reads.
 * @throws RingfenceError INPUT_UNREADABLE with the hint, which says what to give instead
 */
export function readInput(path: string, hint: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new RingfenceError('INPUT_UNREADABLE', `cannot read ${path}`, { cause, hint })
  }
}
