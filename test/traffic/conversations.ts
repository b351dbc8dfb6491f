/** Chats between two, turn by turn, the first speaker first. Short and repeated texts are on purpose. */
export const conversations: readonly (readonly string[])[] = [
  [
    'Salut, tu es dispo ce soir ?',
    'oui',
    'Ciné à 20h30 ?',
    'ok',
    'Je prends les billets',
    'ok merci',
    'à ce soir',
    'à ce soir !',
  ],
  [
    'T’es où ?',
    'Dans le bus, j’arrive',
    'ok',
    'Tu veux que je prenne du pain ?',
    'oui une baguette stp',
    'ok',
    'merci',
  ],
  [
    'Coucou maman, bien arrivée',
    'Ouf ! Le train n’a pas eu de retard ?',
    '10 minutes',
    'Repose-toi bien, bisous',
    'bisous',
  ],
  [
    'La réunion est déplacée à 15h',
    'ok',
    'Salle B finalement',
    'ok bien noté',
    'Tu peux amener le vidéoprojecteur ?',
    'oui',
  ],
  [
    'Tu as fini les devoirs de maths ?',
    'presque, l’exo 4 est dur',
    'la réponse c’est 12 je crois',
    'ah oui merci',
    'ok à demain',
  ],
  ['Joyeux anniversaire !!! 🎂', 'Merciiii', 'On fête ça samedi ?', 'oui chez moi 19h', 'super', 'ok'],
  [
    'Le plombier passe entre 14h et 16h',
    'ok je serai là',
    'Il faut lui payer 85 euros',
    'en espèces ?',
    'chèque ça marche',
    'ok',
  ],
  [
    'Bonsoir, la poussette est toujours à vendre ?',
    'Oui toujours',
    '40 € ça vous irait ?',
    '45 et c’est d’accord',
    'ok je passe demain 18h',
    'Parfait, je vous envoie l’adresse',
  ],
  ['Hey, are you coming to the match?', 'yes!', 'kick off at 3', 'ok', 'bring scarves', 'will do', 'ok'],
  [
    'Did you see my email about the invoice?',
    'Not yet, looking now',
    'ok',
    'Looks good, one typo on page 2',
    'fixed, thanks',
  ],
  ['landed!!', 'yay', 'queue at passport control is huge', 'lol good luck', 'out in 20', 'ok we are in the car park'],
  ['Can you pick up the kids?', 'ok', 'school closes at 4:30 today', 'ok got it', 'love you', 'love you too'],
  [
    'Dinner at ours on Sunday?',
    'Yes please, what can I bring?',
    'a dessert',
    'ok',
    'Dad is vegetarian now btw',
    'haha ok',
  ],
  ['¿Vienes mañana?', 'sí', 'a qué hora llegas', 'sobre las diez', 'vale', 'te recojo en la estación', 'gracias guapa'],
  [
    'Hola, ¿cómo está la abuela?',
    'Mucho mejor, ya camina',
    'qué alegría',
    'dice que la llames',
    'vale esta noche la llamo',
  ],
  ['Bist du schon zu Hause?', 'noch nicht', 'Kannst du Milch mitbringen?', 'ok', 'Danke dir', 'bis gleich'],
  ['Der Termin am Freitag klappt', 'super', 'Treffen um neun am Bahnhof', 'ok, bis Freitag', 'bis dann'],
  ['هل أنت في البيت؟', 'نعم', 'سأمر بعد ساعة إن شاء الله', 'أهلا وسهلا', 'هل تحتاج شيئا من السوق؟', 'خبز وحليب شكرا'],
  ['كيف الامتحان؟', 'الحمد لله كان سهلا', 'مبروك', 'شكرا', 'ok'],
  ['你到了吗?', '快到了', '我在门口等你', '好的', '外面好冷', '再五分钟', '好'],
  ['周末一起吃饭吧', '好啊 去哪里', '老地方', '六点?', 'ok', '到时候见'],
  ['Você já almoçou?', 'ainda não', 'vamos naquele lugar?', 'bora', 'em 15 minutos', 'ok', 'ok'],
  ['Ты дома?', 'да', 'зайду за книгой', 'ок', 'поставь чайник', 'ок'],
  ['Ci vediamo alle otto?', 'va bene', 'porto il vino', 'perfetto', 'a dopo'],
  ['Akşam geliyor musun?', 'evet', 'kaçta?', 'yedi gibi', 'tamam', 'görüşürüz'],
  ['slt cv ?', 'oui et toi', 'tranquille', 'tu fais koi', 'rien mdr', 'on sort ?', 'ok', 'rdv à la fontaine', 'ok'],
]

/** A message to the five of a group, and what some of them answer. */
export const groupMessages: readonly { readonly text: string; readonly answers: readonly string[] }[] = [
  {
    text: 'Apéro vendredi chez nous à partir de 19h, chacun amène un truc !',
    answers: ['ok', 'présente !', 'ok', 'je ramène du fromage'],
  },
  { text: 'Les photos du week-end sont dans l’album partagé', answers: ['merci !', 'trop belles', 'ok'] },
  { text: 'Training moved to the upper field tonight, same time', answers: ['ok', 'ok', 'thanks coach', '👍'] },
  {
    text: 'On a un nom : elle s’appelle Alma, 3,2 kg, tout va bien',
    answers: ['Félicitations !!!', 'Bravo à vous deux', 'bienvenue Alma', '❤️'],
  },
]

/** What a surgery's reminder service sends: one text with another time and first name each. */
export function reminder(name: string, day: string, time: string): string {
  return `Bonjour ${name}, rappel de votre rendez-vous avec le Dr Martin ${day} à ${time}. Merci de prévenir au 04 65 71 00 50 en cas d’empêchement.`
}

/** The blast's template: name, amount and link change, the rest does not. Hosts are under reserved names (RFC 2606). */
export function blastText(name: string, euros: string, host: string, token: string): string {
  return `${name}, votre colis est retenu au centre de tri. Reglez ${euros} EUR de frais de douane avant ce soir ou il sera renvoye: http://${host}.example/${token}`
}
