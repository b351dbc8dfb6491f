/** What a training run says while it goes on; the command line draws it, tests ignore it. */
export interface TrainingProgress {
  readonly stage: 'reading' | 'features' | 'training' | 'calibrating' | 'writing'
  /** Share of the whole run that is done, 0 … 1. */
  readonly done: number
  readonly epoch?: number
  readonly epochs?: number
  /** Mean training loss of the epoch so far. */
  readonly loss?: number
  /** Loss on the part held out. */
  readonly validation?: number
}

export type OnProgress = (progress: TrainingProgress) => void
export const silent: OnProgress = () => {}
