export { type ListKind, listKinds, type MemberSet } from './kinds.ts'
export { createLists, extendList, type Lists, noLists } from './lists.ts'
export { type ListProblem, type ListSource, readList } from './read.ts'
