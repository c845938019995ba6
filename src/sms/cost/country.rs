//! The country of a number, found by its first digits.

use crate::phone::E164;

/// The country of a number, or its calling code.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Destination {
    /// A country, ISO 3166.
    Country(&'static str),
    /// The calling code, if it belongs to no country or to an unknown one.
    Code(String),
}

/// Returns the country of a number by its calling code and, if several countries share the code, by the digits after it:
/// Canada and the Caribbean under `+1`, Kazakhstan under `+7`, the islands under `+44`.
///
/// For networks without a country (satellites, `+800`) and unassigned codes, the code is returned. A `+1` number with an
/// unlisted area code is in the United States.
///
/// ITU-T E.164, the list of assigned country codes; the area codes of <https://www.nanpa.com>.
#[must_use]
pub fn destination(number: &E164) -> Destination {
    let digits = number.as_str().trim_start_matches('+');
    let known = (1..=LONGEST).rev().find_map(|length| entry(digits.get(..length)?));
    let plausible =
        !digits.starts_with('1') || digits.chars().nth(1).is_some_and(|c| ('2'..='9').contains(&c));
    match known.filter(|_| plausible) {
        Some(country) => Destination::Country(country),
        None => Destination::Code(format!("+{}", digits.get(..3).unwrap_or(digits))),
    }
}

/// The maximum number of digits of an entry.
const LONGEST: usize = 7;

fn entry(digits: &str) -> Option<&'static str> {
    let split = |entry: &'static str| entry.split_at_checked(entry.len() - 2).unwrap_or((entry, ""));
    let at = PREFIXES.binary_search_by(|entry| split(entry).0.cmp(digits)).ok()?;
    PREFIXES.get(at).map(|entry| split(entry).1)
}

/// The first digits followed by the country, sorted by the digits.
#[rustfmt::skip]
const PREFIXES: &[&str] = &[
    "1US", "1204CA", "1226CA", "1236CA", "1242BS", "1246BB", "1249CA", "1250CA", "1257CA", "1263CA",
    "1264AI", "1268AG", "1284VG", "1289CA", "1306CA", "1340VI", "1343CA", "1345KY", "1354CA", "1365CA",
    "1367CA", "1368CA", "1382CA", "1387CA", "1403CA", "1416CA", "1418CA", "1428CA", "1431CA", "1437CA",
    "1438CA", "1441BM", "1450CA", "1460CA", "1468CA", "1473GD", "1474CA", "1506CA", "1514CA", "1519CA",
    "1548CA", "1568CA", "1579CA", "1581CA", "1584CA", "1587CA", "1600CA", "1604CA", "1613CA", "1622CA",
    "1633CA", "1639CA", "1644CA", "1647CA", "1649TC", "1655CA", "1658JM", "1664MS", "1670MP", "1671GU",
    "1672CA", "1677CA", "1683CA", "1684AS", "1688CA", "1705CA", "1709CA", "1721SX", "1742CA", "1753CA",
    "1758LC", "1767DM", "1778CA", "1780CA", "1782CA", "1784VC", "1787PR", "1807CA", "1809DO", "1819CA",
    "1825CA", "1829DO", "1849DO", "1867CA", "1868TT", "1869KN", "1873CA", "1876JM", "1879CA", "1902CA",
    "1905CA", "1939PR", "1942CA", "20EG", "211SS", "212MA", "213DZ", "216TN", "218LY", "220GM", "221SN",
    "222MR", "223ML", "224GN", "225CI", "226BF", "227NE", "228TG", "229BJ", "230MU", "231LR", "232SL",
    "233GH", "234NG", "235TD", "236CF", "237CM", "238CV", "239ST", "240GQ", "241GA", "242CG", "243CD",
    "244AO", "245GW", "246IO", "247AC", "248SC", "249SD", "250RW", "251ET", "252SO", "253DJ", "254KE",
    "255TZ", "256UG", "257BI", "258MZ", "260ZM", "261MG", "262RE", "262269YT", "262639YT", "263ZW",
    "264NA", "265MW", "266LS", "267BW", "268SZ", "269KM", "27ZA", "290SH", "2908TA", "291ER", "297AW",
    "298FO", "299GL", "30GR", "31NL", "32BE", "33FR", "34ES", "350GI", "351PT", "352LU", "353IE", "354IS",
    "355AL", "356MT", "357CY", "358FI", "35818AX", "359BG", "36HU", "370LT", "371LV", "372EE", "373MD",
    "374AM", "375BY", "376AD", "377MC", "378SM", "379VA", "380UA", "381RS", "382ME", "383XK", "385HR",
    "386SI", "387BA", "389MK", "39IT", "390669VA", "40RO", "41CH", "420CZ", "421SK", "423LI", "43AT",
    "44GB", "441481GG", "441534JE", "441624IM", "4474576IM", "447509JE", "447524IM", "447624IM",
    "4477003JE", "4477007JE", "4477008JE", "447781GG", "447797JE", "447829JE", "447839GG", "4479111GG",
    "4479117GG", "447924IM", "447937JE", "45DK", "46SE", "47NO", "4779SJ", "48PL", "49DE", "500FK",
    "501BZ", "502GT", "503SV", "504HN", "505NI", "506CR", "507PA", "508PM", "509HT", "51PE", "52MX",
    "53CU", "54AR", "55BR", "56CL", "57CO", "58VE", "590GP", "591BO", "592GY", "593EC", "594GF", "595PY",
    "596MQ", "597SR", "598UY", "599CW", "5993BQ", "5994BQ", "5997BQ", "60MY", "61AU", "62ID", "63PH",
    "64NZ", "65SG", "66TH", "670TL", "672NF", "673BN", "674NR", "675PG", "676TO", "677SB", "678VU",
    "679FJ", "680PW", "681WF", "682CK", "683NU", "685WS", "686KI", "687NC", "688TV", "689PF", "690TK",
    "691FM", "692MH", "7RU", "76KZ", "77KZ", "81JP", "82KR", "84VN", "850KP", "852HK", "853MO", "855KH",
    "856LA", "86CN", "880BD", "886TW", "90TR", "91IN", "92PK", "93AF", "94LK", "95MM", "960MV", "961LB",
    "962JO", "963SY", "964IQ", "965KW", "966SA", "967YE", "968OM", "970PS", "971AE", "972IL", "973BH",
    "974QA", "975BT", "976MN", "977NP", "98IR", "992TJ", "993TM", "994AZ", "995GE", "996KG", "998UZ",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(number: &str) -> String {
        match destination(&E164::parse(number).unwrap()) {
            Destination::Country(country) => country.to_owned(),
            Destination::Code(code) => code,
        }
    }

    #[test]
    fn numbers_have_their_country() {
        let cases = [
            ("+14155551234", "US"),
            ("+14165551234", "CA"),
            ("+12425551234", "BS"),
            ("+17875551234", "PR"),
            ("+16715551234", "GU"),
            ("+11155551234", "+111"),
            ("+79161234567", "RU"),
            ("+77011234567", "KZ"),
            ("+76001234567", "KZ"),
            ("+447911123456", "GG"),
            ("+447911223456", "GB"),
            ("+441534123456", "JE"),
            ("+447624123456", "IM"),
            ("+442071838750", "GB"),
            ("+491711234567", "DE"),
            ("+390669812345", "VA"),
            ("+390612345678", "IT"),
            ("+358181234567", "AX"),
            ("+262639123456", "YT"),
            ("+59991234567", "CW"),
            ("+59971234567", "BQ"),
            ("+383441234567", "XK"),
            ("+881612345678", "+881"),
            ("+80012345678", "+800"),
            ("+210123456789", "+210"),
        ];
        for (number, expected) in cases {
            assert_eq!(of(number), expected, "{number}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_whole() {
        let split: Vec<_> = PREFIXES.iter().map(|entry| entry.split_at(entry.len() - 2)).collect();
        assert!(split.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(split.iter().all(|(digits, country)| {
            (1..=LONGEST).contains(&digits.len())
                && digits.bytes().all(|b| b.is_ascii_digit())
                && country.bytes().all(|b| b.is_ascii_uppercase())
        }));
        let countries: std::collections::BTreeSet<_> = split.iter().map(|(_, country)| country).collect();
        assert!(countries.len() > 230, "{}", countries.len());
    }

    proptest! {
        #[test]
        fn every_number_goes_somewhere(digits in "[1-9][0-9]{5,14}") {
            let country = of(&format!("+{digits}"));
            prop_assert!(country.len() == 2 || country.starts_with('+'));
        }
    }
}
