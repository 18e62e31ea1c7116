//! The languages of a collection: their commonest words, and the sounds that rarer ones are made of.
//!
//! Shares are of artists, per mille: four in five sing in Latin letters.

/// The writing of a title.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Script {
    /// English, Spanish, Portuguese, French, German, Turkish, Polish.
    #[default]
    Latin,
    /// Russian.
    Cyrillic,
    /// Greek.
    Greek,
    /// Arabic.
    Arabic,
    /// Hebrew.
    Hebrew,
    /// Thai, written without spaces.
    Thai,
    /// Chinese, written without spaces.
    Chinese,
    /// Japanese: kanji, hiragana and katakana, written without spaces.
    Japanese,
    /// Korean.
    Korean,
}

/// How words beyond the common ones are made.
#[derive(Debug)]
pub(super) enum Sounds {
    /// Syllables: a part of each, those that stand first more often.
    Syllables {
        onsets: &'static [&'static str],
        nuclei: &'static [&'static str],
        codas: &'static [&'static str],
    },
    /// One to three of the common characters, or of 3,000 others.
    Han { common: &'static str },
    /// Kanji, or a run of hiragana or of katakana.
    Japanese { kanji: &'static str },
    /// Two or three syllable blocks.
    Hangul,
}

#[derive(Debug)]
pub(super) struct Tongue {
    pub(super) script: Script,
    pub(super) share: u32,
    /// Different words there are.
    pub(super) vocabulary: u32,
    pub(super) spaces: bool,
    /// The commonest words, the most common first.
    pub(super) common: &'static str,
    pub(super) sounds: Sounds,
}

pub(super) const TONGUES: [Tongue; 15] = [
    Tongue {
        script: Script::Latin,
        share: 500,
        vocabulary: 2_000_000,
        spaces: true,
        common: "the you of me in love my i to a and your on it's is no night for life be don't day time from one we with \
                 all heart down world dream it this sun what home like man song go up never blue little dance good \
                 rain moon way girl fire back so i'm out baby summer light star let can't black come new sky heaven \
                 lost eyes old big again city high river soul forever away christmas sweet last more wild gone free \
                 take morning dark road red party ocean winter stay house water",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "b", "l", "m", "r", "s", "t", "d", "n", "c", "f", "h", "p", "w", "k", "g", "j",
                "v", "sh", "th", "ch", "br", "tr", "st", "fl", "cl", "dr", "gr", "pl", "sl", "str",
            ],
            nuclei: &["a", "e", "i", "o", "u", "a", "e", "i", "o", "ea", "oo", "ou", "ai", "y"],
            codas: &[
                "", "", "", "n", "r", "l", "s", "t", "d", "m", "ng", "ck", "st", "nd", "ll", "x",
            ],
        },
    },
    Tongue {
        script: Script::Latin,
        share: 110,
        vocabulary: 500_000,
        spaces: true,
        common: "de la el que mi amor no en tu te y a un me yo corazón si por vida los con noche ti es amar como las sin \
                 una más lo quiero para solo mujer sol cuando luna mundo canción adiós ella niña qué cielo mañana vez \
                 tiempo día olvidé soledad corazones bonita flor mar",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "b", "c", "ch", "d", "f", "g", "j", "l", "ll", "m", "n", "ñ", "p", "pr", "qu",
                "r", "s", "t", "tr", "v",
            ],
            nuclei: &["a", "e", "i", "o", "u", "a", "e", "o", "á", "é", "í", "ó", "ú", "ie", "ue"],
            codas: &["", "", "", "", "n", "s", "r", "l"],
        },
    },
    Tongue {
        script: Script::Latin,
        share: 50,
        vocabulary: 400_000,
        spaces: true,
        common: "de o a do que amor eu não da meu você em e no te um é minha pra coração vida me ao saudade tudo na mais \
                 só vem sem noite canção lua samba menina deus ilusão paixão fé mar sol alguém até",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "b", "c", "d", "f", "g", "lh", "l", "m", "n", "nh", "p", "r", "s", "t", "v",
                "ç",
            ],
            nuclei: &["a", "e", "i", "o", "u", "ã", "ão", "é", "ê", "ô", "õe", "á", "ei", "ou"],
            codas: &["", "", "", "", "s", "r", "m", "l"],
        },
    },
    Tongue {
        script: Script::Latin,
        share: 40,
        vocabulary: 400_000,
        spaces: true,
        common: "la de le l'amour et les à je un une pour en du moi toi des mon tu dans ma vie est ne pas qui si c'est \
                 mes au comme sans nuit ciel cœur petite j'ai été rêve chanson où femme soleil adieu garçon",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "b", "c", "ch", "d", "f", "g", "j", "l", "m", "n", "p", "r", "s", "t", "v",
                "gn", "ç",
            ],
            nuclei: &[
                "a", "e", "i", "o", "u", "é", "è", "ê", "â", "ou", "eau", "œ", "ai", "oi", "ï",
            ],
            codas: &["", "", "", "r", "s", "t", "n", "lle", "que", "x"],
        },
    },
    Tongue {
        script: Script::Latin,
        share: 50,
        vocabulary: 700_000,
        spaces: true,
        common: "der die du ich und das in mein nicht ist liebe im ein wie auf für dir nacht mir es zu den dich leben wir \
                 mit herz von so wenn eine welt was zeit über schön weiß mädchen grün süße träume frühling größe",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "b", "d", "f", "g", "h", "k", "l", "m", "n", "r", "s", "sch", "st", "t", "v",
                "w", "z", "pf", "kr",
            ],
            nuclei: &["a", "e", "i", "o", "u", "e", "ei", "au", "ie", "ä", "ö", "ü", "eu"],
            codas: &["", "n", "r", "l", "t", "s", "ng", "ch", "nd", "ß", "st", "rt"],
        },
    },
    Tongue {
        script: Script::Latin,
        share: 25,
        vocabulary: 300_000,
        spaces: true,
        common: "bir sen ben aşk bu gel beni ne seni yar güzel gibi var gece gönül yok benim olsun dünya kalbim ayrılık \
                 sevda yağmur şarkı çok öyle hayat gözlerin ışık İstanbul",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "b", "c", "ç", "d", "g", "h", "k", "l", "m", "n", "s", "ş", "t", "y", "z",
            ],
            nuclei: &["a", "e", "ı", "i", "o", "ö", "u", "ü"],
            codas: &["", "", "n", "r", "k", "l", "m", "ğ", "ş"],
        },
    },
    Tongue {
        script: Script::Latin,
        share: 20,
        vocabulary: 300_000,
        spaces: true,
        common: "nie w i na się ja to z jest ty mnie do już miłość że tak jak czas dla mój noc życie gdzie świat serce \
                 łzy dzień będę piosenka słońce źle",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "b", "cz", "d", "dz", "g", "j", "k", "ł", "m", "n", "p", "prz", "r", "rz", "s",
                "sz", "ś", "t", "w", "z", "ż",
            ],
            nuclei: &["a", "e", "i", "o", "u", "y", "ą", "ę", "ó", "ie"],
            codas: &["", "", "", "ć", "k", "ń", "sz", "ł", "m"],
        },
    },
    Tongue {
        script: Script::Cyrillic,
        share: 45,
        vocabulary: 600_000,
        spaces: true,
        common: "я не ты в и на мой любовь с моя а как о меня по мне для тебя ночь за так день небо дождь всё жизнь песня \
                 снова солнце сердце осень снег город белый лето звезда вальс мы ещё ёлка чёрный зимой далеко море \
                 огонь прощай дорога ветер мечта",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "б", "в", "г", "д", "ж", "з", "к", "л", "м", "н", "п", "р", "с", "т", "х", "ч",
                "ш", "ст", "пр",
            ],
            nuclei: &["а", "е", "и", "о", "у", "ы", "я", "ю", "ё", "о", "а", "е"],
            codas: &["", "", "", "й", "н", "т", "л", "ь", "в", "м", "сть"],
        },
    },
    Tongue {
        script: Script::Greek,
        share: 10,
        vocabulary: 250_000,
        spaces: true,
        common: "το να μου σου η ο και με σε θα την που για δεν τα στην αγάπη τι της μια σαν καρδιά όλα νύχτα μόνο εγώ \
                 ζωή φεγγάρι ήλιος θάλασσα κόσμος δρόμος όνειρο τραγούδι ουρανός",
        sounds: Sounds::Syllables {
            onsets: &[
                "", "β", "γ", "δ", "θ", "κ", "λ", "μ", "ν", "π", "ρ", "σ", "στ", "τ", "φ", "χ",
                "ξ", "ψ",
            ],
            nuclei: &[
                "α", "ε", "η", "ι", "ο", "υ", "ω", "ά", "έ", "ή", "ί", "ό", "ύ", "ώ", "ου", "ει",
            ],
            codas: &["", "", "", "ς", "ν", "ρ"],
        },
    },
    Tongue {
        script: Script::Arabic,
        share: 25,
        vocabulary: 400_000,
        spaces: true,
        common: "يا على في أنا قلبي من ما حبيبي لا الحب الليل أنت كل حياتي عيونك يوم ليه انا بعد مع عمري الله القلب سلام \
                 غير حب الشوق دنيا وين قمر أغنية إلى عين روح كلام",
        sounds: Sounds::Syllables {
            onsets: &["ال", "", "", "م", "ت", "ي", "ب", "س"],
            nuclei: &[
                "حب", "قل", "سم", "رو", "نو", "شم", "ليا", "عي", "صبا", "كتا", "جما", "طري", "غرا",
                "فرح", "هوى", "زما", "خيا", "ذكر", "ظلا", "ثور", "ضو", "بدر", "دمو", "وطن",
            ],
            codas: &["", "", "ن", "ة", "ي", "ك", "ات", "ه", "ر", "ب"],
        },
    },
    Tongue {
        script: Script::Hebrew,
        share: 10,
        vocabulary: 250_000,
        spaces: true,
        common: "לא אני את של על שיר אהבה לי כל הלב עוד מה לילה זה שלי אתה יום איך אין ירושלים בלב חיים כמו אל רוח שמש \
                 ילדה הים בית תפילה",
        sounds: Sounds::Syllables {
            onsets: &["", "", "ה", "ב", "ל", "מ", "ש", "ו"],
            nuclei: &[
                "אב", "גל", "דר", "חל", "זמ", "טו", "יר", "כו", "לי", "מי", "נו", "סו", "עי", "פר",
                "צי", "קו", "רו", "שי", "תה",
            ],
            codas: &["", "ה", "ת", "י", "ר", "ל", "ים", "ות", "ן"],
        },
    },
    Tongue {
        script: Script::Thai,
        share: 15,
        vocabulary: 250_000,
        spaces: false,
        common: "รัก ไม่ เธอ ใจ คน ที่ ฉัน ไป มา ให้ คิดถึง แล้ว เพลง เรา ยัง วัน หัวใจ ขอ อยู่ ฝน ดาว เดียว กับ ลา บ้าน \
                 คืน เหงา รอ น้ำตา ฝัน ฟ้า",
        sounds: Sounds::Syllables {
            onsets: &[
                "ก", "ข", "ค", "จ", "ช", "ด", "ต", "ท", "น", "บ", "ป", "พ", "ม", "ย", "ร", "ล",
                "ว", "ส", "ห", "เก", "เข", "แม", "แส", "โล", "ไม", "เพ",
            ],
            nuclei: &["า", "ี", "ิ", "ู", "ุ", "ะ", "ั", "่า", "้า", "ื่"],
            codas: &["ง", "น", "ม", "ก", "ด", "บ", "ย"],
        },
    },
    Tongue {
        script: Script::Chinese,
        share: 40,
        vocabulary: 400_000,
        spaces: false,
        common: "的 我 你 愛 爱 一 在 不 愛情 爱情 我們 我们 夜 心 夢 梦 了 人 是 天空 沒有 没有 想 月亮 回憶 回忆 永遠 再見 \
                 幸福 世界 寂寞 自由 時光 青春 故鄉 如果 為你 风 雨 花 再 春天 雪 海 离开 孤独 眼淚 歌",
        sounds: Sounds::Han {
            common: "爱愛心夢梦天夜月花風风雨雪海山水人我你他她不一在的是了有无無生死情思念想听聽见見飞飛星光明白红紅黄蓝青春夏秋冬日\
                     年歲岁时時中国國城市家路远遠近回来來去走行歌曲舞酒茶江河湖南北東东西上下前後后里裡外大小多少長长短新旧舊好坏",
        },
    },
    Tongue {
        script: Script::Japanese,
        share: 40,
        vocabulary: 400_000,
        spaces: false,
        common: "の 恋 夢 に 君 と 愛 夜 空 を 花 は 僕 へ 雨 な 風 夏 で ありがとう 明日 未来 さよなら 世界 桜 街 星 ラブ 心 東京 \
                 メロディ 涙 ブルース 冬 そして ひとり あなた 約束 旅 月 光",
        sounds: Sounds::Japanese {
            kanji: "愛恋夢空花雨風夏冬春秋夜朝星月光影海山川君僕私人心涙声歌音色世界明日今日未来過去時間旅道街駅東京北南西雪桜鳥猫犬魚火水木金土青赤白黒",
        },
    },
    Tongue {
        script: Script::Korean,
        share: 20,
        vocabulary: 300_000,
        spaces: true,
        common: "사랑 그대 너 나 내 사랑해 우리 너의 나의 밤 이 그 눈물 안녕 오늘 너를 나를 다시 꿈 하루 사람 비 이별 마음 바람 \
                 시간 길 별 봄 겨울 너무 기억 노래 혼자",
        sounds: Sounds::Hangul,
    },
];
