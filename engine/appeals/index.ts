export { type Appeals, type AppealsOptions, createAppeals, type Filing, type Ruling, THE_PARTY } from './appeals.ts'
export { type Redress, readCardKey, signCard } from './card.ts'
export { createTickets, type TicketHolder, type Tickets } from './ticket.ts'
