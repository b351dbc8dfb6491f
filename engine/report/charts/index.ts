export { type Bar, barChart } from './bars.ts'
export { dailyChart } from './daily.ts'
export { heatChart } from './heat.ts'
export { escaped } from './svg.ts'
