/**
 * What spam and ordinary messages speak about, in the words of sixteen languages: the bridge to a language that the
 * training data lacks. Written from general knowledge of the languages, not read off the training files. Stems: a word that
 * begins so counts (`promo` finds "promotion"); in scripts without spaces, and in Arabic and Hindi with their prefixes,
 * anywhere. Each concept is one input of the network.
 */
export const CONCEPTS = [
  'prize',
  'offer',
  'profit',
  'account',
  'call_to_action',
  'urgent',
  'gambling',
  'job',
  'parcel',
  'opt_out',
  'code',
  'personal',
] as const
export type Concept = (typeof CONCEPTS)[number]

/** Stems by concept, a line a language: en fr es pt de it tr id ru ar fa zh th hi vi sw. A comma parts the stems. */
export const LEXICON: Readonly<Record<Concept, string>> = {
  prize: `
    prize,winner,you won,have won,congratulations,congrats,lucky,lottery,reward,award,gift,claim,jackpot,bonus,selected
    gagne,gagnant,felicitations,cadeau,tirage,loterie,prime,chanceux,recompense
    premio,ganador,ganado,felicidades,felicitaciones,sorteo,loteria,regalo
    parabens,ganhou,ganhador,vencedor,sorteio,brinde,presente
    gewinn,gewonnen,herzlichen gluckwunsch,preis,geschenk,verlosung,lotterie
    vinto,vincita,congratulazioni,regalo,lotteria,estrazione
    kazandiniz,kazanan,tebrikler,odul,hediye,cekilis,piyango
    selamat anda,pemenang,memenangkan,hadiah,undian,menang,terpilih,berhak
    выиграл,победител,поздравля,приз,подарок,лотере,розыгрыш,бонус
    مبروك,تهانينا,جائزة,جوائز,ربحت,فزت,الفائز,هدية,هدايا,سحب,مكافأة,تعويض
    برنده,تبریک,جایزه,هدیه,قرعه
    恭喜,中奖,奖品,大奖,礼品,抽奖,获奖,奖金,红包
    รางวัล,ยินดีด้วย,ผู้โชคดี,โชคดี,ของขวัญ,แจก,โบนัส,ลุ้น,ได้รับสิทธิ์
    बधाई,इनाम,जीत,लॉटरी,उपहार,बोनस
    trung thuong,chuc mung,qua tang,giai thuong,may man
    umeshinda,mshindi,zawadi,hongera,bahati`,
  offer: `
    free,offer,discount,sale,promo,cheap,deal,off on,voucher,coupon,cashback,save up,price,unlimited,buy,shop
    gratuit,offre,remise,solde,promo,reduction,prix,bon d achat,pas cher,achet,illimite
    gratis,oferta,descuento,rebaja,promo,precio,cupon,compra,ahorra,ilimitad
    gratis,oferta,desconto,promoc,preco,cupom,compre,barato,ilimitad
    kostenlos,gratis,angebot,rabatt,gutschein,aktion,billig,preis,sparen
    gratis,offerta,sconto,promoz,prezzo,buono,acquista,risparmi
    bedava,ucretsiz,indirim,firsat,kampanya,fiyat,taksit,hemen al,alisveris
    gratis,diskon,promo,murah,harga,penawaran,paket,cashback,beli,jual,kuota
    бесплатн,скидк,акци,распродаж,выгодн,цена,предложени,купить,промокод
    مجانا,مجاني,عرض,عروض,خصم,تخفيض,سعر,كوبون,وفر,اشتر,تسوق
    رایگان,تخفیف,پیشنهاد,قیمت,خرید,فروش
    免费,优惠,折扣,促销,特价,打折,价格,购买,抢购,包邮
    ฟรี,ส่วนลด,โปรโมชั่น,โปร,ราคา,ลดราคา,พิเศษ,คุ้ม,ซื้อ,แพ็กเกจ
    मुफ्त,ऑफर,छूट,सेल,कीमत,खरीद
    mien phi,khuyen mai,giam gia,uu dai,gia re,mua ngay
    bure,punguzo,ofa,bei,nunua`,
  profit: `
    invest,profit,earn,income,loan,credit,cash,crypto,bitcoin,trading,forex,million,debt,mortgage,insurance,withdraw
    invest,profit,gagner,revenu,pret,credit,argent,emprunt,dette,assurance
    inver,ganancia,gana dinero,ingreso,prestamo,credito,dinero,deuda,seguro
    invest,lucro,ganhe,renda,emprestimo,credito,dinheiro,divida
    invest,gewinn,verdien,einkommen,kredit,darlehen,geld,schulden
    invest,profitto,guadagn,reddito,prestito,credito,denaro,debit
    yatirim,kazanc,kredi,para,gelir,borc,faiz
    invest,untung,penghasilan,pinjam,kredit,uang,dana,modal,cair,tunai,rekening,transfer
    инвест,прибыл,заработ,доход,кредит,займ,деньг,крипт,миллион,депозит
    استثمار,ارباح,دخل,قرض,قروض,تمويل,مال,مبلغ,رصيد,عملات
    سرمایه,سود,درآمد,وام,پول
    投资,利润,赚钱,收入,贷款,信用,现金,股票,理财,放款
    ลงทุน,กำไร,รายได้,เงินกู้,สินเชื่อ,กู้,เครดิต,เงินด่วน,โอนเงิน,วงเงิน
    निवेश,मुनाफा,कमाई,लोन,ऋण,पैसा
    dau tu,loi nhuan,thu nhap,vay,tien,tin dung
    uwekezaji,faida,mkopo,pesa,mapato`,
  account: `
    account,bank,card,blocked,suspend,verify,confirm your,update your,security,password,unusual,payment,declined,atm,limited
    compte,banque,carte,bloque,suspendu,verifi,confirm,securite,mot de passe,paiement,vitale
    cuenta,banco,tarjeta,bloquead,suspend,verific,confirm,segurid,contrasena,pago
    conta,banco,cartao,bloquead,suspens,verifi,confirm,senha,pagamento
    konto,bank,karte,gesperrt,verifizier,bestatig,sicherheit,passwort,zahlung
    conto,banca,carta,bloccat,sospes,verific,conferm,sicurezza,password,pagament
    hesab,banka,kart,bloke,dogrula,onayla,guvenlik,sifre,odeme
    akun,bank,kartu,diblokir,verifikasi,konfirmasi,keamanan,sandi,pembayaran,nomor anda
    счет,банк,карт,заблокир,подтверд,безопасн,парол,оплат,платеж
    حساب,بنك,البنك,بطاقة,بطاقتك,صراف,تجميد,محظور,حظر,تحديث,تاكيد,تحقق,التحقق,كلمة المرور,دفع,سداد
    حساب,بانک,کارت,مسدود,تایید,رمز,پرداخت
    账户,账号,银行,卡,冻结,验证,确认,安全,密码,支付
    บัญชี,ธนาคาร,บัตร,ระงับ,ยืนยัน,อัปเดต,ความปลอดภัย,รหัสผ่าน,ชำระ
    खाता,बैंक,कार्ड,ब्लॉक,सत्यापित,केवाईसी,भुगतान
    tai khoan,ngan hang,the cua,khoa,xac nhan,xac minh,mat khau,thanh toan
    akaunti,benki,kadi,imefungwa,thibitisha,malipo`,
  call_to_action: `
    click,link,visit,reply,text to,call now,subscribe,join,register,download,sign up,apply,check out,follow,contact us,whatsapp,dm me,inbox
    cliqu,lien,visit,repond,appel,abonn,rejoign,inscri,telecharg,contactez,profitez
    clic,enlace,visit,respond,llam,suscrib,unete,registr,descarg,contact
    clique,link,acesse,visite,respond,ligue,inscrev,cadastr,baixe,contato
    klick,link,besuch,antwort,ruf,abonnier,registrier,anmeld,lade,kontakt
    clicca,link,visita,rispond,chiam,iscriv,registr,scarica,contatt
    tikla,link,ziyaret,cevap,ara,abone,katil,kayit,indir,gonder,yaz
    klik,link,kunjungi,balas,hubungi,daftar,gabung,aktifkan,unduh,kirim,ketik,cek
    нажми,жми,ссылк,переход,пиши,звони,подпис,регистр,скача,присоедин,вступ
    اضغط,انقر,الرابط,رابط,زيارة,زر,اتصل,ارسل,اشترك,الاشتراك,سجل,حمل,للتواصل,انضم,رد
    کلیک,لینک,تماس,ارسال,عضو,ثبت,دانلود
    点击,链接,访问,回复,拨打,关注,加入,注册,下载,登录,联系,加微信,添加
    คลิก,ลิงก์,ลิ้งค์,เข้า,ตอบกลับ,โทร,สมัคร,กด,ดาวน์โหลด,ลงทะเบียน,แอดไลน์,ติดต่อ
    क्लिक,लिंक,कॉल,जवाब,सब्सक्राइब,रजिस्टर,डाउनलोड
    bam vao,nhan vao,truy cap,lien he,goi ngay,dang ky,tai ve,tham gia
    bonyeza,kiungo,tembelea,jibu,piga,jiunge,pakua`,
  urgent: `
    urgent,immediately,now,today only,limited time,expire,last chance,hurry,within 24,asap,final notice,don t miss,ends,only today
    urgent,immediat,maintenant,aujourd hui seulement,limite,expire,derniere chance,vite,dernier jour
    urgente,inmediat,ahora,solo hoy,limitad,vence,ultima oportunidad,ultimos dias
    urgente,imediat,agora,so hoje,limitad,expira,ultima chance
    dringend,sofort,jetzt,nur heute,begrenzt,lauft ab,letzte chance
    urgente,subito,ora,solo oggi,limitat,scade,ultima occasione
    acil,hemen,simdi,bugune ozel,sinirli,son gun,son firsat,kacirma
    segera,sekarang,hari ini,terbatas,berakhir,buruan,cepat,jangan lewatkan,hanya
    срочно,немедленно,сейчас,только сегодня,ограничен,истек,последн,успей,спеши
    عاجل,فورا,الآن,اليوم فقط,محدود,ينتهي,آخر فرصة,سارع,على الفور,ساعة
    فوری,اکنون,امروز,محدود,آخرین
    紧急,立即,马上,今天,限时,到期,最后,赶快,速来,仅限
    ด่วน,ทันที,ตอนนี้,วันนี้,จำกัด,หมดเขต,สุดท้าย,รีบ,เท่านั้น,ภายใน
    तुरंत,अभी,आज,सीमित,आखिरी
    gap,ngay lap tuc,hom nay,gioi han,het han,cuoi cung
    haraka,sasa,leo tu,mwisho`,
  gambling: `
    casino,bet,poker,slot,baccarat,sex,dating,adult,xxx,girls,escort,viagra,naked,horny,lonely
    casino,pari,rencontre,sexe,coquin
    casino,apuesta,apostar,citas,sexo
    cassino,aposta,encontro,sexo
    casino,wette,erotik,sex
    casino,scommess,incontri,sesso
    casino,bahis,iddaa,escort,canli bahis,slot
    casino,judi,taruhan,slot,gacor,togel,poker
    казино,ставк,слот,букмекер,секс,знакомств,интим,девушк
    كازينو,رهان,مراهن,جنس,تعارف
    کازینو,شرط
    赌场,博彩,投注,娱乐城,彩票,色情,约会,美女
    คาสิโน,บาคาร่า,สล็อต,พนัน,เดิมพัน,เว็บตรง,แทงบอล,หวย
    कैसीनो,सट्टा,जुआ
    song bac,ca cuoc,casino,no hu
    kasino,bahati nasibu,kubeti`,
  job: `
    job,hiring,part time,work from home,salary,vacancy,recruit,remote work,employ,resume
    emploi,travail a domicile,recrut,salaire,embauch,teletravail
    empleo,trabajo desde casa,contrat,salario,vacante,sueldo
    emprego,vaga,salario,contrat,trabalhe
    jobangebot,heimarbeit,gehalt,stelle,nebenjob
    lavoro,assum,stipendio,offerta di lavoro
    is ilani,maas,eleman,evden calis,ise alim
    lowongan,kerja,gaji,karyawan,rekrut,freelance
    работа,вакансия,вакансии,зарплат,сотрудник,удаленн,подработк,оплата,партнер
    وظيفة,وظائف,راتب,توظيف,عمل من المنزل
    استخدام,حقوق,کار در
    招聘,兼职,工资,日结,在家工作,急招,薪资
    งาน,รับสมัคร,เงินเดือน,รายได้เสริม,พาร์ทไทม์,พนักงาน
    नौकरी,वेतन,भर्ती
    viec lam,tuyen dung,luong
    kazi,ajira,mshahara`,
  parcel: `
    parcel,package,delivery,shipment,courier,customs,deliver,tracking,post office,address,fee
    colis,livraison,livrer,douane,adresse,suivi,la poste
    paquete,envio,entrega,aduana,direccion
    pacote,encomenda,entrega,correios,alfandega,endereco
    paket,lieferung,zustell,sendung,zoll,adresse
    pacco,consegna,spedizione,dogana,indirizzo
    kargo,paket teslim,teslimat,gumruk,adres
    paket,pengiriman,kurir,alamat,bea cukai
    посылк,доставк,курьер,таможн,адрес,отправлени
    شحنة,طرد,توصيل,تسليم,جمارك,عنوان,البريد
    بسته,مرسوله,پست,گمرک,آدرس
    包裹,快递,派送,海关,地址,物流
    พัสดุ,จัดส่ง,ขนส่ง,ศุลกากร,ที่อยู่,ไปรษณีย์
    पार्सल,डिलीवरी,कूरियर,पता
    buu kien,giao hang,van chuyen,hai quan,dia chi
    kifurushi,usafirishaji,anwani`,
  opt_out: `
    unsubscribe,opt out,to stop,stop to,txt stop,text stop,t&cs,tscs,ts&cs,terms apply,per msg,std rate,to cancel,no longer wish
    stop au,desabonn,se desinscrire,stop sms,conditions
    baja al,cancelar suscripcion,para no recibir,aplican condiciones
    sair para,cancelar,para nao receber
    abmelden,abbestell,stop an
    disiscri,annullare,stop al
    iptal,ret yaz,sms almamak,sms ret,mersis,istemiyorsaniz
    stop ke,berhenti,unreg,syarat,s&k,skb
    отписа,отказаться от,отключить рассылк
    الغاء,لإلغاء,إيقاف,لايقاف,الشروط
    لغو
    退订,回复t,回td,拒收
    ยกเลิก,ไม่รับข่าวสาร,บ./,เงื่อนไข
    सदस्यता समाप्त
    huy,tu choi
    kujitoa,ondoa`,
  code: `
    otp,verification code,security code,one time,passcode,your code,is your,do not share,login code,authorization code
    code de verification,votre code,ne partagez,code d acces,code secret
    codigo de verificacion,tu codigo,su codigo,no comparta
    codigo de verificacao,seu codigo,nao compartilhe
    bestatigungscode,ihr code,sicherheitscode,einmal
    codice di verifica,il tuo codice,codice otp
    dogrulama kodu,onay kodu,kodunuz,tek kullanimlik,paylasmayin
    kode verifikasi,kode otp,kode anda,jangan berikan,rahasia
    код подтвержден,ваш код,никому не сообщ,одноразов
    رمز التحقق,رمز التاكيد,رمز الدخول,كود التحقق,لا تشارك
    کد تایید,کد ورود,رمز یکبار
    验证码,校验码,动态码,请勿泄露
    รหัส,รหัสยืนยัน,ห้ามแจ้ง,รหัสอ้างอิง
    ओटीपी,सत्यापन कोड,साझा न करें
    ma xac,ma otp,khong chia se
    nambari ya siri,msimbo`,
  personal: `
    haha,lol,love you,miss you,see you,good night,good morning,are you,i m,i ll,i am,where r,how r,mum,mom,dear,ok,okay,yeah,dinner,lunch,sorry,tomorrow,later,home
    mdr,bisou,je t aime,a demain,bonne nuit,coucou,maman,t es,je suis,on se voit,ca va,desole
    jaja,te quiero,te amo,buenas noches,manana,mama,donde estas,nos vemos,estoy,perdon
    kkk,rsrs,te amo,bom dia,boa noite,saudade,amanha,mae,estou,desculpa
    hab dich,gute nacht,bis spater,bis morgen,mama,ich bin,bist du,tut mir leid
    ti amo,buonanotte,a dopo,domani,mamma,sono,dove sei,scusa
    seni seviyorum,iyi geceler,yarin,anne,neredesin,geliyorum,tamam,canim,gunaydin,nasilsin
    wkwk,sayang,aku,kamu,dimana,besok,iya,gak,nggak,udah,lagi,mau,makasih,maaf
    привет,люблю,спокойной,завтра,мама,ты где,хорошо,спасибо,ахах,я не,дома,думаю,тоже
    حبيبي,احبك,وين,بكرة,تصبح على,ماما,اخي,كيفك,هههه,ان شاء الله,شلونك
    دوستت,عزیزم,سلام خوبی,فردا,کجایی
    哈哈,呵呵,晚安,明天,妈,你在,我在,吃饭,睡觉,好吧,嗯,你们,我们,吗,啦,吧
    555,รักนะ,คิดถึง,ฝันดี,พรุ่งนี้,แม่,อยู่ไหน,กินข้าว,จ้า,เดี๋ยว
    प्यार,शुभ रात्रि,कल,माँ,कहाँ हो,ठीक है
    yeu em,ngu ngon,ngay mai,me oi,dang o dau
    nakupenda,usiku mwema,kesho,mama,uko wapi,sawa`,
}
