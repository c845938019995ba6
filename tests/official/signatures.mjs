// Random requests, signed and judged by Twilio's Node package. It reads what the Python package signed, adds its own
// judgement to each, and as many of its own.
//
//     node signatures.mjs < cases.jsonl > more.jsonl

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const twilio = createRequire(import.meta.url)("twilio");
const { getExpectedTwilioSignature, validateRequest } = twilio;

const judge = ({ token, signature, url, params }) => validateRequest(token, signature, url, params);

const cases = readFileSync(0, "utf8").trim().split("\n").map((line) => JSON.parse(line));
for (const given of cases) {
  console.log(JSON.stringify({ ...given, node: judge(given) }));
}
for (const [index, given] of cases.entries()) {
  // The same material the other way round: as Node writes the URL it signs, in every spelling it knows.
  const written = new URL(given.url);
  if (index % 3 === 1 && written.search) {
    const pairs = new URLSearchParams(written.search);
    written.search = [...new Set(pairs.keys())]
      .flatMap((key) => pairs.getAll(key).map((value) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`))
      .join("&");
  }
  const signature = getExpectedTwilioSignature(given.token, written.toString(), given.params);
  const own = { ...given, signer: "node", signature, spoiled: "none" };
  if (index % 4 === 0) {
    own.params = { ...own.params, Added: ["x"] };
    own.spoiled = "added";
  }
  console.log(JSON.stringify({ ...own, node: judge(own) }));
}
