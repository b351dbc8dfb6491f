export { WARM } from '../features/index.ts'
export { judgeBatch } from './batch.ts'
export {
  createPartition,
  type Explanation,
  type Judged,
  type Partition,
  type PartitionFigures,
  type PartitionOptions,
  type Taken,
  type TakenToExplain,
} from './partition.ts'
