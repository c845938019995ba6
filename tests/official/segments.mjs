// Random texts of every script, counted by Twilio's own calculator, one JSON object a line:
//
//     node segments.mjs SEED COUNT > cases.jsonl
//     node segments.mjs SEED COUNT --short > cases.jsonl    short texts around one boundary, for the file of vectors

import { createRequire } from "node:module";

const { SegmentedMessage } = createRequire(import.meta.url)("sms-segments-calculator");

const [seed, count] = process.argv.slice(2).map(Number);
const short = process.argv.includes("--short");

let state = seed;
const random = (below) => {
  // mulberry32
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
};
const pick = (list) => list[random(list.length)];
const between = (first, last) => () => String.fromCodePoint(first + random(last - first + 1));
const of = (text) => { const list = [...text]; return () => pick(list); };
const words = (...list) => () => pick(list);

const skin = () => pick(["", "🏻", "🏽", "🏿"]);
const gsm = of("@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà");
const ascii = between(0x20, 0x7e);
const letters = between(0x61, 0x7a);
const sources = {
  ascii,
  letters,
  gsm,
  escapes: of("^{}\\[~]|€\f"),
  lines: words("\r\n", "\n", "\r", "\n\r", "a", " "),
  controls: between(0, 0x1f),
  latin: between(0xa0, 0x24f),
  modifiers: between(0x2b0, 0x2ff),
  greek: between(0x370, 0x3ff),
  cyrillic: between(0x400, 0x52f),
  armenian: between(0x530, 0x58f),
  hebrew: between(0x591, 0x5f4),
  arabic: between(0x600, 0x6ff),
  syriac: between(0x700, 0x74f),
  devanagari: between(0x900, 0x97f),
  conjuncts: words("क्ष", "त्र", "ज्ञ", "श्री", "क्\u200dष", "हिन्दी", "নমস্কার", "ক্ষ", " "),
  bengali: between(0x980, 0x9ff),
  tamil: between(0xb80, 0xbff),
  telugu: between(0xc00, 0xc7f),
  malayalam: between(0xd00, 0xd7f),
  thai: between(0xe01, 0xe5b),
  lao: between(0xe81, 0xedf),
  tibetan: between(0xf00, 0xfff),
  myanmar: between(0x1000, 0x109f),
  georgian: between(0x10a0, 0x10ff),
  jamo: between(0x1100, 0x11ff),
  ethiopic: between(0x1200, 0x137f),
  khmer: between(0x1780, 0x17ff),
  mongolian: between(0x1800, 0x18af),
  punctuation: between(0x2000, 0x206f),
  symbols: between(0x2100, 0x27bf),
  kana: between(0x3040, 0x30ff),
  cjk: between(0x4e00, 0x9fff),
  hangul: between(0xac00, 0xd7a3),
  decomposed: words("각", "한", "글", "ᄀ", "ᆨ", "ᅡ", "가"),
  presentation: between(0xfe00, 0xfeff),
  fullwidth: between(0xff00, 0xffef),
  gothic: between(0x10330, 0x1034a),
  brahmi: between(0x11000, 0x1107f),
  chakma: between(0x11100, 0x111cf),
  mathematical: between(0x1d400, 0x1d7ff),
  musical: between(0x1d165, 0x1d1ad),
  emoji: between(0x1f300, 0x1f6ff),
  newer: between(0x1f900, 0x1faff),
  faces: of("😀😜😭🥰🔥🎉👍🚀"),
  toned: () => pick([..."👍👋🤝🫶🧑💪☝🥷a❤"]) + pick(["", "", "\ufe0f"]) + skin(),
  families: words("👨‍👩‍👧‍👦", "👩‍❤️‍💋‍👨", "👩🏽‍🚀", "🧑‍💻", "🧑🏻‍🤝‍🧑🏿", "👨🏿‍⚕️", "👩‍👩‍👦", "👨🏽‍👩🏽"),
  joined: words("🏳️‍🌈", "🏴‍☠️", "🏳️‍⚧️", "🐻‍❄️", "❤️‍🔥", "👁️‍🗨️", "🧔‍♂️", "🤷🏽‍♀️", "😶‍🌫️", "🐈‍⬛"),
  pieces: words("\u200d", "\ufe0f", "👩", "🏽", "❤", "🚀", "a", "🇩", "\u0301", "👦", "\u0600", "\u200d🚀"),
  flags: words("🇩🇪", "🇮🇹", "🇺🇸", "🇯🇵", "🇫🇷"),
  regional: between(0x1f1e6, 0x1f1ff),
  marked: words("🇩🇪\u0301\u0302", "🇩\ufe0f\ufe0f", "🇩🇪\u200d", "🇩🇪\ufe0f\u20e3", "a", "\u0600🇩", "🇪"),
  tags: words("🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", "🏴", "\u{e0067}", "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}"),
  keycaps: words("1️⃣", "2️⃣", "#️⃣", "*️⃣", "0⃣"),
  combined: () => pick([..."aeioucnAEO"]) + pick(["", ..."\u0300\u0301\u0302\u0303\u0308\u030a\u0327\u0336"]),
  stacked: () => pick([..."aeiou"]) + Array.from({ length: random(6) }, between(0x300, 0x36f)).join(""),
  marks: () => (random(3) ? letters() : between(0x300, 0x36f)()),
  selectors: () => pick(["葛", "❤", "☎", "1", "a"]) + pick(["\ufe00", "\ufe0e", "\ufe0f", "\u{e0100}", ""]),
  prepends: words("\u0600", "\u0601", "\u06dd", "\u{110bd}", "\u0d4e", "a", "ب", "🇩", "\u0301", "🏽"),
  quotes: of("“”‘’«»„…–—•′ "),
  spaces: of("\u00a0\u2003\u2009\u200a\u202f\u3000\u2028\ufeff\u200b\u200c\t "),
  fractions: of("½¼¾‼‹›÷"),
  small: of("ᴀʙᴄᴅᴇꜰɢʜɪᴊ"),
  any: () => {
    const code = random(4) ? random(0x3000) : random(0x20000);
    return code >= 0xd800 && code <= 0xdfff ? "a" : String.fromCodePoint(code);
  },
};
const names = Object.keys(sources);
const bounds = [[55, 85], [60, 80], [125, 170], [195, 215], [262, 275], [296, 325], [440, 470], [0, 20]];

// A text of about so many UTF-16 code units (or septets), from one to four sources, with runs and single guests.
const text = () => {
  const mix = Array.from({ length: 1 + random(4) }, () => sources[pick(names)]);
  if (random(3) === 0) mix.push(pick([letters, ascii, gsm, letters]));
  const rare = random(2) ? mix.pop() : undefined;
  if (mix.length === 0) mix.push(letters);
  const [first, last] = short ? pick([[64, 74], [128, 140], [156, 164], [196, 206]]) : pick(bounds);
  const size = first + random(last - first + 1);
  const run = 1 + random(12);
  let made = "";
  while (made.length < size) {
    const source = rare && random(25) === 0 ? rare : pick(mix);
    for (let left = random(run) + 1; left > 0 && made.length < size; left--) made += source();
  }
  return made;
};

// What calculator and carrier cannot agree on: a cluster larger than a segment.
const giant = (message) => message.graphemes.some((grapheme) => grapheme.length > 67);

for (let made = 0; made < count; ) {
  const body = text();
  const [plain, smart] = [false, true].map((on) => new SegmentedMessage(body, "auto", on));
  if (giant(plain) || giant(smart)) continue;
  made += 1;
  const judged = [plain, smart].map((message) => [message.getEncodingName(), message.segmentsCount]);
  const rewritten = short ? undefined : smart.graphemes.join("");
  console.log(JSON.stringify({ text: body, plain: judged[0], smart: judged[1], rewritten }));
}
