/**
 * Letters that are drawn alike, folded to one: a compact part of what Unicode Technical Standard 39 lists, for the alphabets
 * that spammers swap letters between. Compatibility forms (full width, mathematical, circled) fall to NFKD before this.
 * Each pair: the lookalikes, and what each becomes. The fold may merge more than the eye does; it is for comparing only.
 */
const PAIRS: readonly (readonly [string, string])[] = [
  // Cyrillic, small and capital; з, б, ч stand where 3, 6, 4 are put for them.
  ['авсеёніїјкморѕтухүԁԛԝһӏзбч', 'abceehlljkmopstyxydqwhl364'],
  ['АВСЕЁНІЇЈКМОРЅТУХҮԀԚԜҺӀЗБЧ', 'abceehlljkmopstyxydqwhl364'],
  ['ԍԌґҐђћғҒүҰұѵѴ', 'gggghhffyyyvv'],
  // Greek.
  ['αβγεηικνορτυχωϲϳ', 'abyenlkvoptuxwcj'],
  ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹ', 'abezhlkmnoptyxc'],
  // Latin letters outside ASCII that do not decompose, and small capitals.
  ['ıɑɡɩɪʟɢʙɴʀʏᴀᴄᴅᴇꜰʜᴊᴋᴍᴏᴘꜱᴛᴜᴠᴡᴢøØłŁđĐħĦƖǀ', 'laglllgbnryacdefhjkmopstuvwzoollddhhll'],
  // Armenian and Cherokee.
  ['օոսհցԱՍՏՕ', 'onuhguuso'],
  ['ᎠᎡᎢᎪᎫᎬᎳᎷᎻᎽᏀᏃᏒᏔᏙᏚᏞᏟᏢᏦᏧᏴ', 'drtajewmhygzrwvslcpkdb'],
  // One stroke: i, I and l cannot be told apart in many typefaces.
  ['iI', 'll'],
]

/** Digits 0 to 9 as read between letters; 3, 4 and 6 stay: the Cyrillic letters that look like them come to them. */
export const DIGIT_BETWEEN_LETTERS = 'ol234s67b9'

/** For every UTF-16 code unit, its folded small letter; itself where there is nothing to fold. */
export function buildFoldTable(): Uint16Array {
  const table = new Uint16Array(0x10000)
  for (let unit = 0; unit < 0x10000; unit++) table[unit] = unit
  for (let unit = 0x41; unit <= 0x5a; unit++) table[unit] = unit + 32
  // Alphabets with two cases: one shape each.
  for (let unit = 0xc0; unit < 0x590; unit++) {
    const small = String.fromCharCode(unit).toLowerCase()
    if (small.length === 1) table[unit] = small.charCodeAt(0)
  }
  for (const [from, to] of PAIRS) for (let i = 0; i < from.length; i++) table[from.charCodeAt(i)] = to.charCodeAt(i)
  return table
}
