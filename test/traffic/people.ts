import type { Person } from './plan.ts'
import type { Random } from './random.ts'

/**
 * The subscribers. Fixed lines are in the ranges that ARCEP keeps for works of fiction (01 99 00, 04 65 71), foreign
 * ones in Ofcom's, Bundesnetzagentur's and NANPA's. France's range for fictional mobiles (06 39 98) is no valid range in
 * libphonenumber's metadata, so mobiles are in 06 00 00, which looks made up and is valid.
 */
export interface People {
  readonly mobiles: readonly Person[]
  readonly desks: readonly Person[]
  readonly reception: Person
  readonly surgery: Person
  readonly abroad: readonly Person[]
  /** Friends and family of each, by number; symmetric. */
  readonly circles: ReadonlyMap<string, readonly Person[]>
}

const givenNames = [
  'Camille',
  'Louise',
  'Hugo',
  'Jules',
  'Chloé',
  'Inès',
  'Adam',
  'Léa',
  'Nathan',
  'Manon',
  'Yanis',
  'Sarah',
  'Paul',
  'Zoé',
  'Rania',
  'Karim',
  'Élise',
  'Marc',
  'Nadia',
  'Théo',
  'Lina',
  'Omar',
  'Anaïs',
  'Victor',
  'Mei',
  'Bruno',
  'Clara',
  'Denis',
  'Fatou',
  'Gilles',
  'Hanna',
  'Igor',
  'Jade',
  'Khadija',
  'Luc',
  'Maya',
  'Noé',
  'Olga',
  'Pierre',
  'Quentin',
  'Rose',
  'Samir',
  'Tina',
  'Ugo',
  'Wendy',
  'Xavier',
]
const mobileAgents = ['Samsung IMS 6.0', 'iOS/18.1 iPhone', 'Pixel IMS/14', 'Xiaomi IMS 1.0', 'Linphone/5.2.4'] as const

const mobileCount = 46
const deskCount = 11

export function createPeople(random: Random): People {
  const mobiles = givenNames.slice(0, mobileCount).map((name, index) => ({
    number: `+336000${String(1013 + index * 173 + random.whole(0, 150)).padStart(5, '0')}`,
    name,
    agent: random.pick(mobileAgents),
  }))
  const desks = Array.from({ length: deskCount }, (_, index) => ({
    number: `+3319900${1001 + index * 3}`,
    name: `Poste ${101 + index * 3}`,
    agent: 'Yealink SIP-T46U 108.86',
  }))
  const abroad = [
    { number: '+442079460123', name: 'Oliver', agent: 'BT-IBCF/2.1' },
    { number: '+442079460871', name: 'Emily', agent: 'BT-IBCF/2.1' },
    { number: '+493023125042', name: 'Lukas', agent: 'DTAG-SBC/7' },
    { number: '+14155550142', name: 'Ashley', agent: 'NorthSBC/3' },
    { number: '+14155550177', name: 'James', agent: 'NorthSBC/3' },
  ]
  return {
    mobiles,
    desks,
    reception: { number: '+33199001000', name: 'Accueil', agent: 'Yealink SIP-T57W 96.86' },
    surgery: { number: '+33465710050', name: 'Cabinet Martin', agent: 'RendezVous/3.4' },
    abroad,
    circles: circlesOf([...mobiles, ...abroad], random),
  }
}

/** Two neighbours on each side of a shuffled ring, and a few ties across it: everyone knows four to seven others. */
function circlesOf(people: readonly Person[], random: Random): Map<string, readonly Person[]> {
  const ring = random.shuffled(people)
  const known = new Map(ring.map(person => [person.number, new Map<string, Person>()]))
  const tie = (one: Person, other: Person) => {
    if (one.number === other.number) return
    known.get(one.number)?.set(other.number, other)
    known.get(other.number)?.set(one.number, one)
  }
  for (const [index, person] of ring.entries()) {
    tie(person, ring[(index + 1) % ring.length]!)
    tie(person, ring[(index + 2) % ring.length]!)
    if (random.chance(0.4)) tie(person, random.pick(ring))
  }
  return new Map([...known].map(([number, friends]) => [number, [...friends.values()]]))
}

/** A French number as people dial it at home: `+33612…` → `0612…`; others as they are. */
export function nationalForm(number: string): string {
  return number.startsWith('+33') ? `0${number.slice(3)}` : number
}
