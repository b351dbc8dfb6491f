export { type CampaignBook, createCampaignBook, NetworkCampaign } from './book.ts'
export { type FollowCampaignsOptions, type FollowedCampaigns, followCampaigns } from './follow.ts'
