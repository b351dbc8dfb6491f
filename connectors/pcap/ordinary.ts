/** What every capture holds beside signalling: no damage, and not reported. */
export const ordinaryReasons: ReadonlySet<string> = new Set(['not-ip', 'other-transport'])
