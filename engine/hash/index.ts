export { idOf } from './id.ts'
export { createLastHash, type LastHash } from './last.ts'
export { type Hash128, hashBytes, hashText } from './murmur3.ts'
export { createHashQueue, type HashQueue } from './queue.ts'
