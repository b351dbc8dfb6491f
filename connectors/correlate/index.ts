export { type Correlator, type CorrelatorOptions, createCorrelator, type SignalObserver } from './correlator.ts'
export { createEventClock, type EventClock } from './event-clock.ts'
