import type { RuleCase } from './case.ts'

const message = { kind: 'message' }

export const messageCases: Readonly<Record<string, RuleCase>> = {
  MESSAGE_BURST: {
    fires: { who: 'a sender in bulk', activity: message, features: { messages_10m: 80, distinct_targets_10m: 78 } },
    spares: { who: 'a lively chat', activity: message, features: { messages_10m: 60, distinct_targets_10m: 3 } },
  },
  NOBODY_REPLIES: {
    fires: {
      who: 'a sender in bulk',
      activity: message,
      features: { messages_24h: 200, distinct_targets_24h: 190, outgoing_share_24h: 1 },
    },
    spares: {
      who: 'the organiser of a feast',
      activity: message,
      features: { messages_24h: 90, distinct_targets_24h: 70, outgoing_share_24h: 0.6 },
    },
  },
  REPEATED_TEXT: {
    fires: { who: 'a sender in bulk', activity: message, features: { repeated_texts_1h: 40, repeat_ratio_1h: 0.95 } },
    spares: {
      who: 'a surgery with twelve reminders',
      activity: message,
      features: { repeated_texts_1h: 11, repeat_ratio_1h: 0.92 },
    },
  },
  REPEATED_LINK: {
    fires: {
      who: 'a phisher',
      activity: message,
      features: { repeated_texts_1h: 30, repeat_ratio_1h: 0.95, links_1h: 30 },
      text: { links: 1 },
    },
    spares: {
      who: 'a surgery with forty reminders and no link',
      activity: message,
      features: { repeated_texts_1h: 40, repeat_ratio_1h: 0.95 },
    },
  },
  MESSAGE_BLAST: {
    fires: {
      who: 'a sender in bulk',
      activity: message,
      features: { repeated_texts_1h: 300, repeat_ratio_1h: 0.99, distinct_targets_1h: 280 },
    },
    spares: {
      who: 'a surgery with sixty reminders',
      activity: message,
      features: { repeated_texts_1h: 60, repeat_ratio_1h: 0.95, distinct_targets_1h: 60 },
    },
  },
  CAMPAIGN: {
    fires: {
      who: 'one SIM of a farm',
      activity: message,
      features: { campaign_origins: 12, campaign_messages: 200 },
      text: { links: 1 },
    },
    spares: {
      who: 'a greeting of New Year',
      activity: message,
      features: { campaign_origins: 90, campaign_messages: 900 },
    },
  },
  SMISHING_TEXT: {
    fires: { who: 'a parcel that is not', activity: message, text: { links: 1, urgency: 1, amounts: 1 } },
    spares: { who: 'a friend with a link', activity: message, text: { links: 1, amounts: 1 } },
  },
  SHORTENED_LINK: {
    fires: {
      who: 'a sender of hidden links',
      activity: message,
      features: { links_1h: 10, distinct_targets_1h: 10 },
      text: { shortened_links: 1 },
    },
    spares: {
      who: 'a friend with one',
      activity: message,
      features: { links_1h: 1, distinct_targets_1h: 1 },
      text: { shortened_links: 1 },
    },
  },
  MIXED_SCRIPTS: {
    fires: { who: 'an evader of filters', activity: message, text: { mixed_scripts: 1 } },
    spares: { who: 'somebody who writes Greek', activity: message, text: { length: 60 } },
  },
  CALL_THIS_NUMBER: {
    fires: {
      who: 'a false support desk',
      activity: message,
      features: { repeated_texts_1h: 12, repeat_ratio_1h: 0.9 },
      text: { phone_numbers: 1, urgency: 1 },
    },
    spares: {
      who: 'a friend: call me on this number',
      activity: message,
      features: { repeated_texts_1h: 1, repeat_ratio_1h: 0.2 },
      text: { phone_numbers: 1, urgency: 1 },
    },
  },
  OTP_PUMPING: {
    fires: {
      who: 'codes to invented numbers',
      activity: message,
      features: { messages_1h: 200, unassigned_targets_1h: 60 },
      text: { otp: 1 },
    },
    spares: {
      who: 'a bank that sends codes',
      activity: message,
      features: { messages_1h: 5_000, unassigned_targets_1h: 20 },
      text: { otp: 1 },
    },
  },
}
