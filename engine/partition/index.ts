export {
  createPartition,
  type Explanation,
  type Judged,
  type Partition,
  type PartitionFigures,
  type PartitionOptions,
} from './partition.ts'
