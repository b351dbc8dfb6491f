import { planBlast, planRobocalls, planScan, planSequentialDialling, planWangiri } from './campaigns.ts'
import { planOrdinary } from './ordinary.ts'
import { createPeople } from './people.ts'
import type { TrafficPlan } from './plan.ts'
import { createRandom } from './random.ts'
import { truthOf } from './truth.ts'

/** The seed that the committed sample was planned with. */
export const SAMPLE_SEED = 1

/** Ten minutes of ordinary traffic with four campaigns and a scanner in it; the same for the same seed. */
export function planTraffic(seed: number): TrafficPlan {
  const random = createRandom(seed)
  const people = createPeople(random)
  const ordinary = planOrdinary(people, random)
  const calls = [
    ...ordinary.calls,
    ...planRobocalls(people, random),
    ...planSequentialDialling(random),
    ...planWangiri(people, random),
  ]
  const messages = [...ordinary.messages, ...planBlast(people, random)]
  const probes = planScan(random)
  return {
    calls,
    messages,
    probes,
    registrations: ordinary.registrations,
    truth: truthOf(people, { calls, messages, probes }),
  }
}
