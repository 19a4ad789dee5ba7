// Times OPA's WebAssembly target in Node on the inputs of the benchmarks, request text to decision text.
// Usage: node run.mjs WASM_DIR INPUT_DIR, where WASM_DIR holds POLICY.wasm for each.
// Prints {engine: {policy: {turn_ns, p50_ns, p99_ns, disagreements}}}, where turn_ns is the time of a decision in a round
// over all inputs, the median of the rounds.
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import opa from "@open-policy-agent/opa-wasm";

const ROUNDS = 5;
const [folder, inputFolder] = process.argv.slice(2);
if (!inputFolder) {
  console.error("usage: node run.mjs WASM_DIR INPUT_DIR");
  process.exit(2);
}

const lines = (path) => readFileSync(path, "utf8").trimEnd().split("\n");

const figures = {};
for (const name of ["resource_limits", "sla_enforcement", "feature_flags"]) {
  const policy = await opa.loadPolicy(readFileSync(`${folder}/${name}.wasm`));
  const inputs = lines(`${inputFolder}/${name}.ndjson`).map((line) => new TextEncoder().encode(line).buffer);
  const answers = lines(`${inputFolder}/${name}.answers.ndjson`).map((line) => JSON.parse(line));
  const decide = (input) => policy.evaluate(input)[0].result;
  const disagreements = inputs.filter((input, i) => !isDeepStrictEqual(decide(input), answers[i])).length;
  const times = [], turns = [];
  for (let round = 0; round < ROUNDS; ++round) {
    let turn = 0;
    for (const input of inputs) {
      const start = process.hrtime.bigint();
      JSON.stringify(decide(input));
      times.push(Number(process.hrtime.bigint() - start));
      turn += times.at(-1);
    }
    turns.push(Math.round(turn / inputs.length));
  }
  for (const list of [times, turns]) list.sort((a, b) => a - b);
  figures[name] = { turn_ns: turns[turns.length >> 1], p50_ns: times[times.length >> 1], p99_ns: times[Math.floor(times.length * 0.99)], disagreements };
}
console.log(JSON.stringify({ "OPA wasm": figures }));
