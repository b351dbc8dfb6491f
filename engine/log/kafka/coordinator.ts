import type { KafkaJsBroker } from 'kafkajs/src/broker/index.js'
import type Cluster from 'kafkajs/src/cluster/index.js'
import { rootOf } from './errors.ts'

const OF_A_GROUP = 0

/**
 * The broker that leads a group. kafkajs swallows why no broker names one, so that a user without the right on the group
 * would look for ever: then one of them is asked once more, to hear the reason. Throws it.
 */
export async function findCoordinator(cluster: Cluster, groupId: string): Promise<KafkaJsBroker> {
  try {
    return await cluster.findGroupCoordinator({ groupId })
  } catch (error) {
    if ((rootOf(error) as { name?: string }).name !== 'KafkaJSGroupCoordinatorNotFound') throw error
    const broker = await cluster.findControllerBroker()
    await broker.findGroupCoordinator({ groupId, coordinatorType: OF_A_GROUP })
    throw error
  }
}
