import { type FollowedCampaigns, followCampaigns } from '../../engine/campaigns/index.ts'
import { messageOf } from '../../engine/errors/index.ts'
import type { Ground } from './ground.ts'
import { instance } from './packs.ts'

/** Campaigns of the whole network, from the verdicts; when the log breaks they stay as they were, and the log says so. */
export async function openCampaigns({ log, logger, opened }: Ground): Promise<FollowedCampaigns> {
  const campaigns = await followCampaigns({ log, instance })
  opened.push(campaigns.close)
  campaigns.ended.catch((error: unknown) =>
    logger.error({ reason: messageOf(error) }, 'campaigns are no longer followed'),
  )
  return campaigns
}
