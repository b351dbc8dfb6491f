import { Type } from '@sinclair/typebox'
import { type FollowedCampaigns, NetworkCampaign } from '../../campaigns/index.ts'
import { type RouteGroup, route } from '../route.ts'

const HOUR_MS = 3_600_000

export interface CampaignRoutes {
  readonly campaigns: Pick<FollowedCampaigns, 'list'>
  readonly now: () => number
}

/** `/v1/campaigns`: near-duplicate texts and calls of one dialler, over all partitions. */
export function campaignRoutes({ campaigns, now }: CampaignRoutes): RouteGroup {
  return {
    tag: 'campaigns',
    about: 'Campaigns across many origins, added up over the whole network.',
    routes: [
      route({
        method: 'GET',
        path: '/v1/campaigns',
        access: 'read',
        summary: 'Campaigns that are live, largest first',
        about:
          'Verdicts tell what their own partition saw of a campaign; here the partitions are added up. After a start the ' +
          'latest 20,000 verdicts of each partition are read back, and what is older shows with its next verdict.',
        query: Type.Object(
          {
            hours: Type.Optional(
              Type.Integer({
                minimum: 1,
                maximum: 720,
                description: 'with a verdict in the last so many; 24 unless said',
              }),
            ),
            limit: Type.Optional(
              Type.Integer({ minimum: 1, maximum: 500, description: 'at most so many; 50 unless said' }),
            ),
          },
          { additionalProperties: false },
        ),
        answers: {
          200: { says: 'The campaigns.', schema: Type.Object({ items: Type.Array(NetworkCampaign) }) },
        },
        handle: ({ query: { hours = 24, limit = 50 } }) => ({
          status: 200,
          body: { items: campaigns.list(now() - hours * HOUR_MS).slice(0, limit) },
        }),
      }),
    ],
  }
}
