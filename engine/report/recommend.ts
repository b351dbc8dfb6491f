import type { Recommendation, Study } from './model.ts'

interface Rule {
  readonly rule: string
  /** The figures that fire it, in both languages; undefined when it does not fire. */
  when(study: Draft): { readonly en: string; readonly fr: string } | undefined
  readonly says: { readonly en: string; readonly fr: string }
}

type Draft = Omit<Study, 'recommendations'>

const percent = (share: number, language: 'en' | 'fr') =>
  new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 1 }).format(share)
const both = (text: (language: 'en' | 'fr') => string) => ({ en: text('en'), fr: text('fr') })

/** Recommendations follow from figures alone: a rule each, and what fired it is printed beside it. */
const rules: readonly Rule[] = [
  {
    rule: 'route-concentration',
    when({ features: { trunks }, volume }) {
      const [first] = trunks
      if (first === undefined || volume.spam < 100 || first.share < 0.3 || trunks.length < 2) return undefined
      return {
        en: `${first.name || 'no trunk'} carries ${percent(first.share, 'en')} of all spam.`,
        fr: `${first.name || 'aucun faisceau'} achemine ${percent(first.share, 'fr')} de tout le spam.`,
      }
    },
    says: {
      en: 'Take up the leading route with its interconnect partner: ask for trace-back, and put a spam clause in the agreement.',
      fr: "Aborder la principale voie d'acheminement avec le partenaire d'interconnexion : demander la recherche de l'origine et prévoir une clause relative au spam dans l'accord.",
    },
  },
  {
    rule: 'source-concentration',
    when({ features: { concentration }, volume }) {
      if (volume.spam < 100 || concentration.topTenShare < 0.5 || concentration.sources <= 10) return undefined
      return both(language =>
        language === 'en'
          ? `Ten sources of ${concentration.sources} make ${percent(concentration.topTenShare, 'en')} of all spam.`
          : `Dix sources sur ${concentration.sources} produisent ${percent(concentration.topTenShare, 'fr')} de tout le spam.`,
      )
    },
    says: {
      en: 'Act on the few sources that make most of it: lists and contracts reach further here than filters.',
      fr: 'Agir sur les quelques sources qui en produisent la plus grande part : listes et contrats y portent plus loin que les filtres.',
    },
  },
  {
    rule: 'not-reviewed',
    when({ quality }) {
      const reviewed = quality.strata.reduce((sum, { reviewed }) => sum + reviewed, 0)
      if (reviewed > 0) return undefined
      return {
        en: `None of the ${quality.sampleSize} events that this report draws for review has been reviewed.`,
        fr: `Aucun des ${quality.sampleSize} événements tirés pour vérification par ce rapport n'a été vérifié.`,
      }
    },
    says: {
      en: 'Have analysts review the sample in review.csv: without it the true volume and the false positives are unknown.',
      fr: "Faire vérifier par des analystes l'échantillon de review.csv : sans cela, le volume réel et les faux positifs restent inconnus.",
    },
  },
  {
    rule: 'false-blocks',
    when({ quality }) {
      const share = quality.strata[4]?.share
      if (share === undefined || share.value >= 0.99) return undefined
      return both(language =>
        language === 'en'
          ? `${percent(1 - share.value, 'en')} of the reviewed blocked events were no spam.`
          : `${percent(1 - share.value, 'fr')} des événements bloqués et vérifiés n'étaient pas du spam.`,
      )
    },
    says: {
      en: 'Raise the block threshold or the rules behind these blocks before enforcing more.',
      fr: 'Relever le seuil de blocage ou revoir les règles en cause avant de bloquer davantage.',
    },
  },
  {
    rule: 'mostly-flagged',
    when({ effect, volume }) {
      const stopped = effect.byAction[3] + effect.byAction[4]
      if (volume.spam < 100 || stopped / volume.spam > 0.2) return undefined
      return both(language =>
        language === 'en'
          ? `${percent(stopped / volume.spam, 'en')} of what was found was diverted or blocked.`
          : `${percent(stopped / volume.spam, 'fr')} de ce qui a été trouvé a été dévié ou bloqué.`,
      )
    },
    says: {
      en: 'Enforcement lags behind detection: consider diverting or blocking the categories whose precision has been measured.',
      fr: 'La mise en œuvre reste en deçà de la détection : envisager de dévier ou de bloquer les catégories dont la précision a été mesurée.',
    },
  },
  {
    rule: 'foreign-origin',
    when({ features: { originCountries }, country, volume }) {
      const foreign = originCountries.filter(({ name }) => name !== country && name !== '' && name !== '001')
      const share = foreign.reduce((sum, each) => sum + each.share, 0)
      if (country === '' || volume.spam < 100 || share < 0.4) return undefined
      return both(language =>
        language === 'en'
          ? `${percent(share, 'en')} of all spam bears a foreign number.`
          : `${percent(share, 'fr')} de tout le spam porte un numéro étranger.`,
      )
    },
    says: {
      en: 'Check foreign and domestic numbers at the international gateways, and seek cooperation with the countries that lead the list.',
      fr: 'Contrôler les numéros étrangers et nationaux aux centres internationaux et rechercher la coopération des pays en tête de liste.',
    },
  },
  {
    rule: 'growth',
    when({ volume, before }) {
      if (before === undefined || before.spam < 100 || volume.share < before.share * 1.2) return undefined
      return both(language =>
        language === 'en'
          ? `The share of spam rose from ${percent(before.share, 'en')} to ${percent(volume.share, 'en')}.`
          : `La part du spam est passée de ${percent(before.share, 'fr')} à ${percent(volume.share, 'fr')}.`,
      )
    },
    says: {
      en: 'Find what grew, by category and route, before it is the normal case; share it with the other operators.',
      fr: "Déterminer ce qui a augmenté, par catégorie et par voie d'acheminement, et en informer les autres exploitants.",
    },
  },
  {
    rule: 'outside-hours',
    when({ features: { outsideHours } }) {
      if (outsideHours.commercial < 100 || outsideHours.calls / outsideHours.commercial < 0.1) return undefined
      const share = outsideHours.calls / outsideHours.commercial
      return both(language =>
        language === 'en'
          ? `${percent(share, 'en')} of commercial spam calls came outside the permitted hours.`
          : `${percent(share, 'fr')} des appels commerciaux indésirables ont eu lieu hors des heures permises.`,
      )
    },
    says: {
      en: 'Report calls outside the permitted hours to the authority: they are the easiest to prove.',
      fr: "Signaler à l'autorité les appels hors des heures permises : ce sont les plus faciles à prouver.",
    },
  },
  {
    rule: 'campaigns',
    when({ features: { campaigns, campaignTotal }, volume }) {
      const inCampaigns = campaigns.reduce((sum, { spam }) => sum + spam, 0)
      if (volume.spam < 100 || inCampaigns / volume.spam < 0.3) return undefined
      return both(language =>
        language === 'en'
          ? `The leading ${campaigns.length} of ${campaignTotal} campaigns make ${percent(inCampaigns / volume.spam, 'en')} of all spam.`
          : `Les ${campaigns.length} premières campagnes sur ${campaignTotal} représentent ${percent(inCampaigns / volume.spam, 'fr')} de tout le spam.`,
      )
    },
    says: {
      en: 'Exchange campaign fingerprints with other operators: the same text reaches their subscribers.',
      fr: 'Échanger les empreintes des campagnes avec les autres exploitants : le même texte atteint leurs abonnés.',
    },
  },
  {
    rule: 'missing-days',
    when({ coverage: { missingDays } }) {
      if (missingDays.length === 0) return undefined
      return {
        en: `The archive holds nothing of ${missingDays.length} days.`,
        fr: `L'archive ne contient rien pour ${missingDays.length} jours.`,
      }
    },
    says: {
      en: 'Find out why days are missing; totals of this report leave them out.',
      fr: 'Rechercher pourquoi des jours manquent ; les totaux de ce rapport ne les comptent pas.',
    },
  },
]

/** The rules that fire, in their order. */
export function recommend(study: Draft): readonly Recommendation[] {
  return rules.flatMap(({ rule, when, says }) => {
    const because = when(study)
    return because === undefined ? [] : [{ rule, says, because }]
  })
}

/** Every text of the rules, for the test that each has both languages. */
export const recommendationTexts = rules.map(({ rule, says }) => ({ rule, says }))
